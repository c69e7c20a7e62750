import { writeArtifacts } from '../model/artifact.js'
import type { ModelResult } from '../model/build.js'
import type { TestResult } from '../model/check.js'
import type { Log } from '../log.js'
import {
  type BuildRequest,
  buildAll,
  compileModels,
  refuseBroken,
  refuseFailing,
  testAll,
} from './model.js'
import { sealed } from './phase.js'
import type { Move, Recorder } from './recorder.js'
import type { Session } from './session.js'
import { counted } from './words.js'

/** Builds every model, in a warehouse that reaches nothing outside. */
export async function buildStep(
  session: Session,
  recorder: Recorder,
): Promise<readonly ModelResult[]> {
  return await recorder.step('build', (move) =>
    withModels(session, async (warehouse, compiled) => {
      const models = await buildAll(
        warehouse,
        compiled,
        requestOf(session, move),
      )
      await recorder.set({ models: models.map(modelRecord) })
      await writeArtifacts(session.folders.target, compiled, models, [])
      refuseBroken(models)
      await recorder.set({ leads: await liveLeads(warehouse) })
      return { text: counted(models.length, 'model'), result: models }
    }),
  )
}

/** Tests what was built; a failing test stops the run before the plan. */
export async function testStep(
  session: Session,
  recorder: Recorder,
  models: readonly ModelResult[],
): Promise<void> {
  await recorder.step('test', (move) =>
    withModels(session, async (warehouse, compiled) => {
      const tests = await testAll(
        warehouse,
        compiled,
        requestOf(session, move),
        models,
      )
      await recorder.set({ tests: tests.map(testRecord) })
      await writeArtifacts(session.folders.target, compiled, models, tests)
      refuseFailing(tests, session.loaded.pipeline.name)
      return { text: testText(tests), result: undefined }
    }),
  )
}

/** After applying: the same models over what was read back, and their tests. */
export async function rebuild(session: Session): Promise<number> {
  return await withModels(session, async (warehouse, compiled) => {
    const request = requestOf(session, () => {})
    const models = await buildAll(warehouse, compiled, request)
    refuseBroken(models)
    const tests = await testAll(warehouse, compiled, request, models)
    refuseFailing(tests, session.loaded.pipeline.name)
    await writeArtifacts(session.folders.target, compiled, models, tests)
    return await liveLeads(warehouse)
  })
}

async function withModels<T>(
  { folders, loaded, projectDir }: Session,
  work: (
    warehouse: Parameters<Parameters<typeof sealed>[1]>[0],
    compiled: Awaited<ReturnType<typeof compileModels>>,
  ) => Promise<T>,
): Promise<T> {
  return await sealed(folders, async (warehouse) => {
    const compiled = await compileModels(warehouse, loaded.pipeline, projectDir)
    return await work(warehouse, compiled)
  })
}

async function liveLeads(
  warehouse: Parameters<Parameters<typeof sealed>[1]>[0],
): Promise<number> {
  const { leads } = await warehouse.one<{ leads: number }>(
    'select count(*) filter (where not is_deleted) as leads from main.lead',
  )
  return leads
}

function requestOf({ log, signal }: Session, move: Move): BuildRequest {
  return {
    names: null,
    signal,
    onModel: (result, done, total) => {
      logModel(log, result)
      move(done, total, `${done} of ${counted(total, 'model')}`)
    },
    onTest: (result, done, total) => {
      logTest(log, result)
      move(done, total, `${done} of ${counted(total, 'test')}`)
    },
  }
}

const modelEvent = {
  success: 'model.built',
  error: 'model.failed',
  skipped: 'model.skipped',
} as const

function logModel(log: Log, result: ModelResult): void {
  log.event(modelEvent[result.status], {
    model: result.model,
    dur_ms: Math.round(result.seconds * 1000),
    ...(result.rows !== null && { rows: result.rows }),
    ...(result.status !== 'success' && { msg: result.message }),
  })
}

const testEvent = {
  pass: 'test.passed',
  warn: 'test.warned',
  fail: 'test.failed',
  error: 'test.failed',
  skipped: 'test.failed',
} as const

function logTest(log: Log, result: TestResult): void {
  log.event(testEvent[result.status], {
    test: result.test,
    model: result.model,
    count: result.failures,
  })
}

function modelRecord({ model, status, rows, seconds, message }: ModelResult) {
  return {
    model,
    status,
    rows,
    seconds,
    message: status === 'success' ? null : message,
  }
}

function testRecord({ test, model, status, failures, message }: TestResult) {
  return {
    test,
    model,
    status,
    failures,
    message: message === '' ? null : message,
  }
}

function testText(tests: readonly TestResult[]): string {
  const passed = tests.filter(({ status }) => status === 'pass').length
  const warned = tests.filter(({ status }) => status === 'warn').length
  const warnings = warned === 0 ? '' : ` · ${counted(warned, 'warning')}`
  return `${passed} passed${warnings}`
}

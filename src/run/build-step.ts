import { instant } from '../clock.js'
import { writeArtifacts } from '../model/artifact.js'
import type { ModelResult } from '../model/build.js'
import type { Compiled } from '../model/compile.js'
import type { TestResult } from '../model/check.js'
import type { Log } from '../log.js'
import {
  type BuildRequest,
  refuseBroken,
  refuseFailing,
  testAll,
} from './model.js'
import { buildMatched, type MatchPlace } from './match.js'
import { compileModels } from './project.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { sealed } from './phase.js'
import type { Move, Recorder } from './recorder.js'
import type { Session } from './session.js'
import { counted } from '../format.js'
import { domainNotes } from './domain-note.js'
import { hashNotes } from './hash-note.js'
import { matchNotes, scoreNotes } from './match-note.js'
import { strangerNote } from './override.js'

/** Builds every model, in a warehouse that reaches nothing outside. */
export async function buildStep(
  session: Session,
  recorder: Recorder,
): Promise<readonly ModelResult[]> {
  return await recorder.step('build', (move) =>
    withModels(session, async (warehouse, compiled) => {
      const models = await buildMatched(
        warehouse,
        compiled,
        requestOf(session, move),
        matchPlace(session),
      )
      await recorder.set({ models: models.map(modelRecord) })
      await write(session, compiled, models, [])
      refuseBroken(models, session.loaded.pipeline.name, 'plan')
      const { pipeline } = session.loaded
      const stranger = await strangerNote(warehouse, pipeline.name)
      const notes = [
        ...(stranger === null ? [] : [stranger]),
        ...(await domainNotes(warehouse, pipeline)),
        ...(await hashNotes(warehouse, compiled)),
        ...(await scoreNotes(warehouse, compiled, session.log)),
        ...(await matchNotes(warehouse, compiled, session.log)),
      ]
      for (const note of notes) recorder.note(note)
      await recorder.set(await found(warehouse))
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
      await write(session, compiled, models, tests)
      refuseFailing(tests, session.loaded.pipeline.name, 'plan')
      return { text: testText(tests), result: undefined }
    }),
  )
}

/** After applying: the same models over what was read back, and their tests. */
export async function rebuild(
  session: Session,
  recorder: Recorder,
): Promise<void> {
  await withModels(session, async (warehouse, compiled) => {
    const request = requestOf(session, () => {})
    const models = await buildMatched(
      warehouse,
      compiled,
      request,
      matchPlace(session),
    )
    refuseBroken(models, session.loaded.pipeline.name, 'publish')
    const tests = await testAll(warehouse, compiled, request, models)
    refuseFailing(tests, session.loaded.pipeline.name, 'publish')
    await write(session, compiled, models, tests)
    const { leads, review } = await found(warehouse)
    // A continued plan was built by the run that was killed.
    const known = recorder.record.leads
    await recorder.set({ review, leads: known === 0 ? leads : known })
  })
}

function matchPlace({ loaded, projectDir, clock, log }: Session): MatchPlace {
  return {
    pipeline: loaded.pipeline,
    projectDir,
    clock,
    note: (text) => log.event('model.warned', { msg: text }),
  }
}

async function withModels<T>(
  session: Session,
  work: (warehouse: Warehouse, compiled: Compiled) => Promise<T>,
): Promise<T> {
  const { loaded, projectDir } = session
  return await sealed(session, async (warehouse) => {
    const compiled = await compileModels(warehouse, loaded, projectDir)
    return await work(warehouse, compiled)
  })
}

async function write(
  { folders, clock }: Session,
  compiled: Compiled,
  models: readonly ModelResult[],
  tests: readonly TestResult[],
): Promise<void> {
  const at = instant(clock)
  await writeArtifacts(folders.target, { compiled, models, tests, at })
}

/** What the models found, for the record. */
async function found(
  warehouse: Warehouse,
): Promise<{ leads: number; review: number }> {
  return await warehouse.one(
    `select
       (select count(*) from main.lead where not is_deleted) as leads,
       (select count(*) from main.review_queue where not is_decided)
         as review`,
  )
}

function requestOf({ log, signal, clock }: Session, move: Move): BuildRequest {
  return {
    names: null,
    signal,
    clock,
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

/** Builds and tests compiled models, and says what their failures mean. */
import type { Clock } from '../clock.js'
import { exitCode, PipelineError } from '../error.js'
import { type ModelResult, buildModels } from '../model/build.js'
import { type TestResult, testModels } from '../model/check.js'
import type { Compiled } from '../model/compile.js'
import type { Warehouse } from '../warehouse/warehouse.js'

export interface Built {
  readonly models: readonly ModelResult[]
  readonly tests: readonly TestResult[]
}

export interface BuildRequest {
  /** Models to build; null: all. */
  readonly names: readonly string[] | null
  readonly onModel: (result: ModelResult, done: number, total: number) => void
  readonly onTest: (result: TestResult, done: number, total: number) => void
  readonly signal: AbortSignal
  readonly clock: Clock
}

export async function buildAll(
  warehouse: Warehouse,
  compiled: Compiled,
  { names, onModel, signal, clock }: BuildRequest,
): Promise<ModelResult[]> {
  return await interruptible(warehouse, signal, () =>
    buildModels(warehouse, compiled, { names, emit: onModel, signal, clock }),
  )
}

export async function testAll(
  warehouse: Warehouse,
  compiled: Compiled,
  { names, onTest, signal, clock }: BuildRequest,
  models: readonly ModelResult[],
): Promise<TestResult[]> {
  const broken = new Set(
    models
      .filter(({ status }) => status !== 'success')
      .map(({ model }) => model),
  )
  return await interruptible(warehouse, signal, () =>
    testModels(warehouse, compiled, {
      names,
      broken,
      emit: onTest,
      signal,
      clock,
    }),
  )
}

async function interruptible<T>(
  warehouse: Warehouse,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const stop = () => warehouse.interrupt()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const result = await work()
    signal.throwIfAborted()
    return result
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** What did not happen because of a failure, in words. */
const lost = {
  plan: 'Nothing was planned or published',
  publish: 'The plan was applied and is recorded, but nothing was published',
} as const

/** Throws (exit 1) where a model was not built. */
export function refuseBroken(
  models: readonly ModelResult[],
  pipeline: string,
  before: keyof typeof lost,
): void {
  const failed = models.filter(({ status }) => status === 'error')
  const [first] = failed
  if (first === undefined) return
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`
  throw new PipelineError(
    'model_failed',
    `The model ${first.model} could not be built${more}: ${sentence(first.message)} ${lost[before]}; correct the model and run again (its SQL: pipeline compile ${pipeline} --select ${first.model}).`,
    { exit: exitCode.failed, details: { models: failed.map((m) => m.model) } },
  )
}

/** Throws (exit 1) where a test failed. */
export function refuseFailing(
  tests: readonly TestResult[],
  pipeline: string,
  before: keyof typeof lost,
): void {
  const failed = tests.filter(
    ({ status }) => status === 'fail' || status === 'error',
  )
  const [first] = failed
  if (first === undefined) return
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`
  throw new PipelineError(
    'test_failed',
    `The test ${first.test} ${first.status === 'error' ? 'could not be run' : 'failed'}${more}: ${sentence(first.message)} ${lost[before]}; look with: pipeline show ${pipeline} --test ${first.test}`,
    { exit: exitCode.failed, details: { tests: failed.map((t) => t.test) } },
  )
}

/** DuckDB's messages end as they like. */
function sentence(text: string): string {
  const trimmed = text.trimEnd()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

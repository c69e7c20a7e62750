/** Runs the tests of models: queries that must return no rows. */
import { asError } from '../error.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Compiled, CompiledTest } from './compile.js'
import { isOfTheMachine, refusal, requireSealed } from './statement.js'

export interface TestResult {
  readonly test: string
  readonly model: string
  readonly status: 'pass' | 'warn' | 'fail' | 'error' | 'skipped'
  /** Rows that should not be. */
  readonly failures: number
  readonly startedAt: string
  readonly seconds: number
  readonly message: string
}

export interface CheckOptions {
  /** Models whose tests to run; all where it is null. */
  readonly names: readonly string[] | null
  /** Models that were not built; their tests are skipped. */
  readonly broken: ReadonlySet<string>
  readonly emit: (result: TestResult, done: number, total: number) => void
  readonly signal: AbortSignal
}

export async function testModels(
  warehouse: Warehouse,
  compiled: Compiled,
  { names, broken, emit, signal }: CheckOptions,
): Promise<TestResult[]> {
  requireSealed(warehouse)
  const wanted = compiled.tests.filter(
    ({ test }) => names === null || names.includes(test.model),
  )
  const results: TestResult[] = []
  for (const each of wanted) {
    signal.throwIfAborted()
    const result = each.refs.some((ref) => broken.has(ref))
      ? ended(each, 'skipped', 0, performance.now(), 'its model was not built')
      : await runTest(warehouse, each)
    results.push(result)
    emit(result, results.length, wanted.length)
  }
  return results
}

async function runTest(
  warehouse: Warehouse,
  compiled: CompiledTest,
): Promise<TestResult> {
  const started = performance.now()
  const { test, sql } = compiled
  try {
    const why = await refusal(warehouse, sql)
    if (why !== null) {
      return ended(compiled, 'error', 0, started, `its SQL ${why}`)
    }
    const { failures } = await warehouse.one<{ failures: number }>(
      `select count(*) as failures from (\n${sql}\n)`,
    )
    if (failures === 0) return ended(compiled, 'pass', 0, started, '')
    const status = test.severity === 'warn' ? 'warn' : 'fail'
    const message = `${failures} ${failures === 1 ? 'row' : 'rows'} should not be there`
    return ended(compiled, status, failures, started, message)
  } catch (error) {
    if (isOfTheMachine(error)) throw error
    return ended(compiled, 'error', 0, started, asError(error).message)
  }
}

function ended(
  { test }: CompiledTest,
  status: TestResult['status'],
  failures: number,
  started: number,
  message: string,
): TestResult {
  const seconds = (performance.now() - started) / 1000
  return {
    test: test.name,
    model: test.model,
    status,
    failures,
    startedAt: new Date(Date.now() - seconds * 1000).toISOString(),
    seconds,
    message,
  }
}

/** Runs the tests of models: queries that must return no rows. */
import { type Clock, instant } from '../clock.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Compiled, CompiledTest } from './compile.js'
import { sqlMessage } from './sql-message.js'
import { examine, isOfTheMachine, refusal, requireSealed } from './statement.js'

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
  readonly clock: Clock
}

export async function testModels(
  warehouse: Warehouse,
  compiled: Compiled,
  { names, broken, emit, signal, clock }: CheckOptions,
): Promise<TestResult[]> {
  requireSealed(warehouse)
  const wanted = compiled.tests.filter(
    ({ test }) => names === null || names.includes(test.model),
  )
  await examine(
    warehouse,
    wanted.map(({ sql }) => sql),
  )
  const results: TestResult[] = []
  for (const each of wanted) {
    signal.throwIfAborted()
    const end = timed(each, clock)
    const result = each.refs.some((ref) => broken.has(ref))
      ? end('skipped', 0, 'its model was not built')
      : await runTest(warehouse, each.sql, end, each.test.severity)
    results.push(result)
    emit(result, results.length, wanted.length)
  }
  return results
}

type End = (
  status: TestResult['status'],
  failures: number,
  message: string,
) => TestResult

/** Starts a test's time; the function ends it and makes the result. */
function timed({ test }: CompiledTest, clock: Clock): End {
  const startedAt = instant(clock)
  const started = clock.monotonic()
  return (status, failures, message) => ({
    test: test.name,
    model: test.model,
    status,
    failures,
    startedAt,
    seconds: (clock.monotonic() - started) / 1000,
    message,
  })
}

async function runTest(
  warehouse: Warehouse,
  sql: string,
  end: End,
  severity: CompiledTest['test']['severity'],
): Promise<TestResult> {
  try {
    const why = await refusal(warehouse, sql)
    if (why !== null) return end('error', 0, `its SQL ${why}`)
    const { failures } = await warehouse.one<{ failures: number }>(
      `select count(*) as failures from (\n${sql}\n)`,
    )
    if (failures === 0) return end('pass', 0, '')
    const status = severity === 'warn' ? 'warn' : 'fail'
    const message = `${failures} ${failures === 1 ? 'row' : 'rows'} should not be there`
    return end(status, failures, message)
  } catch (error) {
    if (isOfTheMachine(error)) throw error
    return end('error', 0, sqlMessage(error))
  }
}

/** Applies a plan to a sandbox in time that only waiting moves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PipelineError } from '../../src/error.js'
import { approve } from '../../src/load/decide.js'
import { FieldRules } from '../../src/load/field-rule.js'
import type { PlanRow } from '../../src/load/plan.js'
import { PriceMeter } from '../../src/load/price.js'
import type { CallRecord, Marketo } from '../../src/marketo/api.js'
import type { Budget } from '../../src/pipeline/pipeline.js'
import { connect } from '../../src/marketo/client.js'
import { quotaDayStart, quotaReset } from '../../src/marketo/day.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import { apply, pipeline, type World, writePlan } from '../load/world.js'
import { JumpClock } from '../soak/jump-clock.js'
import { type RateUse, usageOf } from './call-usage.js'
import { email, fewestCalls, leadsOf, rowsOf, type Shape } from './call-plan.js'

export interface CallRun extends Shape {
  readonly bulkImport: boolean
  readonly callsPerDay?: number
  /** Left out: 50. */
  readonly callsPer20s?: number
  readonly timing?: SandboxOptions['timing']
}

export interface CallResult extends RateUse {
  readonly rows: number
  readonly done: number
  readonly planned: number
  readonly fewest: number
  /** Calls against the fewest that could have done it. */
  readonly ratio: number
  /** What the budget allows in 20 s. */
  readonly allowed: number
  /** Times that the day's budget was used up and the run went on later. */
  readonly pauses: number
}

const start = Date.parse('2026-11-20T15:00:00Z')
const minute = 60_000

export async function measureCalls(run: CallRun): Promise<CallResult> {
  const folder = mkdtempSync(join(tmpdir(), 'calls-'))
  const path = join(folder, 'leads.csv')
  writeFileSync(path, leadFile(run))
  const clock = new JumpClock(start, true)
  const sandbox = await startSandbox({
    leads: { kind: 'file', path },
    seed: 1,
    clock: clock.forServer(),
    ...(run.timing === undefined ? {} : { timing: run.timing }),
  })
  try {
    return await new Measure(run, { sandbox, clock, folder }).take()
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function leadFile({ clusters, ...shape }: Shape): string {
  const winners = new Set<number>()
  let next = 1
  for (const size of clusters) {
    winners.add(next)
    next += size
  }
  const count = leadsOf({ clusters, ...shape })
  const lines = Array.from({ length: count }, (_, n) => {
    const id = n + 1
    const isLoser = id < next && !winners.has(id)
    return `${id},${email(id)},${isLoser}`
  })
  return `${['id,email,unsubscribed', ...lines].join('\n')}\n`
}

class Measure {
  readonly #run: CallRun
  readonly #sandbox: Sandbox
  readonly #clock: JumpClock
  readonly #folder: string
  readonly #budget: Budget
  readonly #calls: CallRecord[] = []
  /** Milliseconds of this clock at which counted calls were over. */
  readonly #at: number[] = []

  constructor(
    run: CallRun,
    world: { sandbox: Sandbox; clock: JumpClock; folder: string },
  ) {
    this.#run = run
    const { budget } = pipeline.marketo
    const { callsPer20s = 50, callsPerDay = budget.callsPerDay } = run
    this.#budget = { ...budget, callsPer20s, callsPerDay }
    this.#sandbox = world.sandbox
    this.#clock = world.clock
    this.#folder = world.folder
  }

  async take(): Promise<CallResult> {
    const marketo = this.#connect()
    const schema = await marketo.schema()
    const rules = new FieldRules(schema)
    const world: World = {
      sandbox: this.#sandbox,
      marketo,
      schema,
      rules,
      folder: this.#folder,
      calls: this.#calls,
      events: [],
      close: async () => {},
    }
    const rows = rowsOf(this.#run, rules)
    const price = this.#price(rows, rules)
    const plan = await writePlan(world, rows, { price })
    // More than the guardrails of the tests let through.
    await approve(plan, 'bench', new Date(start).toISOString(), this.#folder)
    const before = this.#at.length
    const { done, days } = await this.#carryOut(world, plan)
    const used = this.#at.length - before
    const fewest = fewestCalls(this.#run, this.#run.bulkImport)
    const spent = days.reduce((sum, day) => sum + spanOf(day), 0)
    const rate = this.#budget.callsPer20s
    const needed = days.reduce(
      (sum, day) => sum + leastSpan(day.length, rate),
      0,
    )
    const usage = await usageOf(this.#sandbox.endpoint)
    return {
      rows: rows.length,
      done,
      planned: price.calls,
      used,
      fewest,
      ratio: used / fewest,
      virtualMinutes: spent / minute,
      rateUsed: spent === 0 ? 1 : needed / spent,
      peak: usage.highest,
      allowed: rate,
      refused: usage.refused,
      pauses: days.length - 1,
    }
  }

  /** On to the end, over as many days as the calls take. */
  async #carryOut(world: World, plan: string) {
    const days: (readonly number[])[] = []
    // What was called before the plan has its places in the first window.
    let from = 0
    const endDay = () => {
      days.push(this.#at.slice(from))
      from = this.#at.length
    }
    for (let { marketo } = world; ; marketo = this.#connect()) {
      try {
        const result = await apply({ ...world, marketo }, plan)
        endDay()
        return { done: result.done, days }
      } catch (error) {
        const isDaily =
          error instanceof PipelineError && error.code === 'budget'
        if (!isDaily) throw error
        endDay()
        const now = this.#clock.now()
        const until = quotaReset(now) + 61 * minute
        await this.#clock.sleep(until - now)
      }
    }
  }

  #price(rows: readonly PlanRow[], rules: FieldRules) {
    const { bulkImport } = this.#run
    const meter = new PriceMeter({ rules, bulkImport, crmRecordsPerHour: null })
    for (const row of rows) meter.add(row)
    return meter.price(this.#budget, 0)
  }

  #connect(): Marketo {
    const { endpoint, clientId, clientSecret } = this.#sandbox
    const today = quotaDayStart(this.#clock.now())
    return connect({
      endpoint,
      clientId,
      clientSecret,
      budget: this.#budget,
      timeScale: 1,
      clock: this.#clock,
      random: () => 0.5,
      initialCalls: this.#at.filter((at) => at >= today).length,
      onCall: (call) => {
        this.#calls.push(call)
        if (call.counted) this.#at.push(this.#clock.now())
      },
    })
  }
}

function spanOf(day: readonly number[]): number {
  return (day.at(-1) ?? 0) - (day[0] ?? 0)
}

/** A full window at once, and the next 20 s later. */
function leastSpan(calls: number, rate: number): number {
  return 20_000 * (Math.ceil(calls / rate) - 1)
}

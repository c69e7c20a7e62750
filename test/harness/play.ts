/** Plays one schedule to its end, with the product's own code. */
import { PipelineError } from '../../src/error.js'
import { applyPlan } from '../../src/load/apply.js'
import { connect } from '../../src/marketo/client.js'
import { pipeline } from '../load/pipeline.js'
import { MemoryDisk } from './disk.js'
import type { Event } from './event.js'
import type { Row } from './fact.js'
import { type Behaviour, faultsOf, rareFaults } from './fault.js'
import { type Lead, Leads } from './marketo.js'
import { Network } from './network.js'
import { instance, planOf, schema, tool } from './plan.js'
import { Random } from './random.js'
import type { Life, Schedule } from './schedule.js'
import { Process, Time } from './time.js'

export interface Played {
  readonly schedule: Schedule
  readonly rows: readonly Row[]
  readonly before: readonly Lead[]
  readonly after: Leads
  readonly events: readonly Event[]
  /** Lines of the plan's journal at the end. */
  readonly journal: string
  /** Faults that struck, by name. */
  readonly faults: ReadonlyMap<string, number>
  /** Processes that died, by the place at which they did. */
  readonly crashes: ReadonlyMap<string, number>
  readonly sleeps: number
  readonly diskFaults: number
  /** In order: where a process of the schedule could have died. */
  readonly passed: readonly Passing[]
  /** Virtual milliseconds. */
  readonly lasted: number
  readonly requests: number
}

export interface Passing {
  readonly process: number
  readonly point: string
  /** Requests of all processes until then. */
  readonly requests: number
}

const mostProcesses = 40
const minute = 60_000
const folder = '/p'

export async function play(schedule: Schedule): Promise<Played> {
  return await new Play(schedule).run()
}

type Ending =
  | { readonly how: 'done' }
  | { readonly how: 'crash' | 'asleep' }
  | { readonly how: 'error'; readonly error: unknown }

class Play {
  readonly #schedule: Schedule
  readonly #time: Time
  readonly #random: Random
  readonly #leads: Leads
  readonly #disk: MemoryDisk
  readonly #network: Network
  readonly #events: Event[] = []
  readonly #passed: Passing[] = []
  readonly #crashes = new Map<string, number>()
  readonly #plan: ReturnType<typeof planOf>
  readonly #processes: Process[] = []
  #sleeps = 0
  /** Calls of earlier processes that count today, with the day's begin. */
  #called: number[] = []
  /** Journals as they once were. */
  #older: string | null = null

  constructor(schedule: Schedule) {
    this.#schedule = schedule
    this.#time = new Time(schedule.epoch)
    this.#random = new Random(schedule.seed + 0x5bd1e995)
    this.#leads = new Leads(schedule.leads)
    const { wanted, leads, epoch } = schedule
    this.#plan = planOf(wanted, leads, epoch - 10 * minute)
    this.#disk = new MemoryDisk((file, text, durable) => {
      this.#log({ t: this.#time.now, type: 'line', file, text, durable })
    })
    this.#disk.fault = schedule.diskFault
    this.#disk.write(this.#planPath, this.#plan.text)
    this.#network = new Network({
      time: this.#time,
      random: this.#random,
      leads: this.#leads,
      follow: schedule.follow,
      tokenLife: schedule.tokenLife,
      fault: (n, kind) => schedule.fault(n, kind, this.#random),
      behaviour: behaviourOf,
      log: (event) => this.#log(event),
    })
    for (const edit of schedule.edits) {
      this.#time.at(edit.at, () => this.#edit(edit))
    }
  }

  get #planPath(): string {
    return `${folder}/plan/${this.#plan.name}.jsonl`
  }

  get #journalPath(): string {
    return `${folder}/journal/${this.#plan.name}.jsonl`
  }

  async run(): Promise<Played> {
    const { lives } = this.#schedule
    let isDone = false
    // Too old to be begun: nothing was done, and a new plan is to be made.
    let isTooOld = false
    for (
      let number = 0;
      number < mostProcesses && !isDone && !isTooOld;
      number += 1
    ) {
      const life = lives[Math.min(number, lives.length - 1)]
      if (life === undefined) break
      const ending = await this.#live(number, life)
      isDone = ending.how === 'done'
      isTooOld = codeOf(ending) === 'plan_stale'
      if (!isDone) await this.#between(ending, life)
    }
    // Whoever still sleeps wakes up, long after.
    await this.#time.until(() => false)
    return {
      schedule: this.#schedule,
      rows: this.#plan.rows,
      before: this.#schedule.leads,
      after: this.#leads,
      events: this.#events,
      journal: this.#disk.read(this.#journalPath) ?? '',
      faults: this.#network.hits,
      crashes: this.#crashes,
      sleeps: this.#sleeps,
      diskFaults: this.#disk.hits,
      passed: this.#passed,
      lasted: this.#time.now,
      requests: this.#network.requests,
    }
  }

  #log(event: Event): void {
    this.#events.push(event)
  }

  async #live(number: number, life: Life): Promise<Ending> {
    const process = new Process(this.#time, {
      number,
      skew: life.skew,
      mishap: life.mishap,
      passed: (point) => {
        const { requests } = this.#network
        this.#passed.push({ process: number, point, requests })
      },
    })
    this.#processes.push(process)
    this.#log({ t: this.#time.now, type: 'start', process: number })
    let ending: Ending | null = null
    void this.#ending(process).then((found) => {
      ending = found
      return found
    })
    const goesOn = await this.#time.until(
      () =>
        ending !== null ||
        !process.alive ||
        process.asleepUntil > this.#time.now,
    )
    if (ending !== null) return ending
    if (!goesOn) {
      this.#tellEnd(process, 'threw nothing and hangs', null)
      return { how: 'crash' }
    }
    return this.#struck(process, life)
  }

  #tellEnd(process: Process, how: string, exit: number | null): void {
    if (how !== 'asleep') process.alive = false
    const t = this.#time.now
    this.#log({ t, type: 'end', process: process.number, how, exit })
  }

  async #ending(process: Process): Promise<Ending> {
    try {
      await this.#apply(process)
      this.#tellEnd(process, 'done', null)
      return { how: 'done' }
    } catch (error) {
      const isOurs = error instanceof PipelineError
      const what = error instanceof Error ? error.stack : String(error)
      const how = isOurs ? error.code : `threw ${what}`
      this.#tellEnd(process, how, isOurs ? error.exit : null)
      return { how: 'error', error }
    }
  }

  #struck(process: Process, life: Life): Ending {
    const how = process.alive ? 'asleep' : 'crash'
    this.#tellEnd(process, how, null)
    if (how === 'asleep') this.#sleeps += 1
    else this.#fall(process, life)
    return { how }
  }

  #fall(process: Process, life: Life): void {
    // Whoever sleeps has files of this disk open.
    const isShared = this.#processes.some(({ alive }) => alive)
    const loss = isShared ? 'kept' : life.loss
    const point = process.struckAt ?? ''
    this.#crashes.set(point, (this.#crashes.get(point) ?? 0) + 1)
    // Calls on their way are counted by Marketo and were told to nobody: as
    // a run does, the next process takes them for as many as there can be.
    const { concurrency } = this.#schedule.budget
    for (let n = 0; n < concurrency; n += 1) this.#called.push(this.#time.now)
    if (loss === 'power') this.#disk.cutPower(this.#random.next())
    if (loss === 'all') {
      this.#disk.remove((path) => path === this.#planPath)
      this.#lost('all')
    }
    if (loss === 'journal') {
      this.#disk.remove((path) => path !== this.#journalPath)
      this.#lost('journal')
    }
    if (loss === 'older' && this.#older !== null) {
      this.#disk.write(this.#journalPath, this.#older)
      this.#lost('older')
    }
    this.#older = this.#disk.read(this.#journalPath)
  }

  #lost(what: 'all' | 'journal' | 'older'): void {
    this.#log({ t: this.#time.now, type: 'lost', what })
  }

  async #between(ending: Ending, life: Life): Promise<void> {
    const until = this.#time.now + this.#pauseAfter(ending, life)
    this.#time.at(until, () => {})
    await this.#time.until(() => this.#time.now >= until)
  }

  #pauseAfter(ending: Ending, life: Life): number {
    if (ending.how !== 'error') return life.pause
    const { error } = ending
    if (!(error instanceof PipelineError)) return minute
    if (error.code === 'journal_older') {
      // What its message says a person should do.
      this.#disk.remove((path) => path !== this.#journalPath)
      this.#lost('journal')
    }
    if (/quota|budget/.test(error.code)) return this.#untilReset()
    return error.code === 'lease_held' ? 16 * minute : 2 * minute + life.pause
  }

  /** Past both readings of midnight Central. */
  #untilReset(): number {
    const now = this.#schedule.epoch + this.#time.now
    const day = 24 * 60 * minute
    const past = (now - 6 * 60 * minute) % day
    return day - past + minute
  }

  #initialCalls(): number {
    const now = this.#schedule.epoch + this.#time.now
    const day = 24 * 60 * minute
    const begun = now - ((now - 5 * 60 * minute) % day)
    return this.#called.filter((t) => t + this.#schedule.epoch >= begun).length
  }

  async #apply(process: Process): Promise<void> {
    const { budget, seed, sameHost } = this.#schedule
    const random = new Random(seed * 31 + process.number)
    const marketo = connect({
      endpoint: `https://${instance}.mktorest.com`,
      clientId: 'id',
      clientSecret: 'secret',
      budget,
      timeScale: 1,
      clock: process.clock,
      random: () => random.next(),
      onCall: ({ counted }) => {
        if (counted) this.#called.push(this.#time.now)
      },
      initialCalls: this.#initialCalls(),
      recentCalls: this.#called.filter((t) => t > this.#time.now - 20_200)
        .length,
      wire: this.#network.carrier(process),
    })
    // As a run does; it tells Marketo's time.
    await marketo.schema()
    await applyPlan({
      marketo,
      plan: this.#planPath,
      folder,
      pipeline,
      schema,
      tool,
      run: `r${process.number}`,
      emit: () => {},
      random: () => random.next(),
      since: 0,
      clock: process.clock,
      disk: this.#disk.seenBy(process),
      holder: { host: 'h', pid: process.number, started: 0 },
      isAlive: ({ pid }) => {
        if (!sameHost) return null
        return this.#processes[pid]?.alive ?? false
      },
    })
  }

  #edit({ id, field, value }: Schedule['edits'][number]): void {
    const lead = this.#leads.get(id)
    if (lead === undefined) return
    if (field === null) this.#leads.delete(id)
    else this.#leads.update(id, { [field]: value }, 'edited')
    this.#log({ t: this.#time.now, type: 'edit', id, field })
  }
}

function codeOf(ending: Ending): string | null {
  if (ending.how !== 'error') return null
  const { error } = ending
  return error instanceof PipelineError ? error.code : null
}

function behaviourOf(
  kind: Parameters<typeof faultsOf>[0],
  name: string,
): Behaviour {
  const found = faultsOf(kind)?.get(name) ?? rareFaults.get(name)
  if (found === undefined) throw new Error(`No fault is called ${name}`)
  return found
}

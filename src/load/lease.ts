import { hostname } from 'node:os'
import type { Clock } from '../clock.js'
import { exitCode, PipelineError } from '../error.js'
import { AppendFile } from './append-file.js'
import { canonicalJson } from './canonical.js'
import type { Disk } from './disk.js'
import {
  type Holder,
  type LeaseLine,
  leaseLine,
  LeaseState,
} from './lease-state.js'
import { readLines } from './line.js'

/** Longer than any call of a client is repeated, in milliseconds. */
export const leaseTime = 900_000
const renewAfter = 60_000

export interface LeaseOptions {
  readonly path: string
  /** Name of the plan that it is taken for. */
  readonly plan: string
  /** Differs between any two takers. */
  readonly id: string
  /** The machine's time, which a suspended machine falls behind. */
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly disk: Disk
  readonly holder: Holder
  /** Null where nobody here can tell. */
  readonly isAlive: (holder: Holder) => boolean | null
  /** The new epoch is higher than this. */
  readonly above: number
}

/**
 * The right to apply plans of one pipeline: an append-only file in which each
 * holder takes the next epoch. The holder looks at it before every request
 * and every line of a journal, so that one that slept through its time, while
 * another went on, sends and writes nothing any more.
 */
export class Lease {
  readonly epoch: number
  /** How things stood before it was taken. */
  readonly past: LeaseState
  readonly #file: AppendFile
  readonly #options: LeaseOptions
  #size: number
  #renewed: { monotonic: number; now: number }

  private constructor(
    file: AppendFile,
    options: LeaseOptions,
    taken: { epoch: number; past: LeaseState; size: number },
  ) {
    this.#file = file
    this.#options = options
    this.epoch = taken.epoch
    this.past = taken.past
    this.#size = taken.size
    this.#renewed = instantOf(options)
  }

  /** Throws `lease_held` (exit 9) where another process holds it. */
  static async take(options: LeaseOptions): Promise<Lease> {
    const file = await AppendFile.open(options.path, options.disk)
    try {
      const { state: past, torn } = await read(file)
      refuseWhereHeld(past, options)
      const epoch = Math.max(past.epoch, options.above) + 1
      const { id, plan, holder, clock } = options
      const at = Math.round(clock.now())
      const line = { kind: 'take', epoch, id, plan, holder, at } as const
      await file.append(`${torn ? '\n' : ''}${text(line)}`, true)
      const { state, size } = await read(file)
      if (state.holding?.id !== id) throw held(state, options)
      return new Lease(file, options, { epoch, past, size })
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Its last holder never released it: it died, or it sleeps. */
  get isTakenOver(): boolean {
    return this.past.holding !== null && !this.past.released
  }

  /**
   * Whether the holder of an earlier epoch may still wait for an answer: it
   * sleeps, or a clock that is wrong made its time seem to be over.
   */
  mayLive(epoch: number): boolean {
    if (epoch > this.past.epoch) return true
    const holder = this.past.atLarge.get(epoch)
    return holder !== undefined && this.#options.isAlive(holder) !== false
  }

  /** The same for any of them. */
  get mayOthersLive(): boolean {
    return [...this.past.atLarge.keys()].some((epoch) => this.mayLive(epoch))
  }

  /** Throws where it is not ours any more; to be asked before every send. */
  async check(): Promise<void> {
    await this.hold()
    if (this.#age() > renewAfter) await this.renew()
  }

  /** The same for what is only written down. */
  async hold(): Promise<void> {
    if (this.#age() > leaseTime) throw lost('slept')
    await this.#look()
  }

  async renew(): Promise<void> {
    const { epoch } = this
    const at = Math.round(this.#options.clock.now())
    await this.#append({ kind: 'renew', epoch, at })
    await this.#look()
    this.#renewed = instantOf(this.#options)
  }

  /** The plan's journal holds this epoch, durably. */
  async began(): Promise<void> {
    const { epoch } = this
    await this.#append({ kind: 'begun', epoch, plan: this.#options.plan })
  }

  /** Nothing is under way any more; `mark` is the plan's durable journal. */
  async release(mark: {
    lines: number
    head: string
    settled: boolean
  }): Promise<void> {
    const { epoch } = this
    await this.hold()
    const { plan } = this.#options
    await this.#append({ kind: 'release', epoch, plan, ...mark })
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** By both clocks: one of them stands still while a machine sleeps. */
  #age(): number {
    const { monotonic, now } = instantOf(this.#options)
    return Math.max(
      monotonic - this.#renewed.monotonic,
      now - this.#renewed.now,
    )
  }

  async #append(line: LeaseLine): Promise<void> {
    const bytes = text(line)
    await this.#file.append(bytes, true)
    this.#size += Buffer.byteLength(bytes)
  }

  async #look(): Promise<void> {
    const { size } = await this.#file.handle.stat()
    if (size === this.#size) return
    const { state } = await read(this.#file)
    if (state.holding?.id !== this.#options.id) throw lost('taken')
    this.#size = size
  }
}

function instantOf({ clock }: LeaseOptions) {
  return { monotonic: clock.monotonic(), now: clock.now() }
}

function text(line: LeaseLine): string {
  return `${canonicalJson(line)}\n`
}

async function read(
  file: AppendFile,
): Promise<{ state: LeaseState; size: number; torn: boolean }> {
  const state = new LeaseState()
  let size = 0
  let torn = false
  for await (const line of readLines(file.handle)) {
    const known = line.complete ? leaseLine(line.text) : null
    if (known !== null) state.add(known)
    size = line.end
    torn = !line.complete
  }
  return { state, size, torn }
}

function refuseWhereHeld(state: LeaseState, options: LeaseOptions): void {
  if (state.holding === null || state.released) return
  // A clock that is far ahead of ours must not keep us out for as long.
  const isOver = Math.abs(options.clock.now() - state.seenAt) > leaseTime
  if (isOver || options.isAlive(state.holding.holder) === false) return
  throw held(state, options)
}

function held(state: LeaseState, { path }: LeaseOptions): PipelineError {
  const who = state.holding?.holder
  const name =
    who === undefined ? 'Another' : `Process ${who.pid} of ${who.host}`
  return new PipelineError(
    'lease_held',
    `${name} is applying a plan of this pipeline (${path}). Nothing was sent; wait for it to end, or ${leaseTime / 60_000} minutes after it died, and run the same command again.`,
    { exit: exitCode.locked, recovery: 'wait' },
  )
}

function lost(why: 'slept' | 'taken'): PipelineError {
  return why === 'slept'
    ? new PipelineError(
        'lease_expired',
        'This machine slept while a plan was applied, so another process may have gone on. What was done is recorded; the same command continues and repeats nothing.',
        { exit: exitCode.paused, recovery: 'wait' },
      )
    : new PipelineError(
        'lease_lost',
        'Another process applies the plans of this pipeline by now, so this one stopped before its next request. Nothing is lost; let the other one finish.',
        { exit: exitCode.locked, recovery: 'wait' },
      )
}

/** This process, as others will see it. */
export function thisHolder(): Holder {
  const started = Math.round(performance.timeOrigin)
  return { host: hostname(), pid: process.pid, started }
}

/** Whether a process of this machine still runs; null for another machine. */
export function isAlive({ host, pid, started }: Holder): boolean | null {
  const own = thisHolder()
  if (host !== own.host) return null
  if (pid === own.pid) return started === own.started
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    const isOther = error instanceof Error && 'code' in error
    return isOther && error.code === 'EPERM'
  }
}

/** What the lines of a lease file amount to; pure. */
import { parsed } from './canonical.js'

/** A process, as far as another one can tell. */
export interface Holder {
  readonly host: string
  readonly pid: number
  /** When it started, milliseconds since the epoch; pids are used again. */
  readonly started: number
}

export type LeaseLine =
  | {
      readonly kind: 'take'
      readonly epoch: number
      /** Differs between any two that take the same epoch. */
      readonly id: string
      readonly plan: string
      readonly holder: Holder
      readonly at: number
    }
  /** The journal of the plan knows the epoch from here on. */
  | { readonly kind: 'begun'; readonly epoch: number; readonly plan: string }
  | { readonly kind: 'renew'; readonly epoch: number; readonly at: number }
  | {
      readonly kind: 'release'
      readonly epoch: number
      readonly plan: string
      /** Lines of the journal, and the hash of the last. */
      readonly lines: number
      readonly head: string
      /** Whoever released it had waited for all that was not known. */
      readonly settled: boolean
    }

export interface JournalMark {
  readonly epoch: number
  readonly lines: number
  readonly head: string
}

/** Whoever wrote the first `take` of the highest epoch holds the lease. */
export class LeaseState {
  holding: Extract<LeaseLine, { kind: 'take' }> | null = null
  released = false
  /** Somebody once knew that nothing was under way. */
  settled = false
  /** When the holder last showed itself. */
  seenAt = Number.NEGATIVE_INFINITY
  /** Plans by name: the epoch in which one was begun last. */
  readonly begun = new Map<string, number>()
  /** Begun, and its holder never laid it down: it may have died sending. */
  readonly open = new Set<string>()
  /** Holders by epoch that never released it: they died, or sleep. */
  readonly atLarge = new Map<number, Holder>()
  /** What was left of a plan's journal when it was last laid down. */
  readonly marks = new Map<string, JournalMark>()

  get epoch(): number {
    return this.holding?.epoch ?? 0
  }

  add(line: LeaseLine): void {
    switch (line.kind) {
      case 'take':
        if (line.epoch <= this.epoch) return
        this.holding = line
        this.atLarge.set(line.epoch, line.holder)
        this.released = false
        this.seenAt = line.at
        break
      case 'begun':
        this.begun.set(line.plan, line.epoch)
        this.open.add(line.plan)
        this.marks.delete(line.plan)
        break
      case 'renew':
        if (line.epoch === this.epoch) this.seenAt = line.at
        break
      case 'release': {
        const { epoch, lines, head, plan } = line
        if (epoch === this.epoch) this.released = true
        this.atLarge.delete(epoch)
        if (!line.settled) return
        this.settled = true
        this.open.clear()
        this.marks.set(plan, { epoch, lines, head })
      }
    }
  }
}

/** Null for a torn line, which says nothing. */
export function leaseLine(text: string): LeaseLine | null {
  return parsed(text, isLeaseLine)
}

function isLeaseLine(value: object): value is LeaseLine {
  return 'kind' in value && 'epoch' in value
}

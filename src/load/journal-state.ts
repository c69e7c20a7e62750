import type { Outcome } from '../marketo/api.js'
import type { SendKind } from './event.js'
import type { FinalStatus } from './plan.js'

export type StatusCounts = Readonly<Record<FinalStatus, number>>

export const noCounts: StatusCounts = {
  done: 0,
  no_effect: 0,
  stale: 0,
  failed: 0,
  unresolved: 0,
  cancelled: 0,
}

/** What a line of the journal says; times are Marketo's, in milliseconds. */
export type JournalEntry =
  | {
      readonly kind: 'begin'
      readonly epoch: number
      readonly run: string
      readonly plan: string
      readonly at: number
    }
  | { readonly kind: 'approve'; readonly who: string; readonly when: string }
  | {
      readonly kind: 'intent'
      readonly attempt: string
      readonly send: SendKind
      readonly rows: readonly string[]
      /** Which of a merge's calls, from 0; null for a write. */
      readonly call: number | null
      /** SHA-256 of what is about to be sent. */
      readonly request: string
      readonly at: number
    }
  | {
      readonly kind: 'outcome'
      readonly attempt: string
      readonly class: Outcome
      /** Rows of which the answer says nothing. */
      readonly unclear?: readonly string[]
      readonly code: string | null
      readonly requestId: string | null
      /** The batch of an import that Marketo has taken. */
      readonly job?: string
      readonly at: number
    }
  | {
      readonly kind: 'status'
      readonly rows: readonly string[]
      readonly status: FinalStatus
      readonly reason: string
      /** Leads that nothing may touch until a person decided; unresolved. */
      readonly frozen?: readonly string[]
      /** Fields that are not as predicted, over these rows. */
      readonly differences?: number
    }
  /** A lead that was made anew: the one that is gone, and its new id. */
  | {
      readonly kind: 'created'
      readonly row: string
      readonly lead: string
      readonly id: string
      readonly at: number
    }
  | {
      readonly kind: 'release'
      readonly leads: readonly string[]
      readonly who: string
      readonly when: string
    }
  | {
      readonly kind: 'end'
      readonly counts: StatusCounts
      readonly differences: number
    }

export interface Attempt {
  readonly attempt: string
  readonly epoch: number
  readonly send: SendKind
  readonly call: number | null
  readonly at: number
  /** Null while nothing is known. */
  outcome: Outcome | null
  code: string | null
  /** The batch of an import; null for other sends. */
  job: string | null
  endedAt: number | null
}

/** What the lines so far amount to. */
export class JournalState {
  epoch = 0
  run: string | null = null
  plan: string | null = null
  differences = 0
  end: Extract<JournalEntry, { kind: 'end' }> | null = null
  readonly approvals: { readonly who: string; readonly when: string }[] = []
  readonly final = new Map<string, FinalStatus>()
  readonly frozen = new Set<string>()
  /** Rows that nobody could resolve, and why. */
  readonly unresolved = new Map<string, string>()
  /** By row: the lead that is gone, and the one that was made for it. */
  readonly created = new Map<
    string,
    { readonly lead: string; readonly id: string; readonly at: number }
  >()
  /** Every run that carried the plan on. */
  readonly runs = new Set<string>()
  /** Of rows without a final status, oldest first. */
  readonly attempts = new Map<string, Attempt[]>()
  readonly #open = new Map<string, Attempt>()
  #counts: Record<FinalStatus, number> = { ...noCounts }

  get begun(): boolean {
    return this.epoch > 0
  }

  get counts(): StatusCounts {
    return { ...this.#counts }
  }

  add(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'begin':
        this.epoch = entry.epoch
        this.run = entry.run
        this.runs.add(entry.run)
        this.plan = entry.plan
        break
      case 'approve':
        this.approvals.push({ who: entry.who, when: entry.when })
        break
      case 'intent':
        this.#intend(entry)
        break
      case 'outcome':
        this.#learn(entry)
        break
      case 'status':
        this.#settle(entry)
        break
      case 'created':
        this.created.set(entry.row, {
          lead: entry.lead,
          id: entry.id,
          at: entry.at,
        })
        break
      case 'release':
        for (const lead of entry.leads) this.frozen.delete(lead)
        break
      case 'end':
        this.end = entry
    }
  }

  /**
   * Attempts of this kind that may or may not have had an effect. Of a merge
   * in several calls only those of its last call count: an earlier one that
   * went through is no attempt in vain.
   */
  doubtful(row: string, send: SendKind): number {
    const same = this.of(row).filter((one) => one.send === send)
    const call = same.at(-1)?.call
    return same.filter((one) => one.call === call && isDoubtful(one.outcome))
      .length
  }

  /** What was sent last for a row. */
  last(row: string): Attempt | null {
    return this.of(row).at(-1) ?? null
  }

  /** Whether an import of the row was, or may have been, taken by Marketo. */
  wasImported(row: string): boolean {
    return this.of(row).some(
      ({ send, outcome }) =>
        send === 'import' && (outcome === 'ok' || isDoubtful(outcome)),
    )
  }

  of(row: string): readonly Attempt[] {
    return this.attempts.get(row) ?? []
  }

  #intend(entry: Extract<JournalEntry, { kind: 'intent' }>): void {
    const { attempt, send, call, at } = entry
    const known: Attempt = {
      attempt,
      epoch: this.epoch,
      send,
      call,
      at,
      outcome: null,
      code: null,
      job: null,
      endedAt: null,
    }
    this.#open.set(attempt, known)
    for (const row of entry.rows) {
      const attempts = this.attempts.get(row)
      if (attempts === undefined) this.attempts.set(row, [known])
      else attempts.push(known)
    }
  }

  #learn(entry: Extract<JournalEntry, { kind: 'outcome' }>): void {
    const known = this.#open.get(entry.attempt)
    if (known === undefined) return
    this.#open.delete(entry.attempt)
    known.outcome = entry.class
    known.code = entry.code
    known.job = entry.job ?? null
    known.endedAt = entry.at
    for (const row of entry.unclear ?? []) {
      const attempts = this.attempts.get(row)
      const at = attempts?.indexOf(known) ?? -1
      if (at !== -1) attempts?.splice(at, 1, { ...known, outcome: 'ambiguous' })
    }
  }

  #settle(entry: Extract<JournalEntry, { kind: 'status' }>): void {
    for (const row of entry.rows) {
      if (this.final.has(row)) continue
      this.final.set(row, entry.status)
      this.attempts.delete(row)
      this.#counts[entry.status] += 1
      if (entry.status === 'unresolved') {
        this.unresolved.set(row, entry.reason)
      }
    }
    for (const lead of entry.frozen ?? []) this.frozen.add(lead)
    this.differences += entry.differences ?? 0
  }
}

/** No outcome, or one that proves nothing. */
export function isDoubtful(outcome: Outcome | null): boolean {
  return outcome === null || outcome === 'ambiguous'
}

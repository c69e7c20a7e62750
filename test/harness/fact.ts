/** The oracle's view of what happened: sends, and what was known of them. */
import type { Event, EventOf, Operation, Proof } from './event.js'
import type { Lead, Value } from './marketo.js'

/** A plan row, as far as its file says. */
export type Row =
  | {
      readonly row: string
      readonly kind: 'merge'
      readonly winner: string
      readonly losers: readonly string[]
      readonly mergeInCrm: boolean
      readonly before: Readonly<Record<string, Texts>>
      readonly after: Texts
    }
  | {
      readonly row: string
      readonly kind: 'update'
      readonly id: string
      readonly before: Texts
      readonly set: Texts
    }

export type Texts = Readonly<Record<string, string | null>>

/** One write that left a process, and what became of it. */
export interface Send {
  readonly n: number
  readonly process: number
  readonly t: number
  readonly operation: Extract<
    Operation,
    { kind: 'merge' | 'update' | 'import' }
  >
  /** Rows of the plan that it is about, by the leads that it names. */
  readonly rows: readonly Row[]
  arrivedAt: number | null
  effects: EventOf<'effect'>[]
  answer: EventOf<'answer'> | null
  /** An import: when a process was told that it is over. */
  toldOverAt: number
  /** When its process heard of it, or died. */
  overAt: number
  /** The journal was lost since. */
  isForgotten: boolean
}

/** A reading that reached its process. */
export interface Reading {
  readonly process: number
  readonly t: number
  readonly ids: ReadonlySet<string>
  /** When Marketo looked. */
  readonly lookedAt: number
  readonly leads: ReadonlyMap<string, Lead>
}

export interface Facts {
  readonly sends: readonly Send[]
  readonly readings: readonly Reading[]
  readonly edits: readonly EventOf<'edit'>[]
  /** Leads that an import did not write. */
  readonly refused: ReadonlySet<string>
  /** Of these its file said so. */
  readonly told: ReadonlySet<string>
  readonly isLost: boolean
  /** Processes that broke off, perhaps between an intent and its request. */
  readonly brokenOff: number
}

export function text(value: Value | undefined): string | null {
  if (value === undefined || value === null || value === '') return null
  return String(value)
}

export function idsOf(row: Row): readonly string[] {
  return row.kind === 'merge' ? [row.winner, ...row.losers] : [row.id]
}

/** What the answer proves of a row; none where it never came. */
export function proofOf(send: Send, row: Row): Proof {
  const { answer } = send
  if (answer === null || answer.proof !== 'done') return answer?.proof ?? 'none'
  if (send.operation.kind !== 'update') return 'done'
  const id = row.kind === 'merge' ? row.winner : row.id
  return answer.byLead.get(id) ?? 'none'
}

function isWrite(operation: Operation): operation is Send['operation'] {
  const { kind } = operation
  return kind === 'merge' || kind === 'update' || kind === 'import'
}

function namesOf(operation: Send['operation']): readonly string[] {
  return operation.kind === 'merge'
    ? [operation.merge.winner, ...operation.merge.losers]
    : operation.input.map((lead) => String(lead['id']))
}

export function factsOf(rows: readonly Row[], events: readonly Event[]): Facts {
  const byId = new Map(
    rows.flatMap((row) => idsOf(row).map((id) => [id, row] as const)),
  )
  const sends = new Map<number, Send>()
  const reads = new Map<number, EventOf<'send'>>()
  const arrivals = new Map<number, number>()
  const readings: Reading[] = []
  const edits: EventOf<'edit'>[] = []
  const refused = new Set<string>()
  const told = new Set<string>()
  let isLost = false
  const brokenOff = events.filter(
    (event) =>
      event.type === 'end' &&
      ['crash', 'asleep', 'machine'].includes(event.how),
  ).length
  for (const event of events) {
    switch (event.type) {
      case 'send': {
        const { n, process, t, operation } = event
        if (operation.kind === 'read') reads.set(n, event)
        if (!isWrite(operation)) break
        const named = namesOf(operation).map((id) => byId.get(id))
        const about = [...new Set(named)].filter((row) => row !== undefined)
        sends.set(n, {
          n,
          process,
          t,
          operation,
          rows: about,
          arrivedAt: null,
          effects: [],
          answer: null,
          toldOverAt: Number.POSITIVE_INFINITY,
          overAt: Number.POSITIVE_INFINITY,
          isForgotten: false,
        })
        break
      }
      case 'arrive': {
        arrivals.set(event.n, event.t)
        const send = sends.get(event.n)
        if (send !== undefined) send.arrivedAt = event.t
        break
      }
      case 'effect':
        sends.get(event.n)?.effects.push(event)
        break
      case 'answer': {
        const send = sends.get(event.n)
        if (send !== undefined) {
          send.answer = event
          send.overAt = event.t
        }
        const over = event.over === null ? undefined : sends.get(event.over)
        if (over !== undefined) {
          over.toldOverAt = Math.min(over.toldOverAt, event.t)
        }
        const read = reads.get(event.n)
        if (read === undefined || event.leads === null) break
        if (read.operation.kind !== 'read') break
        readings.push({
          process: event.process,
          t: event.t,
          ids: new Set(read.operation.ids),
          lookedAt: arrivals.get(event.n) ?? event.t,
          leads: event.leads,
        })
        break
      }
      case 'end':
        for (const send of sends.values()) {
          const isOpen = send.process === event.process && send.answer === null
          if (isOpen && event.how !== 'asleep') {
            send.overAt = Math.min(send.overAt, event.t)
          }
        }
        break
      case 'lost':
        isLost = true
        for (const send of sends.values()) send.isForgotten = true
        break
      case 'edit':
        edits.push(event)
        break
      case 'refuse':
        for (const id of event.ids) refused.add(id)
        break
      case 'told':
        for (const id of event.ids) told.add(id)
        break
      case 'start':
      case 'line':
    }
  }
  return {
    sends: [...sends.values()],
    readings,
    edits,
    refused,
    told,
    isLost,
    brokenOff,
  }
}

/**
 * Says which promises a schedule broke, from what happened alone. Shares
 * nothing with the product; names are those of the README's contract.
 */
import { type Facts, factsOf, idsOf, type Row } from './fact.js'
import type { Event } from './event.js'
import { checkEnd } from './oracle-end.js'
import { checkJournal } from './oracle-journal.js'
import { checkLimits } from './oracle-limit.js'
import { checkSends } from './oracle-send.js'
import type { Lead, Leads } from './marketo.js'

export interface Judged {
  readonly rows: readonly Row[]
  readonly before: readonly Lead[]
  readonly after: Leads
  readonly events: readonly Event[]
  readonly journal: string
  readonly budget: {
    readonly callsPerDay: number
    readonly callsPer20s: number
    readonly concurrency: number
  }
  /** Milliseconds since the epoch at virtual 0. */
  readonly epoch: number
  /** Nobody else was to change anything, and nothing was to be refused. */
  readonly isUndisturbed: boolean
  /** It took so long that a plan of which no journal is left is refused. */
  readonly mayBeTooOld: boolean
}

export interface Breach {
  readonly invariant: string
  readonly what: string
}

export interface Verdict {
  readonly breaches: readonly Breach[]
  readonly statuses: ReadonlyMap<string, number>
  /** Of writes whose answer proved nothing, by row. */
  readonly ambiguous: {
    readonly applied: number
    readonly notApplied: number
    readonly unresolved: number
  }
  /** Rows of which an answer once said nothing. */
  readonly ambiguousRows: number
  /** Readings that have such a row, after that answer. */
  readonly rereads: number
  /** Calls to read leads, over all processes. */
  readonly reads: number
  readonly sends: number
  readonly overshoot: number
}

export type Report = (invariant: string, what: string) => void

export function judge(judged: Judged): Verdict {
  const breaches: Breach[] = []
  const report: Report = (invariant, what) => breaches.push({ invariant, what })
  const facts: Facts = factsOf(judged.rows, judged.events)
  const overshoot = checkLimits(judged, report)
  checkSends(judged, facts, report)
  // A plan that was too old to be begun again has no statuses.
  const isDone = judged.events.some(
    (event) => event.type === 'end' && event.how === 'done',
  )
  const isTooOld = !isDone && judged.mayBeTooOld
  const statuses = isTooOld
    ? new Map<string, string>()
    : checkJournal(judged, facts, report)
  if (!isTooOld) checkEnd(judged, { facts, statuses }, report)
  const counts = new Map<string, number>()
  for (const status of statuses.values()) {
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  return {
    breaches,
    statuses: counts,
    ambiguous: ambiguities(facts, statuses),
    ...readAgain(facts),
    reads: facts.readings.length,
    sends: facts.sends.length,
    overshoot,
  }
}

/** What not knowing costs: calls that read such rows once more. */
function readAgain({ sends, readings }: Facts) {
  const since = new Map<string, { readonly t: number; readonly id: string }>()
  for (const send of sends) {
    if ((send.answer?.proof ?? 'none') !== 'none') continue
    for (const row of send.rows) {
      const [id = ''] = idsOf(row)
      if (!since.has(row.row)) since.set(row.row, { t: send.overAt, id })
    }
  }
  const rereads = readings.filter((one) =>
    [...since.values()].some(({ t, id }) => one.t >= t && one.ids.has(id)),
  )
  return { ambiguousRows: since.size, rereads: rereads.length }
}

function ambiguities(
  { sends }: Facts,
  statuses: ReadonlyMap<string, string>,
): Verdict['ambiguous'] {
  let [applied, notApplied, unresolved] = [0, 0, 0]
  for (const send of sends) {
    if ((send.answer?.proof ?? 'none') !== 'none') continue
    const isUnresolved = send.rows.some(
      ({ row }) => statuses.get(row) === 'unresolved',
    )
    if (isUnresolved) unresolved += 1
    else if (send.effects.length > 0) applied += 1
    else notApplied += 1
  }
  return { applied, notApplied, unresolved }
}

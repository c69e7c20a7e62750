/** INV-4 and 8: what the journal says, against what happened. */
import { type Facts, idsOf, type Row, type Send } from './fact.js'
import type { Judged, Report } from './oracle.js'

interface Line {
  readonly kind: string
  readonly attempt?: string
  readonly send?: string
  readonly rows?: readonly string[]
  readonly status?: string
  readonly class?: string
  readonly counts?: Readonly<Record<string, number>>
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Line]
      } catch {
        return []
      }
    })
}

function isJournal(file: string): boolean {
  return /\/[0-9a-f]{12}\.jsonl$/.test(file)
}

/** Gives the final status of each row. */
export function checkJournal(
  judged: Judged,
  facts: Facts,
  report: Report,
): ReadonlyMap<string, string> {
  checkIntents(judged, facts, report)
  const statuses = new Map<string, string>()
  const lines = linesOf(judged.journal)
  for (const line of lines) {
    if (line.kind !== 'status') continue
    for (const row of line.rows ?? []) {
      if (statuses.has(row)) report('INV-4', `${row} ends twice`)
      statuses.set(row, line.status ?? '')
    }
  }
  const last = lines.at(-1)
  const counted = Object.values(last?.counts ?? {}).reduce((a, b) => a + b, 0)
  if (last?.kind !== 'end' || counted !== judged.rows.length) {
    report('INV-4', 'the journal does not end with all rows counted')
  }
  // Of an old plan whose journal was lost nothing is looked up any more.
  const isForgotten = facts.isLost && judged.mayBeTooOld
  for (const row of judged.rows) {
    const status = statuses.get(row.row)
    if (status === undefined) report('INV-4', `${row.row} has no status`)
    else checkTruth(row, status, { facts, isForgotten }, report)
  }
  return statuses
}

/** Before every write its intent is durable; outcomes say what was answered. */
function checkIntents(
  { events }: Judged,
  { sends }: Facts,
  report: Report,
): void {
  const byNumber = new Map(sends.map((send) => [send.n, send]))
  const byAttempt = new Map<string, Send>()
  let intent: Line | null = null
  for (const event of events) {
    if (event.type === 'line' && isJournal(event.file)) {
      for (const line of linesOf(event.text)) {
        if (event.durable && line.kind === 'intent') intent = line
        // A journal that was lost gives its attempts' names away again.
        if (!event.durable && line.kind === 'intent') {
          byAttempt.delete(line.attempt ?? '')
        }
        if (!event.durable && line.kind === 'outcome') {
          const send = byAttempt.get(line.attempt ?? '')
          checkOutcome(line, { send, t: event.t }, report)
        }
      }
    }
    if (event.type !== 'send') continue
    const send = byNumber.get(event.n)
    if (send === undefined) continue
    if (intent === null || !isOf(intent, send)) {
      report('INV-8', `${send.rows[0]?.row} is sent without a durable intent`)
    } else byAttempt.set(intent.attempt ?? '', send)
    intent = null
  }
}

function isOf(intent: Line, { operation, rows }: Send): boolean {
  const isMerge = intent.send === 'merge'
  if (isMerge !== (operation.kind === 'merge')) return false
  const named = rows.map(({ row }) => row).toSorted()
  return named.join() === (intent.rows ?? []).toSorted().join()
}

function checkOutcome(
  line: Line,
  { send, t }: { send: Send | undefined; t: number },
  report: Report,
): void {
  const answer = send?.answer ?? null
  const proof = answer !== null && answer.t <= t ? answer.proof : 'none'
  const is = line.class ?? ''
  if (is === 'ok' && proof !== 'done') {
    report('INV-8', `an outcome ${is} is written that was not answered`)
  }
  const isRefusal = is === 'rejected' || is === 'row_failed'
  const left = send !== undefined
  if ((isRefusal || (left && is === 'not_sent')) && proof !== 'not_done') {
    report('INV-13', `an outcome ${is} is written without proof`)
  }
}

/** A status says what became of the row. */
function checkTruth(
  row: Row,
  status: string,
  { facts, isForgotten }: { facts: Facts; isForgotten: boolean },
  report: Report,
): void {
  if (status === 'stale' && isForgotten) return
  const ids = new Set(idsOf(row))
  if (facts.edits.some((edit) => ids.has(edit.id))) return
  const effects = facts.sends
    .filter((send) => send.rows.includes(row))
    .flatMap((send) => send.effects)
  if (row.kind === 'merge') {
    const gone = new Set(effects.flatMap((one) => one.merge?.losers ?? []))
    const all = row.losers.every((id) => gone.has(id))
    if (status === 'done' && !all) {
      report(
        'INV-4',
        `${row.row} is done, and ${gone.size} of ${row.losers.length} are merged`,
      )
    }
    if (status !== 'done' && status !== 'unresolved' && all) {
      report('INV-4', `${row.row} is ${status}, and was merged`)
    }
    return
  }
  if (status === 'no_effect' && facts.told.has(row.id) && !facts.isLost) {
    report('INV-4', `${row.row} is ${status}, and Marketo said why it failed`)
  }
  const written = new Set(
    effects.flatMap((one) =>
      one.writes.filter(({ id }) => id === row.id).map(({ field }) => field),
    ),
  )
  const all = Object.keys(row.set).every((name) => written.has(name))
  if (status === 'done' && !all)
    report('INV-4', `${row.row} is done, and was not written`)
  const mayBe =
    status === 'unresolved' || (status === 'no_effect' && facts.isLost)
  if (status !== 'done' && !mayBe && all) {
    report('INV-4', `${row.row} is ${status}, and was written`)
  }
}

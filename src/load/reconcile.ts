import type { LeadRecord } from '../marketo/api.js'
import { assessMerge, assessUpdate, type Records } from './assess.js'
import { idsOf, leadsPerCall } from './batch.js'
import { isHeldCreate, resolveCreates } from './create-resolve.js'
import type { FieldRules } from './field-rule.js'
import { resolveLostImports } from './import-lost.js'
import { type Held, type Job, settle, type Settlement, wait } from './job.js'
import { isDoubtful } from './journal-state.js'
import type { PlanRow, UpdateRow } from './plan.js'
import { loserCalls } from './predict.js'
import { heldFrom, waitOut } from './quarantine.js'
import { showUpdated } from './update.js'
import { type SentMerge, verifyMerges } from './verify-merge.js'

/** Two readings that must agree are this far apart. */
const betweenReadings = 30_000

/** Requests for one row that may have had an effect; then a person decides. */
const mostAttempts = 3

/** What an earlier process left of a row that has no final status. */
export type Leftover =
  | { readonly kind: 'held'; readonly held: Held }
  | { readonly kind: 'sent'; readonly refused: string | null | undefined }
  /** An import that Marketo took, and that was not read back. */
  | { readonly kind: 'taken'; readonly batch: string; readonly row: UpdateRow }
  | { readonly kind: 'open' }

export function leftoverOf(job: Job, row: PlanRow): Leftover {
  const last = job.journal.state.last(row.row)
  if (last === null) return { kind: 'open' }
  const isUnseen =
    row.kind === 'create' &&
    last.outcome === 'ok' &&
    !job.journal.state.created.has(row.row)
  if (isDoubtful(last.outcome) || isUnseen) {
    return { kind: 'held', held: heldFrom(job, row, last) }
  }
  if (row.kind === 'update' && last.outcome === 'ok' && last.job !== null) {
    return { kind: 'taken', batch: last.job, row }
  }
  if (row.kind !== 'merge' || last.send !== 'merge') return { kind: 'open' }
  if (last.outcome === 'row_failed') return { kind: 'sent', refused: last.code }
  const calls = loserCalls(row.losers, row.mergeInCrm).length
  return last.outcome === 'ok' && last.call === calls - 1
    ? { kind: 'sent', refused: undefined }
    : { kind: 'open' }
}

/** Merges that were sent and not read back, with what was kept before. */
export async function unverified(
  job: Job,
  rows: readonly { row: PlanRow; refused: string | null | undefined }[],
): Promise<readonly SentMerge[]> {
  if (rows.length === 0) return []
  const kept = await job.snapshots.latest(new Set(rows.map((r) => r.row.row)))
  return rows.flatMap(({ row, refused }) => {
    const records = kept.get(row.row) ?? new Map<string, LeadRecord>()
    return row.kind === 'merge' ? [{ draft: { row, records }, refused }] : []
  })
}

type Verdict =
  | { readonly kind: 'done' }
  /** Nothing of what was sent last shows. */
  | { readonly kind: 'again' }
  /** What was sent last shows, and more is to be sent. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'unresolved'; readonly reason: string }

/**
 * Takes the rows that are held, waits until nothing of them can take effect
 * any more, and reads twice. Gives those that had no effect and may be sent
 * again; the others get their status.
 */
export async function resolveHeld(job: Job): Promise<readonly PlanRow[]> {
  const again: PlanRow[] = [...(await resolveLostImports(job))]
  const all = [...job.held]
  if (all.length > 0) await waitOut(job, all)
  const creates = all.filter(isHeldCreate)
  job.held.splice(0, Infinity, ...job.held.filter((h) => !isHeldCreate(h)))
  if (creates.length > 0) again.push(...(await resolveCreates(job, creates)))
  for (const held of groups(all.filter((one) => !isHeldCreate(one)))) {
    const readings = await readTwice(job, held)
    const verdicts = held.map((one) => agreed(job, one, readings))
    const isDone = held.filter((_, n) => verdicts[n]?.kind === 'done')
    await settleDone(job, isDone, readings.at(-1) ?? new Map())
    const ended: Settlement[] = []
    for (const [n, one] of held.entries()) {
      const verdict = verdicts[n]
      if (verdict === undefined || verdict.kind === 'done') continue
      if (verdict.kind === 'unresolved') {
        ended.push(unresolved(one.row, verdict.reason))
      } else if (
        verdict.kind === 'again' &&
        attempts(job, one) >= mostAttempts
      ) {
        const reason = `${mostAttempts} attempts had no effect, and none was answered clearly`
        ended.push(unresolved(one.row, reason))
      } else again.push(one.row)
    }
    await settle(job, ended)
    const isOver = new Set(held)
    job.held.splice(0, Infinity, ...job.held.filter((h) => !isOver.has(h)))
  }
  return again
}

/** These took effect: merges are compared, and all are shown. */
async function settleDone(
  job: Job,
  held: readonly Held[],
  records: Records,
): Promise<void> {
  const rows = held.map(({ row }) => row)
  const merged = await unverified(
    job,
    rows.map((row) => ({ row, refused: undefined })),
  )
  await verifyMerges(job, merged, records)
  const updated = rows.filter((row) => row.kind === 'update')
  await showUpdated(job, updated, records)
  await settle(
    job,
    updated.map((row) => ({ row, status: 'done', reason: '' })),
  )
}

/** As many as one call reads. */
function groups(all: readonly Held[]): Held[][] {
  const found: Held[][] = []
  let ids = Infinity
  for (const one of all) {
    const own = idsOf(one.row).length
    if (ids + own > leadsPerCall) {
      found.push([])
      ids = 0
    }
    found.at(-1)?.push(one)
    ids += own
  }
  return found
}

function attempts(job: Job, { row, send }: Held): number {
  return job.journal.state.doubtful(row.row, send)
}

type Reading = Records

/** A third reading where the first two tell different stories. */
async function readTwice(
  job: Job,
  held: readonly Held[],
): Promise<readonly Reading[]> {
  const ids = held.flatMap((one) => idsOf(one.row))
  const read = async () => await job.marketo.leads(ids, job.rules.names)
  const readings = [await read()]
  for (let more = 0; more < 2; more += 1) {
    await wait(job, betweenReadings)
    readings.push(await read())
    const [one, other] = readings.slice(-2)
    const differs = held.some(
      (h) =>
        judge(job, h, one ?? new Map()).kind !==
        judge(job, h, other ?? new Map()).kind,
    )
    if (!differs) break
  }
  return readings.slice(-2)
}

function agreed(job: Job, held: Held, readings: readonly Reading[]): Verdict {
  const [first, second] = readings.map((one) => judge(job, held, one))
  if (first === undefined || second === undefined) {
    return { kind: 'unresolved', reason: 'it could not be read back' }
  }
  return first.kind === second.kind
    ? second
    : { kind: 'unresolved', reason: 'two readings do not agree' }
}

function judge(job: Job, { row, send }: Held, records: Records): Verdict {
  const { rules } = job
  if (row.kind === 'update') return judgeUpdate(row, records, rules)
  if (row.kind === 'create') return { kind: 'again' }
  const verdict = assessMerge(row, records, rules)
  const isReady = verdict.kind === 'ready'
  // Whatever else there is to a winner, it is examined again.
  if (send === 'prewrite') {
    const isWritten = isReady && Object.keys(verdict.write).length === 0
    return { kind: isWritten ? 'moved' : 'again' }
  }
  if (verdict.kind === 'merged') return { kind: 'done' }
  if (isReady) {
    const call = job.journal.state.last(row.row)?.call ?? verdict.from
    return { kind: verdict.from > call ? 'moved' : 'again' }
  }
  const gone = row.losers.filter((id) => !records.has(id)).length
  // Nothing happened; the row is examined again and ends for its own reason.
  if (gone === 0 && records.has(row.winner)) return { kind: 'again' }
  return {
    kind: 'unresolved',
    reason: `${gone} of ${row.losers.length} losers are gone; ${verdict.reason}`,
  }
}

function judgeUpdate(
  row: UpdateRow,
  records: Records,
  rules: FieldRules,
): Verdict {
  const verdict = assessUpdate(row, records.get(row.id), rules)
  if (verdict.kind === 'equal') return { kind: 'done' }
  return verdict.kind === 'stale'
    ? { kind: 'unresolved', reason: verdict.reason }
    : { kind: 'again' }
}

/** Nobody touches these leads until a person has looked. */
function unresolved(row: PlanRow, reason: string): Settlement {
  return { row, status: 'unresolved', reason, frozen: idsOf(row) }
}

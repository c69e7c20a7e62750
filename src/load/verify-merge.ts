import type { LeadRecord } from '../marketo/api.js'
import type { Records } from './assess.js'
import { idsOf } from './batch.js'
import { type Job, settle, type Settlement } from './job.js'
import type { MergeRow } from './plan.js'
import type { Difference } from './predict.js'
import { hold } from './quarantine.js'
import { changedValues, namedValues, type ReadBackLine } from './read-back.js'
import type { ScoreHabit } from './score.js'
import { judgeMerge } from './verify.js'

export interface SentMerge {
  readonly draft: { readonly row: MergeRow; readonly records: Records }
  /** Marketo refused a call with this code; undefined: it refused none. */
  readonly refused: string | null | undefined
}

/**
 * Reads merged leads back, where that was not done, compares, and gives the
 * rows their status.
 */
export async function verifyMerges(
  job: Job,
  sent: readonly SentMerge[],
  reading?: Records,
): Promise<void> {
  if (sent.length === 0) return
  const ids = sent.flatMap(({ draft }) => idsOf(draft.row))
  const after = reading ?? (await job.marketo.leads(ids, job.rules.names))
  const ended: Settlement[] = []
  const lines: ReadBackLine[] = []
  for (const { draft, refused } of sent) {
    const { row, records: before } = draft
    const verdict = judgeMerge({ row, before, after, refused }, job.rules)
    switch (verdict.kind) {
      case 'done':
        if (verdict.score) await learnScore(job, row, verdict.score)
        lines.push(...readBackLines(job, row, before, verdict.winner))
        ended.push(done(job, row, verdict.differences))
        break
      case 'doubtful':
        hold(job, [row], 'merge')
        break
      case 'unresolved':
        ended.push({ row, ...status(verdict), frozen: idsOf(row) })
        break
      case 'failed':
        ended.push({ row, ...status(verdict) })
    }
  }
  await job.readBack.add(lines)
  await settle(job, ended)
}

/** The next merges are then prepared and predicted by it. */
async function learnScore(
  job: Job,
  { mergeInCrm }: MergeRow,
  habit: ScoreHabit,
): Promise<void> {
  const { scores } = job.rules
  if (scores.of(mergeInCrm) === habit) return
  scores.learn(mergeInCrm, habit)
  await scores.remember(job.folder, job.marketo.instance, job.disk)
}

function status(verdict: {
  kind: 'failed' | 'unresolved'
  reason: string
}): Pick<Settlement, 'status' | 'reason'> {
  return { status: verdict.kind, reason: verdict.reason }
}

/** A difference does not undo the merge; it is told, and counted. */
function done(
  job: Job,
  row: MergeRow,
  differences: readonly Difference[],
): Settlement {
  if (differences.length === 0) return { row, status: 'done', reason: '' }
  const fields = differences.map(({ field }) => field)
  for (const field of fields) {
    job.emit({
      type: 'difference',
      row: row.row,
      lead: row.winner,
      field,
      alarm: Object.hasOwn(row.after, field),
    })
  }
  const reason = `differs in ${fields.join(', ')}`
  return { row, status: 'done', reason, differences: fields.length }
}

function linesOfLosers(job: Job, row: MergeRow): ReadBackLine[] {
  const at = new Date(job.marketo.serverNow()).toISOString()
  return row.losers.map((loser) => ({ loser, winner: row.winner, at }))
}

function readBackLines(
  job: Job,
  row: MergeRow,
  before: Records,
  winner: LeadRecord,
): ReadBackLine[] {
  const values = {
    ...changedValues(before.get(row.winner) ?? {}, winner, job.rules),
    ...namedValues(Object.keys(row.after), winner, job.rules),
  }
  return [...linesOfLosers(job, row), { id: row.winner, values }]
}

/** What a merge without a reading before it left, for the warehouse. */
export async function showMerged(
  job: Job,
  row: MergeRow,
  winner: LeadRecord,
): Promise<void> {
  await job.readBack.add([
    ...linesOfLosers(job, row),
    {
      id: row.winner,
      values: namedValues(Object.keys(row.after), winner, job.rules),
    },
  ])
}

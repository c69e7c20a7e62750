import { assessMerge, type Records } from './assess.js'
import { idsOf } from './batch.js'
import { checkpoint, type Job, settle, type Settlement, wait } from './job.js'
import type { MergeRow, Values } from './plan.js'
import { quarantine } from './quarantine.js'
import { showMerged } from './verify-merge.js'

/** A merge that may be sent: its records are as the plan foresees. */
export interface Draft {
  readonly row: MergeRow
  readonly records: Records
  /** The first call that is still to be made. */
  readonly from: number
  /** What must be written to the winner first. */
  readonly write: Values
  /** Elapsed milliseconds of the job at the reading. */
  readonly readAt: number
}

/** Reads the leads of merges; rows that cannot go on get their status. */
export async function examine(
  job: Job,
  rows: readonly MergeRow[],
): Promise<readonly Draft[]> {
  checkpoint(job)
  const readAt = job.elapsed.milliseconds
  const records = await job.marketo.leads(rows.flatMap(idsOf), job.rules.names)
  const assessed = rows.map((row) => ({
    row,
    verdict: assessMerge(row, records, job.rules),
  }))
  const begun = assessed.some(
    ({ row, verdict }) =>
      job.journal.state.of(row.row).length === 0 &&
      (verdict.kind === 'merged' ||
        (verdict.kind === 'ready' && verdict.touched)),
  )
  if (begun && job.mayHaveLostJournal) {
    job.mayHaveLostJournal = false
    await outwaitLostJournal(job, rows.length)
    return await examine(job, rows)
  }
  const drafts: Draft[] = []
  const ended: Settlement[] = []
  for (const { row, verdict } of assessed) {
    if (verdict.kind === 'ready') {
      const own = idsOf(row).flatMap((id) => {
        const record = records.get(id)
        return record === undefined ? [] : [[id, record] as const]
      })
      const { from, write } = verdict
      drafts.push({ row, records: new Map(own), from, write, readAt })
    } else if (verdict.kind === 'merged') {
      const winner = records.get(row.winner) ?? {}
      await showMerged(job, row, winner)
      ended.push({ row, status: 'done', reason: '' })
    } else {
      ended.push({ row, status: verdict.kind, reason: verdict.reason })
    }
  }
  await settle(job, ended)
  return drafts
}

/**
 * Leads look as if this plan had been begun, and the journal does not know it:
 * a lost journal may have had a merge in flight.
 */
async function outwaitLostJournal(job: Job, rows: number): Promise<void> {
  const milliseconds = quarantine('merge')
  job.emit({ type: 'quarantine', rows, seconds: milliseconds / 1000 })
  await wait(job, milliseconds)
}

/** What became of a plan, counted from its file and its journal. */
import { readJournal } from '../load/journal.js'
import { JournalState, type StatusCounts } from '../load/journal-state.js'
import { journalPlace } from '../load/place.js'
import { openPlan, planName } from '../load/plan-file.js'
import type { Folders } from './folder.js'
import { readRecord } from './record.js'

/** What a plan came to, row by row, from its file and its journal. */
export interface PlanTally {
  readonly rows: number
  readonly ended: number
  readonly mergedLeads: number
  readonly updatedLeads: number
  /** Leads made anew by a restore. */
  readonly createdLeads: number
  readonly optOutsKept: number
  /** Something of it may have been sent. */
  readonly isBegun: boolean
  readonly counts: StatusCounts
  readonly differences: number
}

export async function planTally(
  path: string,
  folder: string,
): Promise<PlanTally> {
  const plan = await openPlan(path)
  try {
    const name = planName(plan.header.hash)
    const state = await readJournal(journalPlace(folder, name).journal)
    const known = state ?? new JournalState()
    const tally = {
      rows: 0,
      ended: 0,
      mergedLeads: 0,
      updatedLeads: 0,
      createdLeads: 0,
      optOutsKept: 0,
      isBegun: known.begun,
      counts: known.counts,
      differences: known.differences,
    }
    for await (const row of plan.rows()) {
      const status = known.final.get(row.row)
      tally.rows += 1
      if (status !== undefined) tally.ended += 1
      if (status !== 'done') continue
      if (row.kind === 'update') tally.updatedLeads += 1
      else if (row.kind === 'create') tally.createdLeads += 1
      else {
        tally.mergedLeads += row.losers.length
        if (row.kept.length > 0) tally.optOutsKept += 1
      }
    }
    return tally
  } finally {
    await plan.close()
  }
}

/** Calls of earlier runs that carried a plan on, as far as they could tell. */
export async function callsOfEarlierRuns(
  { root, log }: Pick<Folders, 'root' | 'log'>,
  hash: string,
  run: string,
): Promise<number> {
  const { journal } = journalPlace(root, planName(hash))
  const state = await readJournal(journal)
  return [...(state?.runs ?? [])]
    .filter((id) => id !== run)
    .reduce((sum, id) => sum + (readRecord(log, id)?.apply?.calls ?? 0), 0)
}

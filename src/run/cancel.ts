/** Ends plans that were begun, so that no later run goes on with them. */
import { basename } from 'node:path'
import { cancelPlan } from '../load/decide.js'
import type { StatusCounts } from '../load/journal-state.js'
import { unfinishedPlans } from '../load/unfinished.js'
import { lockFolder } from '../warehouse/lock.js'
import type { Folders } from './folder.js'

export interface CancelledPlan {
  /** First digits of the plan's hash. */
  readonly plan: string
  readonly counts: StatusCounts
}

/**
 * Rows that were not begun end as cancelled; those that may have happened end
 * as unresolved, and their leads wait for a person. Throws `locked` (exit 9)
 * while a run goes on.
 */
export async function cancelBegun(
  { root }: Pick<Folders, 'root'>,
  who: string,
): Promise<CancelledPlan[]> {
  const lock = await lockFolder(root)
  try {
    const cancelled: CancelledPlan[] = []
    for (const path of await unfinishedPlans(root)) {
      const counts = await cancelPlan(path, who)
      cancelled.push({ plan: basename(path, '.jsonl'), counts })
    }
    return cancelled
  } finally {
    await lock.release()
  }
}

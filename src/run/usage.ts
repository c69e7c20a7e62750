/** What a pipeline has used of Marketo's day, from its own files. */
import { Volume } from '../extract/volume.js'
import { readStates } from '../extract/state.js'
import { quotaReset } from '../marketo/day.js'
import { earlierCalls } from './day.js'
import type { Folders } from './folder.js'

export interface DayUsage {
  /** Calls of this pipeline's runs that count today. */
  readonly calls: number
  /** Bytes of its export jobs that finished today. */
  readonly export_bytes: number
  /** When the daily quotas have reset, ISO 8601. */
  readonly resets_at: string
}

/**
 * Nothing is asked of Marketo, so others' use is not in it. null where the
 * pipeline has never run here.
 */
export async function dayUsage(
  { log, landing }: Folders,
  now: number,
): Promise<DayUsage | null> {
  try {
    const { count, lastAt } = earlierCalls(log, now)
    // The clock of a sandbox runs ahead of ours.
    const at = Math.max(now, lastAt)
    const volume = new Volume(0)
    for (const { state } of await readStates(landing)) {
      volume.addTasks(state.tasks)
    }
    return {
      calls: count,
      export_bytes: volume.used(at),
      resets_at: new Date(quotaReset(at)).toISOString(),
    }
  } catch (error) {
    const isNone =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isNone) return null
    throw error
  }
}

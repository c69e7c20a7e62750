/** Whether a pipeline is due, and what becomes of runs that were missed. */
import type { Pipeline } from '../pipeline/pipeline.js'
import { nextTime } from '../run/deadline.js'
import { pastRuns } from './next.js'

/** Later than this, in milliseconds, a slot was missed. */
const grace = 120_000

/** Missed slots that are counted; nobody reads a larger number. */
const most = 1000

export type Due =
  | { readonly kind: 'none' }
  | { readonly kind: 'run'; readonly slot: Date; readonly missed: number }
  | {
      readonly kind: 'skip'
      readonly slot: Date
      readonly missed: number
      /** Follows the pipeline's name in a sentence. */
      readonly why: string
    }

/**
 * What to do now with the slots after `last`. However many there are, it is
 * one run at most, for the newest.
 */
export function due(
  pipeline: Pick<Pipeline, 'schedule'>,
  { last, now }: { readonly last: Date; readonly now: Date },
): Due {
  const { schedule } = pipeline
  const slots = pastRuns(pipeline, now, { after: last, n: most })
  const [slot] = slots
  if (schedule === null || slot === undefined) return { kind: 'none' }
  const isLate = now.getTime() - slot.getTime() > grace
  const missed = isLate ? slots.length : slots.length - 1
  if (!isLate) return { kind: 'run', slot, missed }
  if (schedule.missed === 'skip') {
    return { kind: 'skip', slot, missed, why: 'skips what it missed' }
  }
  const { until, timezone } = schedule
  const isPast =
    until !== null && now.getTime() >= nextTime(slot.getTime(), until, timezone)
  return isPast
    ? { kind: 'skip', slot, missed, why: `may not run after ${until}` }
    : { kind: 'run', slot, missed }
}

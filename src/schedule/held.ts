/** Whether a schedule keeps a pipeline from running now. Pure. */
import type { Pipeline } from '../pipeline/pipeline.js'
import { wallTime } from './next.js'

/** Why a scheduled run does not begin, as a sentence, or null. */
export function heldWords(
  { name, schedule }: Pick<Pipeline, 'name' | 'schedule'>,
  now: Date,
): string | null {
  if (schedule === null) return null
  if (schedule.paused) {
    return `${name} does not run by itself now: schedule.paused is true.`
  }
  const day = wallTime(now, schedule.timezone).slice(0, 10)
  const found = schedule.blackout.find(
    ({ from, to }) => from <= day && day <= to,
  )
  return found === undefined
    ? null
    : `${name} does not run by itself on ${day}, a day of schedule.blackout.`
}

import { tick } from './job.js'
import type { StateFile } from './state.js'

/** Jobs looked back at. */
const recent = 20
const share = 0.95
/** Until a job is taken up, and until its status tells that it is done. */
const lag = 15_000 + tick
const longest = 10 * 60_000

/**
 * Milliseconds in which nearly every one of the latest jobs was done, so that
 * the first look at a new one is most often the last. Not less than a tick.
 */
export function patienceOf(states: readonly StateFile[]): number {
  const times = states
    .flatMap(({ state }) => state.tasks)
    .flatMap(({ took }) => took ?? [])
    .slice(-recent)
    .toSorted((a, b) => a - b)
  const most = times[Math.ceil(times.length * share) - 1]
  if (most === undefined) return tick
  return Math.min(Math.max(most + lag, tick), longest)
}

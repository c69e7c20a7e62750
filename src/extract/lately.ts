import type { StateFile } from './state.js'

/** What Marketo did this long ago, in milliseconds, it may do no longer. */
const holds = 7 * 86_400_000

/** Whether the newest extract of the last days that looked saw it so. */
export function lately(
  states: readonly StateFile[],
  now: number,
  what: 'hasDeletions' | 'isAlone',
): boolean {
  const last = states.findLast(({ state }) => state[what] !== undefined)
  if (last === undefined) return false
  return last.state[what] === true && now - Date.parse(last.state.asOf) < holds
}

import type { StateFile, Task } from './state.js'

/** Bytes of exports that are no windows of leads, by task and columns. */
export type Weights = ReadonlyMap<string, number>

/** A list grows from one extract to the next. */
const growth = 1.5
/** Share of a day's bytes for a list of ids that nobody has weighed. */
const idShare = 0.03
/** Share of a day's bytes without which an unknown list is not begun. */
export const unknownShare = 0.25

/** What lists and ids weighed, the newest last. */
export function weightsOf(states: readonly StateFile[]): Weights {
  const weighed = states.flatMap(({ state }) =>
    state.tasks.flatMap((task) =>
      task.bytes === null || (task.isLeads && 'startAt' in task.filter)
        ? []
        : [[keyOf(task), task.bytes] as const],
    ),
  )
  return new Map(weighed)
}

/**
 * Bytes to hold back for a task that is no window of leads: its members are
 * not counted before it is done. Infinity: it may be any number, so nothing
 * may run beside it.
 */
export function reserveOf(
  task: Pick<Task, 'key' | 'fields'>,
  weights: Weights,
  limit: number,
): number {
  const known = weights.get(keyOf(task))
  if (known !== undefined) return known * growth
  return task.fields.length === 1 ? limit * idShare : Number.POSITIVE_INFINITY
}

/** Ids alone weigh a fraction of whole leads. */
function keyOf({ key, fields }: Pick<Task, 'key' | 'fields'>): string {
  return `${key} ${fields.length === 1 ? 'ids' : 'leads'}`
}

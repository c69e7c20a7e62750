import type { Task } from './state.js'
import { toSecond, type WeighedWindow, type Window } from './window.js'

/** A task before its first step. */
export function newTask(
  wanted: Pick<Task, 'filter' | 'fields' | 'lists' | 'isLeads'>,
): Task {
  return {
    ...wanted,
    key: keyOf(wanted.filter),
    state: 'planned',
    askedAt: null,
    exportId: null,
    isAdopted: false,
    failures: 0,
    rows: null,
    bytes: null,
    sha256: null,
    finishedAt: null,
    landed: null,
  }
}

/** Unique within an extract, and fit for a file's name. */
function keyOf(filter: Task['filter']): string {
  if (filter.kind === 'file') return filter.key
  if ('listId' in filter) {
    const kind = filter.kind === 'staticList' ? 'static' : 'smart'
    return `${kind}-${filter.listId.replaceAll(/\W/g, '_')}`
  }
  const digits = filter.startAt.replaceAll(/[-:]/g, '')
  return `${filter.kind === 'createdAt' ? 'created' : 'updated'}-${digits}`
}

/** Whether a job must be created before anything else. */
export function needsJob({ state }: Task): boolean {
  return state === 'planned' || state === 'creating'
}

/** The windows of tasks, and those of them whose weight is known. */
export function windowsOf(tasks: readonly Task[]): {
  readonly all: readonly Window[]
  readonly weighed: readonly WeighedWindow[]
} {
  const all = tasks.flatMap(({ filter, bytes }) => {
    if (!('startAt' in filter)) return []
    const from = toSecond(filter.startAt)
    return [{ from, to: toSecond(filter.endAt), bytes }]
  })
  const weighed = all.flatMap(({ bytes, ...window }) =>
    bytes === null ? [] : [{ ...window, bytes }],
  )
  return { all, weighed }
}

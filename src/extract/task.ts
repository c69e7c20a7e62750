import type { ExportFilter } from '../marketo/api.js'
import type { Task } from './state.js'
import { isoSecond, type Measure, toSecond, type Window } from './window.js'

/** A task before its first step. */
export function newTask(
  wanted: Pick<Task, 'filter' | 'fields' | 'lists' | 'isLeads' | 'isToRead'>,
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

/** Leads of less time than this, in seconds, are no reason for a failure. */
const indivisible = 2 * 3600

/** A window as two; null for what is none, or short. */
export function halvesOf({ filter, isCensus, ...task }: Task): {
  readonly first: ExportFilter
  readonly second: Task
} | null {
  if (!('startAt' in filter)) return null
  const [from, to] = [toSecond(filter.startAt), toSecond(filter.endAt)]
  if (to - from < indivisible) return null
  const middle = Math.floor((from + to) / 2)
  const later = { ...filter, startAt: isoSecond(middle + 1) }
  const second = newTask({ ...task, filter: later })
  const key = keyOf(later).replace('created', 'census')
  return {
    first: { ...filter, endAt: isoSecond(middle) },
    second: isCensus === true ? { ...second, key, isCensus } : second,
  }
}

/** Unique within an extract, and fit for a file's name. */
export function keyOf(filter: Task['filter']): string {
  if (filter.kind === 'file' || filter.kind === 'ids') return filter.key
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

/** The windows of tasks by one kind of time. */
export function windowsOf(
  tasks: readonly Task[],
  kind: WindowFilter['kind'],
): Window[] {
  return tasks.flatMap((task) => windowOf(task, kind) ?? [])
}

/** Those whose weight is known. */
export function measuresOf(
  tasks: readonly Task[],
  kind: WindowFilter['kind'],
): Measure[] {
  return tasks.flatMap((task) => {
    const { rows, bytes } = task
    const window = windowOf(task, kind)
    if (window === null || rows === null || bytes === null) return []
    return [{ ...window, rows, bytes }]
  })
}

type WindowFilter = Extract<ExportFilter, { readonly startAt: string }>

function windowOf({ filter }: Task, kind: WindowFilter['kind']): Window | null {
  if (!('startAt' in filter) || filter.kind !== kind) return null
  return { from: toSecond(filter.startAt), to: toSecond(filter.endAt) }
}

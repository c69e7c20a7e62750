import { rm } from 'node:fs/promises'
import type { Marketo } from '../marketo/api.js'
import type { Emit, ExtractEvent } from './event.js'
import type { RejectLimit } from '../pipeline/pipeline.js'
import type { StateFile, Task } from './state.js'
import type { Turn } from './turn.js'
import { toSecond } from './window.js'

/** What every part of a running extract shares. */
export interface Work {
  readonly marketo: Marketo
  readonly file: StateFile
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Ids of all jobs that this or an earlier extract knows. */
  readonly known: Set<string>
  /** Jobs are created one by one, so that a lost one can be told. */
  readonly creation: Turn
  /** Broken rows of one file that may be set aside. */
  readonly limit: RejectLimit
  /**
   * Milliseconds after which a new job is looked at first. Nothing waits for
   * the only job of an increment, so a look too soon is a call for nothing.
   */
  readonly patience?: number
  /** Told that others fill the queue, so that we take less of it. */
  readonly crowded?: () => void
}

/** Makes a step of a task durable, then tells of it. */
export async function advance(
  work: Work,
  task: Task,
  change: Partial<Task>,
): Promise<void> {
  await work.file.change(() => {
    Object.assign(task, change)
  })
  work.emit(taskEvent(work.file, task))
}

export function taskEvent(file: StateFile, task: Task): ExtractEvent {
  const { filter } = task
  const isWindow = 'startAt' in filter
  return {
    type: 'task',
    key: task.key,
    state: task.state,
    exportId: task.exportId,
    filter: filter.kind,
    from: isWindow ? filter.startAt : null,
    to: isWindow ? filter.endAt : null,
    rows: task.rows,
    bytes: task.bytes,
    rejects: task.landed?.rejects ?? 0,
    done: landedShare(file),
  }
}

/** Share of the range of times that is landed; 1 without any. */
function landedShare({ state }: StateFile): number {
  const { kind, start, cursor, asOf, tasks } = state
  if (start === null) return 1
  const windows = tasks.flatMap(({ filter }) =>
    'startAt' in filter ? [filter.startAt] : [],
  )
  const starts = [...windows, cursor]
  const from = kind === 'increment' ? (starts.toSorted()[0] ?? start) : start
  const whole = toSecond(asOf) - toSecond(from) + 1
  const landed = tasks
    .filter((task) => task.state === 'landed')
    .reduce((sum, { filter }) => sum + seconds(filter), 0)
  return whole <= 0 ? 1 : Math.min(1, landed / whole)
}

function seconds(filter: Task['filter']): number {
  if (!('startAt' in filter)) return 0
  return toSecond(filter.endAt) - toSecond(filter.startAt) + 1
}

/** Where a task's file is downloaded to. */
export function csvPath(work: Work, task: Task): string {
  return work.file.path(`${task.key}.csv`)
}

/** Removes what was downloaded of a task. */
export async function discard(work: Work, task: Task): Promise<void> {
  await rm(csvPath(work, task), { force: true })
  await rm(`${csvPath(work, task)}.part`, { force: true })
}

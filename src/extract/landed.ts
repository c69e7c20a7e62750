import type { ExtractKind, ListName, StateFile, Task } from './state.js'
import type { Route } from './route.js'
import { rejectName } from './reject-file.js'

/** A finished extract: what it holds, and where. Paths are absolute. */
export interface Extract {
  /** Sorts by time: `20261121-050003-7f3a`. */
  readonly id: string
  readonly kind: ExtractKind
  /** Why it is of this kind, in words. */
  readonly why: string
  /** How the leads came, with the price; null: not priced. */
  readonly route: Route | null
  readonly instance: string
  /** The cut line, ISO 8601: leads created later are in the next one. */
  readonly asOf: string
  /** Creation time from which leads were exported; null: lists only. */
  readonly start: string | null
  readonly fields: readonly string[]
  /** Whether a lead that is not in it is gone from Marketo. */
  readonly isComplete: boolean
  /** Parquet files with all columns, oldest window first. */
  readonly leads: readonly string[]
  readonly members: readonly ListMembers[]
  readonly rejects: readonly RejectFile[]
  /** JSON lines of deletions and merges; null where none were asked for. */
  readonly changes: string | null
  /** Ids of all leads there are, created from `start` on; null: not asked. */
  readonly census: Census | null
  /** Leads landed. */
  readonly rows: number
  /** Bytes exported, which is what Marketo's daily volume counts. */
  readonly bytes: number
  readonly jobs: number
  readonly rejected: number
  /** Exports for which Marketo gave no checksum. */
  readonly unverified: number
}

export interface Census {
  readonly start: string
  readonly parquet: readonly string[]
}

export interface ListMembers {
  readonly name: ListName
  /** null: the list is empty. */
  readonly parquet: string | null
}

export interface RejectFile {
  /** The export, for example `created-20240101T000000Z`. */
  readonly key: string
  readonly path: string
}

export const changesName = 'change.jsonl'

/** An extract as its state on disk tells it. */
export function describe(file: StateFile): Extract {
  const { state } = file
  const leads = state.tasks.filter(({ isLeads }) => isLeads)
  const rejected = sum(state.tasks, ({ landed }) => landed?.rejects)
  return {
    id: state.id,
    kind: state.kind,
    why: state.why,
    route: state.route ?? null,
    instance: state.instance,
    asOf: state.asOf,
    start: state.start,
    fields: state.fields,
    isComplete: state.isWhole && rejected === 0,
    leads: leads.flatMap((task) => parquetOf(file, task) ?? []),
    members: state.tasks.flatMap((task) => membersOf(file, task)),
    rejects: state.tasks.flatMap(({ key, landed }) =>
      landed?.rejects ? [{ key, path: file.path(rejectName(key)) }] : [],
    ),
    changes: state.hasChanges ? file.path(changesName) : null,
    census: censusOf(file),
    rows: sum(leads, ({ landed }) => landed?.rows),
    bytes: sum(state.tasks, ({ bytes }) => bytes),
    jobs: state.tasks.filter(({ filter }) => filter.kind !== 'ids').length,
    rejected,
    unverified: sum(state.tasks, ({ landed }) =>
      landed?.isVerified === false ? 1 : 0,
    ),
  }
}

/** Only a whole one: a row that was set aside could be any lead. */
function censusOf(file: StateFile): Census | null {
  const { tasks, censusStart: start } = file.state
  const own = tasks.filter(({ isCensus }) => isCensus === true)
  const isWhole = own.every(({ landed }) => landed?.rejects === 0)
  if (start === undefined || !isWhole) return null
  return { start, parquet: own.flatMap((task) => parquetOf(file, task) ?? []) }
}

function parquetOf(file: StateFile, { landed }: Task): string | null {
  const name = landed?.parquet ?? null
  return name === null ? null : file.path(name)
}

/** Files of the ids of leads that are to be read one by one. */
export function toRead(file: StateFile): string[] {
  const tasks = file.state.tasks.filter(({ isToRead }) => isToRead === true)
  return tasks.flatMap((task) => parquetOf(file, task) ?? [])
}

function membersOf(file: StateFile, task: Task): ListMembers[] {
  const parquet = parquetOf(file, task)
  return task.lists.map((name) => ({ name, parquet }))
}

function sum(
  tasks: readonly Task[],
  count: (task: Task) => number | null | undefined,
): number {
  return tasks.reduce((total, task) => total + (count(task) ?? 0), 0)
}

import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { privateFolder, replaceFile } from '../durable.js'
import { asError } from '../error.js'
import type { ExportFilter } from '../marketo/api.js'
import { chainOf } from './chain.js'
import type { Route } from './route.js'
import { Turn } from './turn.js'

/**
 * Where a task is. `creating`: the request may have reached Marketo.
 * `created`: the job is known and perhaps in the queue. `queued`: it is in
 * the queue or running. `ready`: its file can be downloaded.
 */
export type TaskState =
  | 'planned'
  | 'creating'
  | 'created'
  | 'queued'
  | 'ready'
  | 'landed'

/** One export job to run and land: a window of leads, or a list. */
export interface Task {
  readonly key: string
  filter: ExportFilter | FileSource | IdSource
  readonly fields: readonly string[]
  /** Lists as services name them that this export holds the members of. */
  readonly lists: readonly ListName[]
  /** Its rows are leads to keep, not only members of a list. */
  readonly isLeads: boolean
  /** Its rows are ids of leads that are read afterwards. */
  readonly isToRead?: boolean
  /** Its rows are ids of all leads: one that is missing is gone. */
  readonly isCensus?: boolean
  state: TaskState
  /** Marketo's time before the create request, ISO 8601. */
  askedAt: string | null
  exportId: string | null
  /** The job was found again, not created in this run; so it is checked. */
  isAdopted: boolean
  /** Jobs that failed, vanished or had a wrong file, in a row. */
  failures: number
  /** Times that the job was waited for in vain, in a row; absent: never. */
  stalls?: number
  rows: number | null
  bytes: number | null
  sha256: string | null
  finishedAt: string | null
  /** Milliseconds that Marketo worked on the job; absent: not told. */
  took?: number
  landed: LandedFile | null
}

/** A file that a person downloaded, by its name. */
export interface FileSource {
  readonly kind: 'file'
  readonly key: string
  readonly name: string
}

/** Leads that are known and read by id; a range of places in their list. */
export interface IdSource {
  readonly kind: 'ids'
  readonly key: string
  /** Both inclusive; the first place is 1. */
  readonly from: number
  readonly to: number
}

export interface ListName {
  readonly kind: 'static' | 'smart'
  /** As the pipeline file has it. */
  readonly list: string
}

export interface LandedFile {
  /** Name in the extract's folder; null where the export has no record. */
  readonly parquet: string | null
  readonly bytes: number
  readonly sha256: string | null
  readonly rows: number
  readonly rejects: number
  /** Marketo's checksum agreed with the bytes that were landed. */
  readonly isVerified: boolean
}

/**
 * `full`: every lead, by creation time. `increment`: what was created or
 * changed since the extract before. `list`: lists only. `file`: what a person
 * downloaded.
 */
export type ExtractKind = 'full' | 'increment' | 'list' | 'file'

/** `extract.json`, the memory of an extract: times are ISO 8601. */
export interface ExtractState {
  readonly version: 1
  readonly id: string
  readonly kind: ExtractKind
  /** Why it is of this kind, in words. */
  readonly why: string
  /** How the leads come, with the price; absent: by export, unpriced. */
  readonly route?: Route
  /** The extract that an increment builds on. */
  readonly base: string | null
  readonly instance: string
  /** Same fields, lists and start: an unfinished one is continued. */
  readonly fingerprint: string
  readonly fields: readonly string[]
  /** Creation time of the oldest lead wanted; null: lists only. */
  readonly start: string | null
  /** `extract.start` of the pipeline file when it began. */
  readonly wantedStart: string | null
  /** All leads from `start` on are asked for, so a missing one is gone. */
  readonly isWhole: boolean
  /** The cut line: leads created later come with the next extract. */
  readonly asOf: string
  /** Deletions and merges are read from here on; null: they are not. */
  readonly changesSince: string | null
  /** Deletions and merges are known up to here; null: not at all. */
  readonly changesUntil: string | null
  /** Start of the next window; past the cut line when all are planned. */
  cursor: string
  /**
   * Every change up to here is in it or in what it builds on, once it is
   * done: the end of its last window, never a column's value.
   */
  updatesUntil: string
  tasks: Task[]
  /** Deletions and merges are on disk. */
  hasChanges: boolean
  /** Activities had every deletion that Marketo's list of them had. */
  hasDeletions?: boolean
  /** Nobody else's job was in the list of jobs of our API user. */
  isAlone?: boolean
  /** Deletions may be missing among them. */
  hasGap?: boolean
  /** Creation time from which the census has every lead. */
  censusStart?: string
  status: 'running' | 'done' | 'abandoned'
}

const fileName = 'extract.json'

/** An extract's state on disk, replaced whole at every step. */
export class StateFile {
  readonly folder: string
  readonly state: ExtractState
  readonly #writing = new Turn()

  constructor(folder: string, state: ExtractState) {
    this.folder = folder
    this.state = state
  }

  /** Changes the state and makes it durable before it returns. */
  async change(apply: (state: ExtractState) => void): Promise<void> {
    await this.#writing.take(async () => {
      apply(this.state)
      await privateFolder(this.folder)
      const text = `${JSON.stringify(this.state, null, 2)}\n`
      await replaceFile(join(this.folder, fileName), text)
    })
  }

  path(name: string): string {
    return join(this.folder, name)
  }
}

/** All extracts of a landing folder, oldest first. */
export async function readStates(landing: string): Promise<StateFile[]> {
  await mkdir(landing, { recursive: true, mode: 0o700 })
  const entries = await readdir(landing, { withFileTypes: true })
  const names = entries.filter(
    (each) => each.isDirectory() && isExtractId(each.name),
  )
  const found: StateFile[] = []
  for (const { name } of names.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const folder = join(landing, name)
    const state = await readState(folder)
    if (state !== null) found.push(new StateFile(folder, state))
  }
  return found
}

function isExtractId(name: string): boolean {
  return /^\d{8}-\d{6}-[0-9a-f]{4}$/.test(name)
}

/**
 * null for a folder without a readable state: it was killed before the first
 * write, or damaged; nothing of it can be trusted, and nothing needs it.
 */
async function readState(folder: string): Promise<ExtractState | null> {
  try {
    const text = await readFile(join(folder, fileName), 'utf8')
    const state: unknown = JSON.parse(text)
    if (!isState(state) || state.id !== basename(folder)) return null
    return { ...before(state), ...state }
  } catch (thrown) {
    const error = asError(thrown)
    const code = 'code' in error ? error.code : null
    if (error instanceof SyntaxError || code === 'ENOENT') return null
    throw error
  }
}

/** What states of earlier versions of the program do not say. */
function before({ isWhole, fingerprint, asOf, start }: ExtractState) {
  const kind: ExtractKind =
    fingerprint === 'files' ? 'file' : isWhole ? 'full' : 'list'
  const base = null
  return { kind, why: '', base, wantedStart: start, updatesUntil: asOf }
}

function isState(value: unknown): value is ExtractState {
  const isObject = typeof value === 'object' && value !== null
  return (
    isObject &&
    'version' in value &&
    value.version === 1 &&
    'tasks' in value &&
    Array.isArray(value.tasks) &&
    'fields' in value &&
    Array.isArray(value.fields)
  )
}

export interface Retention {
  /** Days that an extract is kept; null: the last three are. */
  readonly keepDays: number | null
  /** Marketo's time, in milliseconds. */
  readonly now: number
}

const keptExtracts = 3

/**
 * Removes extracts that are old. What the last finished one builds on stays
 * whatever its age, so that a lost warehouse can be loaded again from it.
 */
export async function removeOld(
  landing: string,
  { keepDays, now }: Retention,
): Promise<void> {
  const states = await readStates(landing)
  const young =
    keepDays === null
      ? states.slice(-keptExtracts)
      : states.filter(({ state }) => madeAt(state.id) > now - keepDays * day)
  const kept = new Set(young.map(({ state }) => state.id))
  for (const { state } of chainOf(states)) kept.add(state.id)
  for (const name of await readdir(landing)) {
    if (!isExtractId(name) || kept.has(name)) continue
    await rm(join(landing, name), { recursive: true, force: true })
  }
}

const day = 86_400_000

/** `20261121-050003-7f3a` in milliseconds since the epoch. */
function madeAt(id: string): number {
  const iso = id.replace(
    /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-.*$/,
    '$1-$2-$3T$4:$5:$6Z',
  )
  return Date.parse(iso)
}

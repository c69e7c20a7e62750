/** Records of runs, each kept small and read once. */
import { readdirSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { foldersOf } from '../run/folder.js'
import {
  isOpen,
  readRecord,
  type RunRecord,
  type TestRecord,
} from '../run/record.js'

/** A record without what only the page of its run shows. */
export type RunBrief = Omit<RunRecord, 'exports' | 'models' | 'tests'> & {
  /** Tests that did not pass. */
  readonly failing: readonly TestRecord[]
  /** How many there were. */
  readonly counts: { readonly models: number; readonly tests: number }
}

export interface RunHistory {
  /** Oldest first. */
  readonly runs: readonly RunBrief[]
  /** Names of files that are no records. */
  readonly damaged: readonly string[]
  /** Of all records, also those before the oldest that is given. */
  readonly total: number
}

const none: RunHistory = { runs: [], damaged: [], total: 0 }

interface Known {
  /** Of the folder, which changes with every record that is written. */
  readonly version: string
  /** Of all records, oldest first. */
  readonly names: readonly string[]
  /** Of those that were read and have ended; the others are read again. */
  readonly ended: Map<string, RunBrief | null>
  /** What was given out for this version, by how many runs. */
  readonly given: Map<number, RunHistory>
}

export class RunHistories {
  readonly #projectDir: string
  readonly #known = new Map<string, Known>()

  constructor(projectDir: string) {
    this.#projectDir = projectDir
  }

  /** At most the last `n` runs; a record that ended is read once. */
  of(pipeline: string, n = Number.POSITIVE_INFINITY): RunHistory {
    const { log } = foldersOf(this.#projectDir, pipeline)
    const version = versionOf(log)
    if (version === null) return none
    const known = this.#looked(pipeline, log, version)
    const given = known.given.get(n)
    if (given !== undefined) return given
    const history = historyOf(log, known, n)
    known.given.set(n, history)
    return history
  }

  #looked(pipeline: string, folder: string, version: string): Known {
    const known = this.#known.get(pipeline)
    if (known?.version === version) return known
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted()
    const ended = known?.ended ?? new Map<string, RunBrief | null>()
    const looked = { version, names, ended, given: new Map() }
    this.#known.set(pipeline, looked)
    return looked
  }
}

function historyOf(folder: string, known: Known, n: number): RunHistory {
  const names = n < known.names.length ? known.names.slice(-n) : known.names
  const briefs = names.map((name) => {
    const before = known.ended.get(name)
    if (before !== undefined) return { name, brief: before }
    const brief = readBrief(folder, basename(name, '.json'))
    if (brief === null || !isOpen(brief)) known.ended.set(name, brief)
    return { name, brief }
  })
  return {
    runs: briefs.flatMap(({ brief }) => brief ?? []),
    damaged: briefs.flatMap(({ name, brief }) => (brief ? [] : [name])),
    total: known.names.length,
  }
}

/** A record is replaced whole, which shows in its folder. */
function versionOf(folder: string): string | null {
  const facts = statSync(folder, { throwIfNoEntry: false })
  return facts === undefined ? null : `${facts.ino} ${facts.mtimeMs}`
}

function readBrief(folder: string, runId: string): RunBrief | null {
  const record = readRecord(folder, runId)
  return record === null ? null : briefOf(record)
}

/** Some lists of a record are long, and 8,000 records are held in memory. */
export function briefOf(record: RunRecord): RunBrief {
  const { exports: _, models, tests, ...brief } = record
  const failing = tests.filter(({ status }) => status !== 'pass')
  const counts = { models: models.length, tests: tests.length }
  return { ...brief, failing, counts }
}

/** The whole record of one run; null where there is none. */
export function readRun(
  projectDir: string,
  pipeline: string,
  runId: string,
): RunRecord | null {
  if (!/^[\w-]{1,64}$/.test(runId)) return null
  const { log } = foldersOf(projectDir, pipeline)
  return readRecord(log, runId)
}

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
}

const none: RunHistory = { runs: [], damaged: [] }

interface Known {
  /** Of the folder, which changes with every record that is written. */
  readonly version: string
  readonly briefs: ReadonlyMap<string, RunBrief | null>
  readonly history: RunHistory
}

export class RunHistories {
  readonly #projectDir: string
  readonly #known = new Map<string, Known>()

  constructor(projectDir: string) {
    this.#projectDir = projectDir
  }

  of(pipeline: string): RunHistory {
    const { log } = foldersOf(this.#projectDir, pipeline)
    const version = versionOf(log)
    if (version === null) return none
    const known = this.#known.get(pipeline)
    if (known?.version === version) return known.history
    const briefs = readBriefs(log, known?.briefs ?? new Map())
    const history = {
      runs: [...briefs.values()].filter((brief) => brief !== null),
      damaged: [...briefs].flatMap(([name, brief]) =>
        brief === null ? [name] : [],
      ),
    }
    this.#known.set(pipeline, { version, briefs, history })
    return history
  }
}

/** A record is replaced whole, which shows in its folder. */
function versionOf(folder: string): string | null {
  const facts = statSync(folder, { throwIfNoEntry: false })
  return facts === undefined ? null : `${facts.ino} ${facts.mtimeMs}`
}

/** What ended stays as it is; the rest is read again. */
function readBriefs(
  folder: string,
  known: ReadonlyMap<string, RunBrief | null>,
): Map<string, RunBrief | null> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
  return new Map(
    names.map((name) => {
      const before = known.get(name)
      if (before && !isOpen(before)) return [name, before]
      return [name, readBrief(folder, basename(name, '.json'))]
    }),
  )
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

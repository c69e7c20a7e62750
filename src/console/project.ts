/** What the pages read: pipeline files, records of runs, published files. */
import { join } from 'node:path'
import { type Clock, instant } from '../clock.js'
import { withEnvFile } from '../pipeline/env-file.js'
import { type Environment } from '../pipeline/reference.js'
import { foldersOf } from '../run/folder.js'
import { isOpen } from '../run/record.js'
import type { DayUsage } from '../run/usage.js'
import { isLocked } from '../warehouse/lock.js'
import type { Queries } from '../warehouse/session.js'
import { PublishedReader } from '../warehouse/reader.js'
import { appendAudit, type AuditEntry } from './audit.js'
import { PipelineFiles, type PipelineFile } from './pipeline-file.js'
import { type RunBrief, RunHistories, type RunHistory } from './history.js'
import { consoleFolder } from './token.js'
import { DayUsages } from './day-usage.js'

export interface LastRun {
  readonly last: RunBrief | null
  readonly isRunning: boolean
}

/** Nothing in here opens a build file. */
export class Project {
  /** Absolute path of the folder with pipelines/ and warehouse/. */
  readonly dir: string
  /** Of the process, without what the project's .env says. */
  readonly processEnv: Environment
  readonly #clock: Pick<Clock, 'now'>
  readonly #reader: PublishedReader
  readonly #files: PipelineFiles
  readonly #histories: RunHistories
  readonly #usage: DayUsages

  constructor(dir: string, env: Environment, clock: Pick<Clock, 'now'>) {
    this.dir = dir
    this.processEnv = env
    this.#clock = clock
    this.#reader = new PublishedReader({
      temp: join(consoleFolder(dir), 'temp'),
      memoryLimit: '256MB',
    })
    this.#files = new PipelineFiles(join(dir, 'pipelines'), env)
    this.#histories = new RunHistories(dir)
    this.#usage = new DayUsages(dir)
  }

  /** What runs get; credentials may have been rotated a moment ago. */
  get env(): Environment {
    return withEnvFile(this.processEnv, this.dir)
  }

  /** Every pipeline file, with its mistakes where it has some. */
  async pipelines(): Promise<readonly PipelineFile[]> {
    return await this.#files.all()
  }

  /** null where there is no such file, whatever the name looks like. */
  async pipeline(name: string | undefined): Promise<PipelineFile | null> {
    const all = await this.pipelines()
    return all.find((file) => file.name === name) ?? null
  }

  /** Records of runs, all or the last; only what changed is read again. */
  history(pipeline: string, last?: number): RunHistory {
    return this.#histories.of(pipeline, last)
  }

  /** The last run, and whether it goes on; a killed one is interrupted. */
  async last(pipeline: string): Promise<LastRun> {
    const last = this.history(pipeline, 1).runs.at(-1) ?? null
    if (last === null || !isOpen(last)) return { last, isRunning: false }
    const isRunning = await isLocked(foldersOf(this.dir, pipeline).root)
    // It may have ended between the two looks.
    const again = this.history(pipeline, 1).runs.at(-1) ?? last
    if (!isOpen(again)) return { last: again, isRunning: false }
    if (isRunning) return { last: again, isRunning: true }
    return { last: { ...again, status: 'interrupted' }, isRunning: false }
  }

  /** What today's quotas hold; null where the pipeline never ran. */
  async today(pipeline: string): Promise<DayUsage | null> {
    return await this.#usage.of(pipeline, this.#clock.now())
  }

  /**
   * Queries the published file of a pipeline: `from lead`, `from meta.run`.
   * null where nothing is published yet. Values are bound as $1, $2, ….
   */
  async published<T>(
    pipeline: string,
    work: (queries: Queries) => Promise<T>,
  ): Promise<T | null> {
    const { published } = foldersOf(this.dir, pipeline)
    return await this.#reader.read(published, work)
  }

  /** Says who did what, in a file that only grows; no lead values. */
  async audit(entry: Omit<AuditEntry, 'ts'>): Promise<void> {
    const ts = instant(this.#clock)
    await appendAudit(consoleFolder(this.dir), { ts, ...entry })
  }

  /** Queries files of ours that are read as they are: logs, plans, journals. */
  async files<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return await this.#reader.query(work)
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }
}

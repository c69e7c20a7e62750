/** What the pages read: pipeline files, records of runs, published files. */
import { join } from 'node:path'
import { type Clock, instant } from '../clock.js'
import { withEnvFile } from '../pipeline/env-file.js'
import { type Environment } from '../pipeline/reference.js'
import { foldersOf } from '../run/folder.js'
import type { Queries } from '../warehouse/session.js'
import { PublishedReader } from '../warehouse/reader.js'
import { appendAudit, type AuditEntry } from './audit.js'
import { PipelineFiles, type PipelineFile } from './pipeline-file.js'
import { RunHistories, type RunHistory } from './history.js'
import { consoleFolder } from './token.js'

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

  /** Records of runs; only what changed is read again. */
  history(pipeline: string): RunHistory {
    return this.#histories.of(pipeline)
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

  async close(): Promise<void> {
    await this.#reader.close()
  }
}

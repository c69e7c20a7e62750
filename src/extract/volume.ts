import { quotaDayStart } from '../marketo/day.js'
import type { ExportJob } from '../marketo/api.js'
import type { Task } from './state.js'

/** A finished job and the bytes of its file. */
interface Weighed {
  readonly exportId: string
  readonly finishedAt: string
  readonly bytes: number
}

/**
 * Bytes that finished export jobs have taken of today's volume: a file counts
 * once, however often it is downloaded (Adobe docs, bulk extract). Jobs are
 * known from Marketo's list, which has those of our API user of 7 days, and
 * from our own memory.
 */
export class Volume {
  readonly #jobs = new Map<string, Weighed>()
  readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  addJobs(jobs: readonly ExportJob[]): void {
    for (const { exportId, finishedAt, bytes } of jobs) {
      this.#add(exportId, finishedAt, bytes)
    }
  }

  addTasks(tasks: readonly Task[]): void {
    for (const { exportId, finishedAt, bytes } of tasks) {
      if (exportId !== null) this.#add(exportId, finishedAt, bytes)
    }
  }

  #add(exportId: string, finishedAt: string | null, bytes: number | null) {
    if (finishedAt === null || bytes === null) return
    this.#jobs.set(exportId, { exportId, finishedAt, bytes })
  }

  /** `now` is Marketo's time, in milliseconds. */
  used(now: number): number {
    const start = quotaDayStart(now)
    const today = [...this.#jobs.values()].filter(
      ({ finishedAt }) => Date.parse(finishedAt) >= start,
    )
    return today.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  left(now: number): number {
    return this.limit - this.used(now)
  }
}

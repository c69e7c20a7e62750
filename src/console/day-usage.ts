/** What pipelines used of their day; logs are long, so it is kept a while. */
import { statSync } from 'node:fs'
import { foldersOf } from '../run/folder.js'
import { type DayUsage, dayUsage } from '../run/usage.js'

interface Kept {
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly usage: DayUsage | null
}

/** While a run goes on, its log grows without its folder changing. */
const freshFor = 5_000

export class DayUsages {
  readonly #projectDir: string
  readonly #kept = new Map<string, Kept>()

  constructor(projectDir: string) {
    this.#projectDir = projectDir
  }

  async of(pipeline: string, now: number): Promise<DayUsage | null> {
    const folders = foldersOf(this.#projectDir, pipeline)
    const kept = this.#kept.get(pipeline)
    if (kept !== undefined && now - kept.at < freshFor) return kept.usage
    const version = [folders.log, folders.landing].map(changed).join(' ')
    if (kept?.version === version && isToday(kept.usage, now)) {
      this.#kept.set(pipeline, { ...kept, at: now })
      return kept.usage
    }
    const usage = await dayUsage(folders, now)
    this.#kept.set(pipeline, { version, at: now, usage })
    return usage
  }
}

function isToday(usage: DayUsage | null, now: number): boolean {
  return usage === null || Date.parse(usage.resets_at) > now
}

/** Logs grow until the record says how the run ended, which replaces it. */
function changed(folder: string): number {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

import { centralDay } from './central-time.js'

/** What other integrations use of the shared limits from a moment on. */
export interface OtherLevel {
  /** Seconds after the sandbox began, or after it was told. */
  readonly after?: number
  /** Calls that they make in every 20 s; these count for the day too. */
  readonly callsPer20s?: number
  /** Calls of theirs that are always open. */
  readonly concurrency?: number
  /** Calls that they made all at once. */
  readonly calls?: number
}

/** An export of somebody else, in the queue that all share. */
export interface OtherJob {
  readonly after?: number
  /** Seconds that it is processed. */
  readonly seconds: number
  readonly bytes: number
}

export interface OtherUse {
  readonly levels?: readonly OtherLevel[]
  readonly jobs?: readonly OtherJob[]
}

export const otherUser = 'crm@sandbox.example'

interface Timed<T> {
  readonly at: number
  readonly use: T
}

const hour = 3_600_000

/** Everybody else who uses the subscription, by a schedule. */
export class Others {
  #levels: Timed<OtherLevel>[] = []
  #jobs: Timed<OtherJob>[] = []
  readonly #calls = new Map<string, number>()
  /** Up to when their calls are counted. */
  #counted: number

  constructor(now: number, use: OtherUse = {}) {
    this.#counted = now
    this.add(use, now)
  }

  add({ levels = [], jobs = [] }: OtherUse, now: number): void {
    this.#count(now)
    this.#levels = inOrder([...this.#levels, ...timed(levels, now)])
    this.#jobs = inOrder([...this.#jobs, ...timed(jobs, now)])
    for (const { calls = 0, after = 0 } of levels) {
      this.#book(now + after * 1000, calls)
    }
  }

  clear(now: number): void {
    this.#count(now)
    this.#levels = []
    this.#jobs = []
  }

  level(now: number): OtherLevel {
    return this.#levels.findLast(({ at }) => at <= now)?.use ?? {}
  }

  /** Calls of a Central day so far. */
  calls(day: string, now: number): number {
    this.#count(now)
    return Math.floor(this.#calls.get(day) ?? 0)
  }

  /** The next job whose time has come; it is enqueued when taken. */
  nextJob(now: number): OtherJob | null {
    const [first] = this.#jobs
    return first !== undefined && first.at <= now ? first.use : null
  }

  takeJob(): void {
    this.#jobs.shift()
  }

  #count(now: number): void {
    while (this.#counted < now) {
      const from = this.#counted
      const next = this.#levels.find(({ at }) => at > from)?.at ?? now
      const end = Math.min(now, next, (Math.floor(from / hour) + 1) * hour)
      const { callsPer20s = 0 } = this.level(from)
      this.#book(from, (callsPer20s * (end - from)) / 20_000)
      this.#counted = end
    }
  }

  #book(at: number, calls: number): void {
    if (calls === 0) return
    const day = centralDay(at)
    this.#calls.set(day, (this.#calls.get(day) ?? 0) + calls)
  }
}

function timed<T extends { readonly after?: number }>(
  uses: readonly T[],
  now: number,
): Timed<T>[] {
  return uses.map((use) => ({ at: now + (use.after ?? 0) * 1000, use }))
}

function inOrder<T>(list: Timed<T>[]): Timed<T>[] {
  return list.toSorted((a, b) => a.at - b.at)
}

import { PipelineError } from '../error.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { budgetUsed } from './fault.js'
import { fetchTask } from './fetch.js'
import { runJob, tick } from './job.js'
import { measuresOf, needsJob, newTask, windowsOf } from './task.js'
import type { ExtractState, Task } from './state.js'
import type { Volume } from './volume.js'
import { Turn } from './turn.js'
import {
  type Experience,
  expectedBytes,
  isoSecond,
  type Measure,
  nextWindow,
  toSecond,
  type Window,
} from './window.js'
import { taskEvent, type Work } from './work.js'

/** Marketo runs two jobs at a time, for all integrations (Adobe docs). */
const slots = 2
/**
 * As many of ours wait behind them, so that no slot is idle until we look
 * again; the rest of the queue of ten is left to others.
 */
const queued = 2 * slots
/** Ends of a day, not of a run: what is under way is still finished. */
const pauses = ['export_budget', 'export_quota']

export interface KeeperOptions {
  readonly volume: Volume
  readonly warehouse: Warehouse
  /** What an extract before weighed, by the same kind of time. */
  readonly earlier: readonly Measure[]
}

/**
 * Runs every task that is not landed, and new windows up to the cut line, so
 * that Marketo's two slots are never idle; files are downloaded and landed
 * one after the other beside them. Throws the first failure, or that the
 * day's volume is used up.
 */
export class Keeper {
  readonly #work: Work
  readonly #volume: Volume
  readonly #warehouse: Warehouse
  readonly #earlier: readonly Measure[]
  readonly #stop = new AbortController()
  readonly #running = new Set<Task>()
  #waiting: Task[]
  #width = queued
  readonly #planning = new Turn()
  #landing: Promise<void> = Promise.resolve()
  #pause: { readonly error: unknown } | null = null
  #failure: { readonly error: unknown } | null = null

  constructor(work: Work, { volume, warehouse, earlier }: KeeperOptions) {
    const signal = AbortSignal.any([work.signal, this.#stop.signal])
    const crowded = () => {
      this.#width = slots
    }
    this.#work = { ...work, signal, crowded }
    this.#volume = volume
    this.#warehouse = warehouse
    this.#earlier = earlier
    const { tasks } = work.file.state
    this.#waiting = tasks.filter(
      ({ state, filter }) => state !== 'landed' && filter.kind !== 'ids',
    )
  }

  async run(): Promise<void> {
    const places = Array.from({ length: queued }, (_, place) => place)
    do {
      await Promise.all(places.map((place) => this.#serve(place)))
      await this.#landing
      // Again where the file of a finished job never came.
    } while (this.#isOpen() && this.#waiting.length > 0)
    const end = this.#failure ?? this.#pause
    if (end !== null) throw end.error
  }

  #isOpen(): boolean {
    return this.#failure === null && this.#pause === null
  }

  /** One place: takes tasks until there are none, or something failed. */
  async #serve(place: number): Promise<void> {
    while (this.#isOpen() && place < this.#width) {
      try {
        const task = await this.#next()
        if (task === null) return
        await runJob(this.#work, task)
        this.#running.delete(task)
        this.#volume.addTasks([task])
        this.#landLater(task)
      } catch (error) {
        this.#end(error)
      }
    }
  }

  #end(error: unknown): void {
    if (error instanceof PipelineError && pauses.includes(error.code)) {
      this.#pause ??= { error }
      return
    }
    this.#failure ??= { error }
    this.#stop.abort(error)
  }

  #landLater(task: Task): void {
    this.#landing = this.#land(this.#landing, task)
  }

  async #land(before: Promise<void>, task: Task): Promise<void> {
    await before
    if (this.#failure !== null) return
    try {
      await fetchTask(this.#work, task, this.#warehouse)
      if (task.state !== 'landed') this.#waiting.push(task)
    } catch (error) {
      this.#end(error)
    }
  }

  /** One at a time, so that two slots never plan the same window. */
  #next(): Promise<Task | null> {
    return this.#planning.take(() => this.#take())
  }

  async #take(): Promise<Task | null> {
    const known = this.#waiting.find((task) => !needsJob(task))
    if (known !== undefined) return this.#start(known)
    while (this.#isOpen()) {
      const waiting = this.#waiting[0]
      const window = this.#hasWindow() && (this.#isFirst() || !waiting)
      if (!window && waiting === undefined) return null
      const task = window ? await this.#plan() : this.#fitting(waiting)
      if (task !== null) return this.#start(task)
      if (this.#running.size === 0) throw this.#usedUp()
      await this.#work.marketo.clock.sleep(tick, this.#work.signal)
    }
    return null
  }

  /** Whether Marketo takes the filter must be known before all else. */
  #isFirst(): boolean {
    const { tasks } = this.#work.file.state
    return this.#filter === 'updatedAt' && !tasks.some(isByChange)
  }

  #usedUp(): PipelineError {
    const now = this.#work.marketo.serverNow()
    return budgetUsed(this.#volume.used(now), this.#volume.limit, now)
  }

  #start(task: Task): Task {
    this.#waiting = this.#waiting.filter((each) => each !== task)
    this.#running.add(task)
    return task
  }

  #hasWindow(): boolean {
    const { start, cursor, asOf } = this.#work.file.state
    return start !== null && toSecond(cursor) <= toSecond(asOf)
  }

  /** The task where its file, as far as known, fits what is left today. */
  #fitting(task: Task | undefined): Task | null {
    const left = this.#volume.left(this.#work.marketo.serverNow())
    const isFresh = this.#running.size === 0 && left >= this.#volume.limit
    const windows = task === undefined ? [] : windowsOf([task], this.#filter)
    const all = [...windows, ...this.#runningWindows()]
    const isFitting = isFresh || left > expectedBytes(this.#experience(), all)
    return isFitting && left > 0 ? (task ?? null) : null
  }

  get #filter(): 'createdAt' | 'updatedAt' {
    return filterOf(this.#work.file.state)
  }

  #experience(): Experience {
    const { tasks } = this.#work.file.state
    const weighed = measuresOf(tasks, this.#filter)
    return { weighed, earlier: this.#earlier }
  }

  #runningWindows(): readonly Window[] {
    return windowsOf([...this.#running], this.#filter)
  }

  /** null where no window fits beside what runs, or today. */
  async #plan(): Promise<Task | null> {
    const { file, marketo } = this.#work
    const now = marketo.serverNow()
    const window = nextWindow({
      ...this.#experience(),
      from: toSecond(file.state.cursor),
      cut: this.#cut(now),
      running: this.#runningWindows(),
      left: this.#volume.left(now),
      limit: this.#volume.limit,
    })
    if (window === null) return null
    const startAt = isoSecond(window.from)
    const endAt = isoSecond(window.to)
    const task = newTask({
      filter: { kind: this.#filter, startAt, endAt },
      fields: file.state.fields,
      lists: [],
      isLeads: true,
    })
    await file.change((state) => {
      state.tasks.push(task)
      state.cursor = isoSecond(window.to + 1)
      if (this.#filter === 'updatedAt') state.updatesUntil = endAt
    })
    this.#work.emit(taskEvent(file, task))
    return task
  }

  /**
   * A lead that changes again leaves the window of its last change (Adobe
   * docs, bulk lead extract), so the last window of an increment goes up to
   * now, not only to when the extract began.
   */
  #cut(now: number): number {
    const cut = toSecond(this.#work.file.state.asOf)
    if (this.#filter === 'createdAt') return cut
    return Math.max(cut, Math.floor(now / 1000))
  }
}

/** By which time the windows of an extract go. */
export function filterOf({
  kind,
  route,
}: ExtractState): 'createdAt' | 'updatedAt' {
  const isRead = route?.chosen === 'read'
  return kind === 'increment' && !isRead ? 'updatedAt' : 'createdAt'
}

function isByChange({ filter }: Task): boolean {
  return filter.kind === 'updatedAt'
}

import { PipelineError } from '../error.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { budgetUsed } from './fault.js'
import { fetchTask } from './fetch.js'
import { runJob } from './job.js'
import { measuresOf, needsJob, newTask, windowsOf } from './task.js'
import type { ExtractState, Task } from './state.js'
import type { Volume } from './volume.js'
import { Turn } from './turn.js'
import { reserveOf, unknownShare, type Weights } from './reserve.js'
import { Scale } from './weight.js'
import {
  type Experience,
  isoSecond,
  type Measure,
  toSecond,
  type Window,
} from './window.js'
import { nextWindow } from './window-plan.js'
import { taskEvent, type Work } from './work.js'

/** Marketo runs two jobs at a time, for all integrations (Adobe docs). */
const slots = 2
/**
 * As many of ours wait behind them, so that no slot is idle until we look
 * again; the rest of the queue of ten is left to others.
 */
const queued = 2 * slots
/** Until we look again whether a job that ended makes room; costs no call. */
const glance = 10_000
/** Ends of a day, not of a run: what is under way is still finished. */
const pauses = ['export_budget', 'export_quota']

export interface KeeperOptions {
  readonly volume: Volume
  readonly warehouse: Warehouse
  /** What an extract before weighed, by the same kind of time. */
  readonly earlier: readonly Measure[]
  /** What lists and ids weighed before. */
  readonly weights: Weights
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
  readonly #weights: Weights
  readonly #stop = new AbortController()
  readonly #running = new Set<Task>()
  #waiting: Task[]
  #width = queued
  readonly #planning = new Turn()
  #landing: Promise<void> = Promise.resolve()
  #pause: { readonly error: unknown } | null = null
  #failure: { readonly error: unknown } | null = null

  constructor(work: Work, options: KeeperOptions) {
    const signal = AbortSignal.any([work.signal, this.#stop.signal])
    const crowded = () => {
      this.#width = slots
    }
    this.#work = { ...work, signal, crowded }
    this.#volume = options.volume
    this.#warehouse = options.warehouse
    this.#earlier = options.earlier
    this.#weights = options.weights
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
      await this.#work.marketo.clock.sleep(glance, this.#work.signal)
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
    const { limit } = this.#volume
    const reserve = task === undefined ? 0 : this.#reserve(task)
    const isFirst = this.#running.size === 0
    const left = this.#left()
    if (task === undefined || left <= 0) return null
    if (isFirst && left >= limit) return task
    if (reserve === Number.POSITIVE_INFINITY) {
      return isFirst && left >= limit * unknownShare ? task : null
    }
    const windows = this.#windows([task, ...this.#running])
    const weight = new Scale(this.#experience()).cautious(windows, limit)
    return reserve + weight <= left ? task : null
  }

  /** Bytes of today that neither finished files take nor lists that run. */
  #left(): number {
    const left = this.#volume.left(this.#work.marketo.serverNow())
    const lists = [...this.#running].map((task) => this.#reserve(task))
    return lists.reduce((rest, each) => rest - each, left)
  }

  #reserve(task: Task): number {
    if (this.#windows([task]).length > 0) return 0
    return reserveOf(task, this.#weights, this.#volume.limit)
  }

  get #filter(): 'createdAt' | 'updatedAt' {
    return filterOf(this.#work.file.state)
  }

  #experience(): Experience {
    const { tasks } = this.#work.file.state
    const leads = tasks.filter(({ isLeads }) => isLeads)
    const weighed = measuresOf(leads, this.#filter)
    return { weighed, earlier: this.#earlier }
  }

  /** Of leads: those of a census hold ids only. */
  #windows(tasks: readonly Task[]): readonly Window[] {
    return windowsOf(
      tasks.filter(({ isLeads }) => isLeads),
      this.#filter,
    )
  }

  /** null where no window fits beside what runs, or today. */
  async #plan(): Promise<Task | null> {
    const { file, marketo } = this.#work
    const now = marketo.serverNow()
    const window = nextWindow({
      ...this.#experience(),
      from: toSecond(file.state.cursor),
      cut: this.#cut(now),
      running: this.#windows([...this.#running]),
      left: this.#left(),
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

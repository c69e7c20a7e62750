import { PipelineError } from '../error.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { budgetUsed } from './fault.js'
import { fetchTask } from './fetch.js'
import { runJob, tick } from './job.js'
import { needsJob, newTask, windowsOf } from './task.js'
import type { Task } from './state.js'
import type { Volume } from './volume.js'
import { Turn } from './turn.js'
import { expectedBytes, isoSecond, nextWindow, toSecond } from './window.js'
import { taskEvent, type Work } from './work.js'

/** Marketo runs two jobs at a time, for all integrations (Adobe docs). */
const slots = 2
/** Ends of a day, not of a run: what is under way is still finished. */
const pauses = ['export_budget', 'export_quota']

/**
 * Runs every task that is not landed, and new windows up to the cut line, two
 * jobs at a time; files are downloaded and landed one after the other beside
 * them. Throws the first failure, or that the day's volume is used up.
 */
export class Keeper {
  readonly #work: Work
  readonly #volume: Volume
  readonly #warehouse: Warehouse
  readonly #stop = new AbortController()
  readonly #running = new Set<Task>()
  #waiting: Task[]
  readonly #planning = new Turn()
  #landing: Promise<void> = Promise.resolve()
  #pause: { readonly error: unknown } | null = null
  #failure: { readonly error: unknown } | null = null

  constructor(work: Work, volume: Volume, warehouse: Warehouse) {
    const signal = AbortSignal.any([work.signal, this.#stop.signal])
    this.#work = { ...work, signal }
    this.#volume = volume
    this.#warehouse = warehouse
    const { tasks } = work.file.state
    this.#waiting = tasks.filter(({ state }) => state !== 'landed')
  }

  async run(): Promise<void> {
    do {
      await Promise.all(Array.from({ length: slots }, () => this.#serve()))
      await this.#landing
      // Again where the file of a finished job never came.
    } while (this.#isOpen() && this.#waiting.length > 0)
    const end = this.#failure ?? this.#pause
    if (end !== null) throw end.error
  }

  #isOpen(): boolean {
    return this.#failure === null && this.#pause === null
  }

  /** One slot: takes tasks until there are none, or something failed. */
  async #serve(): Promise<void> {
    while (this.#isOpen()) {
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
    const waiting = this.#waiting[0]
    if (waiting === undefined && !this.#hasWindow()) return null
    if (!(await this.#hasVolume())) return null
    return this.#start(waiting ?? (await this.#plan()))
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

  /**
   * Waits while the running jobs may take all that is left of today's volume;
   * throws when it is used up, false when something else ended the extract.
   */
  async #hasVolume(): Promise<boolean> {
    const { marketo, signal } = this.#work
    while (this.#isOpen()) {
      const now = marketo.serverNow()
      const left = this.#volume.left(now)
      if (left <= 0) {
        throw budgetUsed(this.#volume.used(now), this.#volume.limit, now)
      }
      if (this.#running.size === 0 || left > this.#expected()) return true
      await marketo.clock.sleep(tick, signal)
    }
    return false
  }

  #expected(): number {
    const { tasks } = this.#work.file.state
    return expectedBytes(
      windowsOf(tasks).weighed,
      windowsOf([...this.#running]).all,
    )
  }

  async #plan(): Promise<Task> {
    const { file, marketo } = this.#work
    const { cursor, asOf, fields, tasks } = file.state
    const window = nextWindow({
      from: toSecond(cursor),
      cut: toSecond(asOf),
      weighed: windowsOf(tasks).weighed,
      running: windowsOf([...this.#running]).all,
      left: this.#volume.left(marketo.serverNow()),
    })
    const startAt = isoSecond(window.from)
    const endAt = isoSecond(window.to)
    const task = newTask({
      filter: { kind: 'createdAt', startAt, endAt },
      fields,
      lists: [],
      isLeads: true,
    })
    await file.change((state) => {
      state.tasks.push(task)
      state.cursor = isoSecond(window.to + 1)
    })
    this.#work.emit(taskEvent(file, task))
    return task
  }
}

import { type Clock, instant } from '../clock.js'
import { exitCode, PipelineError } from '../error.js'
import type { Log } from '../log.js'
import type { Part } from './extract-progress.js'
import {
  type RunRecord,
  type StepName,
  type StepRecord,
  type StepStatus,
  saveRecord,
} from './record.js'
import { asStop } from './stop.js'

/** What a run tells whoever watches it. */
export interface RunWatcher {
  started(record: RunRecord): void
  /** `total` null: the end is not known. */
  stepStarted(step: StepName, total: number | null): void
  stepMoved(
    step: StepName,
    done: number,
    total: number | null,
    text: string,
    /** What goes on at the same time; empty where there is one thing. */
    parts: readonly Part[],
  ): void
  stepEnded(step: StepRecord): void
  note(text: string): void
}

/** How a step ended, what to say of it, and what it gives to the next. */
export interface StepEnd<Result> {
  readonly text: string
  readonly status?: Extract<StepStatus, 'done' | 'skipped' | 'stopped'>
  readonly result: Result
}

export type Move = (
  done: number,
  total: number | null,
  text: string,
  parts?: readonly Part[],
) => void

export interface RecorderOptions {
  /** Where records and logs are. */
  readonly folder: string
  readonly log: Log
  readonly watcher: RunWatcher
  readonly clock: Clock
  /** Aborted when the run is asked to stop. */
  readonly signal: AbortSignal
}

/** Keeps the record of a run up to date, on disk and for watchers. */
export class Recorder {
  #record: RunRecord
  readonly #folder: string
  readonly #log: Log
  readonly #watcher: RunWatcher
  readonly #clock: Clock
  readonly #signal: AbortSignal

  constructor(
    record: RunRecord,
    { folder, log, watcher, clock, signal }: RecorderOptions,
  ) {
    this.#record = record
    this.#folder = folder
    this.#log = log
    this.#watcher = watcher
    this.#clock = clock
    this.#signal = signal
  }

  get record(): RunRecord {
    return this.#record
  }

  async start(): Promise<void> {
    await this.set({})
    this.#log.event('run.started')
    this.#watcher.started(this.#record)
  }

  async set(facts: Partial<RunRecord>): Promise<void> {
    this.#record = { ...this.#record, ...facts }
    await saveRecord(this.#folder, this.#record)
  }

  /** Told to whoever watches, and kept with the next change of the record. */
  note(text: string): void {
    const notes = [...(this.#record.notes ?? []), text]
    this.#record = { ...this.#record, notes }
    this.#watcher.note(text)
  }

  /** Runs one step; a step that throws is recorded and throws on. */
  async step<Result>(
    name: StepName,
    work: (move: Move) => Promise<StepEnd<Result>>,
  ): Promise<Result> {
    const started = this.#clock.monotonic()
    const started_at = instant(this.#clock)
    const save = async (step: StepRecord) => {
      const others = this.#record.steps.filter((s) => s.step !== name)
      await this.set({ steps: [...others, step] })
    }
    const end = async (status: StepStatus, text: string) => {
      const seconds = (this.#clock.monotonic() - started) / 1000
      const step = { step: name, status, started_at, seconds, text }
      this.#watcher.stepEnded(step)
      this.#log.event(status === 'failed' ? 'step.failed' : 'step.ended', {
        step: name,
        status,
        dur_ms: Math.round(seconds * 1000),
        msg: text,
      })
      await save(step)
    }
    this.#log.event('step.started', { step: name })
    this.#watcher.stepStarted(name, null)
    const running = 'running'
    await save({
      step: name,
      status: running,
      started_at,
      seconds: 0,
      text: '',
    })
    const ended = await work((done, total, text, parts = []) => {
      this.#watcher.stepMoved(name, done, total, text, parts)
    }).catch(async (thrown: unknown) => {
      const error = asStop(thrown, this.#signal)
      const how = isPause(error) ? 'paused' : 'failed'
      // On a full disk, why the step failed says more than that this failed.
      await end(how, error.message).catch(() => {})
      throw error
    })
    await end(ended.status ?? 'done', ended.text)
    return ended.result
  }

  async skip(name: StepName, text: string): Promise<void> {
    await this.step(name, () =>
      Promise.resolve({ text, status: 'skipped', result: null }),
    )
  }
}

function isPause(error: Error): boolean {
  return error instanceof PipelineError && error.exit === exitCode.paused
}

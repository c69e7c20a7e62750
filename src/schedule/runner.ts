/** The scheduler in the foreground: starts a run for each slot, once. */
import type { Clock } from '../clock.js'
import { asError } from '../error.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { due } from './due.js'
import { claimSlot, lastSlot } from './memory.js'
import { nextRuns } from './next.js'

export interface RunnerOptions {
  readonly projectDir: string
  /** Read anew at each look, so that a changed file counts at once. */
  readonly load: () => Promise<readonly Pipeline[]>
  /**
   * Begins a run; gives its id and, at its end, when to go on with it where
   * it paused, or null.
   */
  readonly launch: (
    pipeline: string,
    slot: Date,
  ) => Promise<{ readonly runId: string; readonly ended: Promise<Date | null> }>
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How many runs may go on at the same time. */
  readonly jobs: number
  readonly tell: (pipeline: string, text: string) => void
  /** Called at each look, for what else is to be watched. */
  readonly onLook?: (pipelines: readonly Pipeline[]) => Promise<void>
}

/** Milliseconds between two looks, when nothing is due before. */
const longestLook = 30_000

/** Works until the signal is aborted; runs that go on then are left to end. */
export async function runSchedules(options: RunnerOptions): Promise<string[]> {
  const { clock, signal, load, onLook, jobs } = options
  const running = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Date>()
  const paused = new Map<string, Paused>()
  while (!signal.aborted) {
    const pipelines = await load()
    for (const pipeline of pipelines) {
      const { name } = pipeline
      const slot =
        (await takeSlot(pipeline, options)) ??
        (running.has(name) ? null : goesOn(paused.get(name), clock.now()))
      // One that still waits for its turn runs once, for the newest slot.
      if (slot === null) continue
      paused.delete(name)
      waiting.set(name, slot)
    }
    for (const [name, slot] of waiting) {
      if (running.size >= jobs) break
      waiting.delete(name)
      await begin({ name, slot }, { running, paused }, options)
    }
    await onLook?.(pipelines)
    const pause = pauseBefore(pipelines, paused, clock.now())
    await Promise.race([
      clock.sleep(pause, signal).catch(() => {}),
      // A place that becomes free is for the next that waits.
      ...(waiting.size > 0 ? running.values() : []),
    ])
  }
  return [...running.keys()]
}

/** A run that goes on later, for its slot. */
interface Paused {
  readonly at: Date
  readonly slot: Date
}

function goesOn(paused: Paused | undefined, now: number): Date | null {
  if (paused === undefined || paused.at.getTime() > now) return null
  return paused.slot
}

/** The slot that is due, where it is this process's. */
async function takeSlot(
  pipeline: Pipeline,
  { projectDir, clock, tell }: RunnerOptions,
): Promise<Date | null> {
  const { name } = pipeline
  const now = new Date(clock.now())
  const last = lastSlot(projectDir, name)
  if (last === null) {
    // What was due before anybody scheduled it is not missed.
    await claimSlot(projectDir, name, now)
    return null
  }
  const found = due(pipeline, { last, now })
  if (found.kind === 'none') return null
  if (!(await claimSlot(projectDir, name, found.slot))) {
    tell(name, 'is run by another scheduler in this slot')
    return null
  }
  const slot = found.slot.toISOString().slice(0, 16).replace('T', ' ')
  if (found.kind === 'skip') {
    tell(name, `${found.why} (slot ${slot} UTC, ${found.missed} missed)`)
    return null
  }
  if (found.missed > 0) {
    tell(name, `missed ${found.missed}, one run makes up for them`)
  }
  return found.slot
}

async function begin(
  { name, slot }: { name: string; slot: Date },
  state: {
    readonly running: Map<string, Promise<unknown>>
    readonly paused: Map<string, Paused>
  },
  { launch, tell }: RunnerOptions,
): Promise<void> {
  const { running, paused } = state
  try {
    const { runId, ended } = await launch(name, slot)
    tell(name, `run ${runId} begins`)
    const watch = async () => {
      const at = await ended.catch(() => null)
      running.delete(name)
      if (at !== null) paused.set(name, { at, slot })
    }
    running.set(name, watch())
  } catch (thrown) {
    tell(name, asError(thrown).message)
  }
}

/** Until the next slot, or a short while, so that changed files are seen. */
function pauseBefore(
  pipelines: readonly Pipeline[],
  paused: ReadonlyMap<string, Paused>,
  now: number,
): number {
  const next = [
    ...pipelines.flatMap((pipeline) => nextRuns(pipeline, new Date(now), 1)),
    ...[...paused.values()].map(({ at }) => at),
  ].map((at) => at.getTime() - now)
  return Math.max(250, Math.min(longestLook, ...next))
}

/** When a pipeline runs next by its schedule; pure. */
import type { Pipeline } from '../pipeline/pipeline.js'
import { nextRuns } from '../schedule/next.js'
import { overdue } from '../schedule/overdue.js'
import type { RunBrief } from './history.js'

export interface NextRun {
  /** ISO 8601; null: none is to come. */
  readonly at: string | null
  /** Why there is none. */
  readonly why: string
  /** ISO 8601; null: it is not. */
  readonly overdueSince: string | null
}

export interface NextFacts {
  readonly runs: readonly RunBrief[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** When its file was last changed, likewise. */
  readonly known: number
}

export function nextRun(
  pipeline: Pipeline | null,
  { runs, now, known }: NextFacts,
): NextRun {
  if (pipeline === null || pipeline.schedule === null) {
    return { at: null, why: 'not scheduled', overdueSince: null }
  }
  const at = new Date(now)
  const [next] = nextRuns(pipeline, at, 1)
  const late = overdue(pipeline, runs, { now: at, known: new Date(known) })
  return {
    at: next?.toISOString() ?? null,
    why: pipeline.schedule.paused ? 'paused' : next ? '' : 'no day is left',
    overdueSince: late?.since ?? null,
  }
}

/** When a pipeline runs next by its schedule; pure. */
import type { Pipeline } from '../pipeline/pipeline.js'
import type { RunBrief } from './history.js'

export interface NextRun {
  /** ISO 8601; null: not scheduled. */
  readonly at: string | null
  /** Why there is none, or what holds it. */
  readonly why: string
  readonly overdueSince: string | null
}

export function nextRun(
  pipeline: Pipeline | null,
  _runs: readonly RunBrief[],
  _now: number,
): NextRun {
  const why = pipeline?.schedule ? '' : 'not scheduled'
  return { at: null, why, overdueSince: null }
}

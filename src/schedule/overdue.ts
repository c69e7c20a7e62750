/** The dead man's switch: a pipeline without a success for too long. Pure. */
import { exitCode } from '../error.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { RunRecord } from '../run/record.js'
import { nextRuns, pastRuns } from './next.js'

/** What is asked of a run. */
type Ended = Pick<RunRecord, 'status' | 'exit_code' | 'started_at'>

/** How many periods without a success are too long. */
const tooLong = 1.5

export interface Overdue {
  readonly pipeline: string
  /** Start of the last success; null: none is known. */
  readonly last_success: string | null
  /** Since when it is overdue, ISO 8601. */
  readonly since: string
  /** Seconds between two runs by the schedule. */
  readonly period_seconds: number
}

/**
 * A pipeline is overdue when 1.5 × its schedule's period has gone since its
 * last success; the period is that between the slots around the success, so
 * that a weekend is no alarm. One that never succeeded counts from its first
 * run, or from `known`, when its file was last changed. Without a schedule,
 * or paused, it never is.
 */
export function overdue(
  pipeline: Pick<Pipeline, 'name' | 'schedule'>,
  runs: readonly Ended[],
  { now, known }: { readonly now: Date; readonly known: Date },
): Overdue | null {
  const success = runs.findLast(isSuccess)
  const from = new Date(
    success?.started_at ?? runs[0]?.started_at ?? known.getTime(),
  )
  const [next] = nextRuns(pipeline, from, 1)
  if (next === undefined) return null
  const period = periodAt(pipeline, from, next)
  const since = new Date(from.getTime() + tooLong * period)
  if (since.getTime() > now.getTime()) return null
  return {
    pipeline: pipeline.name,
    last_success: success?.started_at ?? null,
    since: since.toISOString(),
    period_seconds: period / 1000,
  }
}

/** Milliseconds between the slots around a moment. */
function periodAt(
  pipeline: Pick<Pipeline, 'schedule'>,
  from: Date,
  next: Date,
): number {
  const [last] = pastRuns(pipeline, from, { after: new Date(0), n: 1 })
  const before = last ?? from
  return next.getTime() - before.getTime()
}

/** A plan that waits for approval is a success; a paused run is not. */
function isSuccess({ status, exit_code: exit }: Ended): boolean {
  return (
    status !== 'running' &&
    (exit === exitCode.done || exit === exitCode.needsPerson)
  )
}

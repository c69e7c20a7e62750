import { basename } from 'node:path'
import { exitCode, PipelineError } from '../error.js'
import type { Recorder } from './recorder.js'

/**
 * Of a plan that was begun, a request may still be under way; another plan
 * must not touch its leads before that is known.
 */
export function refuseOther(
  plan: string,
  unfinished: string,
  { record }: Recorder,
): void {
  const name = basename(unfinished, '.jsonl')
  if (basename(plan, '.jsonl') === name) return
  throw new PipelineError(
    'plan_unfinished',
    `The plan ${name} of ${record.pipeline} was begun and is not finished, so no other can be applied yet. Nothing was sent; pipeline run ${record.pipeline} takes it to its end first.`,
    { exit: exitCode.planRefused },
  )
}

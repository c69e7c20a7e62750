import type { Guardrails } from '../pipeline/pipeline.js'
import type { GuardrailResult } from './plan.js'

export interface PlanSize {
  /** Leads of the instance, to take the share of. */
  readonly leads: number
  readonly merges: number
  /** Leads that disappear. */
  readonly losers: number
  /** Leads that change beside merges. */
  readonly updates: number
  /** Leads in the largest cluster, its winner included. */
  readonly largestCluster: number
}

/** Names are those of the pipeline file. */
export function checkGuardrails(
  size: PlanSize,
  limits: Guardrails,
): readonly GuardrailResult[] {
  const share = size.losers === 0 ? 0 : size.losers / Math.max(size.leads, 1)
  return [
    check('merges', size.merges, limits.merges),
    check('merge_share', share, limits.mergeShare),
    check('updates', size.updates, limits.updates),
    check('cluster_size', size.largestCluster, limits.clusterSize),
  ]
}

function check(name: string, value: number, limit: number): GuardrailResult {
  return { name, value, limit, ok: value <= limit }
}

import type { Guardrails } from '../pipeline/policy.js'
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
  /** Consent fields that change, over all rows. */
  readonly consentChanges: number
  /** Merges with a lead that the CRM knows. */
  readonly crmMerges: number
  /** Precision that labels prove at least, 0 to 1; default nothing known. */
  readonly precision?: number
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
    ...asked('consent_changes', size.consentChanges, limits.consentChanges),
    ...asked('crm_merges', size.crmMerges, limits.crmMerges),
    ...precision(size, limits.minPrecision),
  ]
}

function check(name: string, value: number, limit: number): GuardrailResult {
  return { name, value, limit, ok: value <= limit }
}

/** A limit that the pipeline file need not set. */
function asked(
  name: string,
  value: number,
  limit: number | null,
): readonly GuardrailResult[] {
  return limit === null ? [] : [check(name, value, limit)]
}

/** A plan without merges can merge nobody wrongly. */
function precision(
  size: PlanSize,
  least: number | null,
): readonly GuardrailResult[] {
  if (least === null) return []
  const value = size.precision ?? 0
  const ok = size.merges === 0 || value >= least
  return [{ name: 'min_precision', value, limit: least, ok }]
}

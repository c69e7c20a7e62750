import type { ConsentRules } from './consent.js'
import { changedConsent } from './consent.js'
import { idsOf } from './batch.js'
import type { PlanSize } from './guard.js'
import type { PlanHeader, PlanRow } from './plan.js'
import { crmRank } from './predict.js'

/** Sums up the rows of a plan, for its header and its guardrails. */
export class PlanTally {
  merges = 0
  losers = 0
  updates = 0
  creates = 0
  largestCluster = 0
  consentChanges = 0
  crmMerges = 0
  readonly #consent: ConsentRules

  constructor(consent: ConsentRules) {
    this.#consent = consent
  }

  take(row: PlanRow): void {
    if (row.kind === 'create') {
      this.creates += 1
      return
    }
    this.consentChanges += changedConsent(row, this.#consent)
    if (row.kind === 'update') {
      this.updates += 1
      return
    }
    this.merges += 1
    this.losers += row.losers.length
    this.largestCluster = Math.max(this.largestCluster, row.losers.length + 1)
    const isInCrm = idsOf(row).some((id) => crmRank(row.before[id] ?? {}) > 0)
    this.crmMerges += isInCrm ? 1 : 0
  }

  /** @param leads of the instance */
  size(leads: number, precision: number): PlanSize {
    const { merges, losers, updates, largestCluster } = this
    const { consentChanges, crmMerges } = this
    return {
      leads,
      merges,
      losers,
      updates,
      largestCluster,
      consentChanges,
      crmMerges,
      precision,
    }
  }
}

/** Rows that a plan says it has. */
export function rowsOf({ merges, updates, creates = 0 }: PlanHeader): number {
  return merges + updates + creates
}

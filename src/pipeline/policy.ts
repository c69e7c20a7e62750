/** What a pipeline may do, when it runs, and whom it tells. */

export interface Guardrails {
  readonly merges: number
  /** Largest share of the leads that may go in one plan, 0 to 1. */
  readonly mergeShare: number
  readonly updates: number
  readonly clusterSize: number
  /** Most consent fields that one plan may change; null: not limited. */
  readonly consentChanges: number | null
  /** Most merges with a lead that the CRM knows; null: not limited. */
  readonly crmMerges: number | null
  /** Lower end that labels must prove, 0 to 1; null: not asked. */
  readonly minPrecision: number | null
}

export interface LoadPolicy {
  readonly apply: 'review' | 'auto'
  readonly guardrails: Guardrails
}

export interface Schedule {
  readonly cron: string
  readonly timezone: string
  readonly until: string | null
}

export interface Alert {
  readonly slack: string
  readonly on: readonly string[]
}

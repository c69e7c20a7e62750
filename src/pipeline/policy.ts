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

/** Static lists, or programs and the status in them. */
export type Kept = 'lists' | 'programs'

export interface LoadPolicy {
  readonly apply: 'review' | 'auto'
  readonly guardrails: Guardrails
  /** What of leads is kept before a merge, beside their fields. */
  readonly keep?: readonly Kept[]
  /** Whether updates may go by bulk import where that takes fewer calls. */
  readonly bulkImport: boolean
  /** CRM-linked leads that a run may change in an hour; null: any number. */
  readonly crmRecordsPerHour: number | null
}

/** Days of a calendar, such as 2026-12-24; both ends count. */
export interface Blackout {
  readonly from: string
  readonly to: string
}

export interface Schedule {
  readonly cron: string
  readonly timezone: string
  readonly until: string | null
  /** It does not run by itself for now. */
  readonly paused: boolean
  /** Days without runs, in the schedule's time zone. */
  readonly blackout: readonly Blackout[]
  /** What becomes of runs that were due while no scheduler ran. */
  readonly missed: 'run_once' | 'skip'
}

export type AlertEvent =
  | 'failed'
  | 'review'
  | 'paused'
  | 'done'
  | 'recovered'
  | 'overdue'

export type AlertChannel =
  | { readonly kind: 'slack' | 'webhook'; readonly url: string }
  | {
      readonly kind: 'email'
      /** smtp:// or smtps://, with the password. */
      readonly smtp: string
      readonly to: readonly string[]
      readonly from: string
    }
  | { readonly kind: 'github' }

export interface Alert {
  readonly channel: AlertChannel
  readonly on: readonly AlertEvent[]
}

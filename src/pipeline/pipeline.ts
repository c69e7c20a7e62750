import type { Override } from './override.js'

/**
 * A pipeline file after validation and normalisation: defaults filled in,
 * nothing optional. The YAML form is in schema.ts.
 */
export interface Pipeline {
  readonly name: string
  /** Path of the file as a person would type it. */
  readonly file: string
  readonly description: string
  readonly owner: string
  readonly groups: readonly string[]
  readonly marketo: MarketoTarget
  readonly extract: ExtractPolicy
  /** In the order of the file; an earlier dedupe service wins a lead. */
  readonly services: readonly Service[]
  /** People's decisions, which outrank the rules. */
  readonly overrides: readonly Override[]
  readonly load: LoadPolicy
  readonly schedule: Schedule | null
  readonly alert: readonly Alert[]
}

export interface Budget {
  readonly callsPerDay: number
  readonly callsPer20s: number
  readonly concurrency: number
  readonly exportMbPerDay: number
}

export interface SandboxTarget {
  readonly kind: 'sandbox'
  /** Generated leads, where no file is given. */
  readonly leads: number
  readonly seed: number
  /** A CSV shaped like a Marketo export, or null for generated leads. */
  readonly from: string | null
  readonly timeScale: number
  readonly budget: Budget
}

export interface InstanceTarget {
  readonly kind: 'instance'
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly timeScale: number
  readonly budget: Budget
}

export type MarketoTarget = SandboxTarget | InstanceTarget

export interface ExtractPolicy {
  /** Marketo fields wanted by analysts, beyond those the rules need. */
  readonly fields: readonly string[]
  /** ISO date of the oldest lead wanted; null: find the oldest lead. */
  readonly start: string | null
  /** Broken rows of one file that may be set aside. */
  readonly rejects: RejectLimit
  /** Days that landing files are kept; null: the last three extracts. */
  readonly keepDays: number | null
  /** What a changed field of the instance does. */
  readonly contract: 'evolve' | 'freeze'
}

/** So many rows of a file, or that share of it, whichever is more. */
export interface RejectLimit {
  readonly rows: number
  /** 0 to 1. */
  readonly share: number
}

export interface ListScope {
  readonly kind: 'static' | 'smart'
  /** Name or id as written, after its folder where one is named. */
  readonly list: string
}

export type Service =
  | DedupeService
  | HashService
  | DomainService
  | EnrichService

interface ServiceBase {
  readonly name: string
  /** null: every lead. */
  readonly list: ListScope | null
}

export interface DedupeService extends ServiceBase {
  readonly type: 'dedupe'
  readonly match: readonly MatchRule[]
  readonly never: readonly NeverRule[]
  readonly winner: readonly WinnerRule[]
  readonly survive: readonly FieldRule<SurviveRule>[]
  readonly consent: readonly FieldRule<ConsentRule>[]
  readonly stamp: readonly FieldRule<Stamp>[]
  readonly crmMerge: boolean
}

/** Leads are one person when every named key is present and equal. */
export interface MatchRule {
  readonly same: readonly string[]
}

export type NeverRule =
  | { readonly kind: 'differ'; readonly field: string }
  | { readonly kind: 'where'; readonly where: readonly Condition[] }

export type WinnerRule =
  | { readonly kind: 'crm_contact' }
  | { readonly kind: 'crm_lead' }
  | { readonly kind: 'most_complete' }
  | {
      readonly kind: 'highest' | 'lowest' | 'newest' | 'oldest'
      readonly field: string
    }
  | { readonly kind: 'where'; readonly where: readonly Condition[] }

export interface FieldRule<Rule> {
  readonly field: string
  readonly rule: Rule
}

export type SurviveRule =
  | 'winner'
  | 'most_recent'
  | 'oldest'
  | 'max'
  | 'min'
  | 'sum'
  | 'union'
  | 'longest'
  | 'earliest'
  | 'latest'

export type ConsentRule = 'any_true' | 'all_true' | 'earliest' | 'latest'

export type Stamp = 'count' | 'ids' | 'date' | 'cluster'

/** All conditions of a list must hold. Text is compared without case. */
export type Condition =
  | {
      readonly field: string
      readonly kind: 'any_of'
      readonly values: readonly string[]
    }
  /** `*` stands for any run of characters. */
  | {
      readonly field: string
      readonly kind: 'pattern'
      readonly pattern: string
    }
  | { readonly field: string; readonly kind: 'empty' | 'present' }

export type HashProfile =
  | 'none'
  | 'google'
  | 'meta'
  | 'tiktok'
  | 'linkedin'
  | 'uid2'

export interface HashRule {
  readonly algorithm: 'md5' | 'sha1' | 'sha256'
  readonly profile: HashProfile
  readonly encoding: 'hex' | 'base64'
}

export interface HashService extends ServiceBase {
  readonly type: 'hash'
  /** Target field and how the lead's email becomes its value. */
  readonly write: readonly FieldRule<HashRule>[]
}

export type DomainValue = 'host' | 'domain' | 'type' | 'suggestion'

export interface DomainService extends ServiceBase {
  readonly type: 'domain'
  readonly write: readonly FieldRule<DomainValue>[]
}

export interface EnrichService extends ServiceBase {
  readonly type: 'enrich'
  /** Path of the model under models/, without `.sql`. */
  readonly model: string
  /** Target field and the model's column. */
  readonly write: readonly FieldRule<string>[]
}

export interface Guardrails {
  readonly merges: number
  /** Largest share of the leads that may go in one plan, 0 to 1. */
  readonly mergeShare: number
  readonly updates: number
  readonly clusterSize: number
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

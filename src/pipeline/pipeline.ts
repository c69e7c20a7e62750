import type { DomainListFile } from './domain-list.js'
import type { HashRule } from './hash.js'
import type { AutoMatch, MatchRule, NeverRule } from './match.js'
import type { Override } from './override.js'
import type { Alert, LoadPolicy, Schedule } from './policy.js'
import type { Source } from './source.js'

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
  /** Tables of the user's own that models of this pipeline read. */
  readonly sources: readonly Source[]
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
  /** Probabilistic matching beside the rules; null: none. */
  readonly auto: AutoMatch | null
  readonly never: readonly NeverRule[]
  readonly winner: readonly WinnerRule[]
  readonly winnerChoice: WinnerChoice
  readonly fill: Fill
  readonly survive: readonly FieldRule<SurviveRule>[]
  readonly consent: readonly FieldRule<ConsentRule>[]
  readonly stamp: readonly FieldRule<Stamp>[]
  readonly crmMerge: boolean
}

/** What can be said of one lead, so that leads can be put in an order. */
export type WinnerCriterion =
  | {
      readonly kind:
        | 'crm_contact'
        | 'crm_lead'
        | 'crm_synced'
        | 'has_account'
        | 'has_opportunity'
    }
  /** No fields: all that are exported. */
  | { readonly kind: 'most_complete'; readonly fields: readonly string[] }
  | {
      readonly kind: 'highest' | 'lowest' | 'newest' | 'oldest'
      readonly field: string
    }
  | { readonly kind: 'where'; readonly where: readonly Condition[] }
  | { readonly kind: 'list'; readonly list: ListScope }

/** Every criterion gives its points to the leads that are best by it. */
export interface ScoreRule {
  readonly kind: 'score'
  readonly parts: readonly {
    readonly points: number
    readonly rule: WinnerCriterion
  }[]
  /** Leads that are less than this behind the best tie with it. */
  readonly delta: number
}

export type WinnerRule = WinnerCriterion | ScoreRule

export interface WinnerChoice {
  /**
   * `in_order`: later rules decide among those that earlier ones left;
   * `first_alone`: the first rule of which one lead alone is the best;
   * `all`: the one lead that is the best by every rule.
   */
  readonly by: 'in_order' | 'first_alone' | 'all'
  /** What happens where the rules leave a tie. */
  readonly otherwise: 'lowest_id' | 'review'
}

export interface FieldRule<Rule> {
  readonly field: string
  readonly rule: Rule
}

export type SurviveWord =
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
  | 'most_complete'
  | 'most_frequent'

/** The value of the lead that comes first by another field. */
export type SurviveOrder =
  | {
      readonly kind: 'newest' | 'oldest' | 'highest' | 'lowest'
      readonly field: string
    }
  | { readonly kind: 'most_complete'; readonly fields: readonly string[] }

export type SimpleRule =
  | SurviveWord
  | SurviveOrder
  | { readonly kind: 'union'; readonly separator: string }

/** Whose value fills what the winner has empty. */
export type Fill = 'best' | 'most_recent' | 'oldest'

export type SurviveRule =
  | SimpleRule
  | { readonly kind: 'fill'; readonly fill: Fill }
  /** The best lead where the conditions hold; the rule where none is so. */
  | {
      readonly kind: 'where'
      readonly where: readonly Condition[]
      readonly otherwise: SimpleRule
    }
  /** The value of the lead that the other field, by its rule, comes from. */
  | {
      readonly kind: 'with'
      readonly field: string
      readonly rule: SurviveRule | ConsentRule
    }
  /** Fields that come from one lead; the rule looks at the first of them. */
  | {
      readonly kind: 'group'
      readonly fields: readonly string[]
      readonly rule: SimpleRule
    }

export type ConsentRule =
  | 'any_true'
  | 'all_true'
  | 'earliest'
  | 'latest'
  /** Values as text, the strictest first. */
  | { readonly kind: 'strictest'; readonly values: readonly string[] }

export type Stamp = 'count' | 'ids' | 'date' | 'cluster' | 'service' | 'rule'

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

export interface HashService extends ServiceBase {
  readonly type: 'hash'
  /** Target field and how the lead becomes its value. */
  readonly write: readonly FieldRule<HashRule>[]
}

export type DomainValue =
  | 'host'
  | 'domain'
  | 'unicode'
  | 'type'
  | 'suggestion'
  | 'problem'
  | 'company'

export interface DomainService extends ServiceBase {
  readonly type: 'domain'
  readonly write: readonly FieldRule<DomainValue>[]
  /** Least confidence of a suggestion that is written, 0 to 1. */
  readonly confidence: number
  readonly privateSuffixes: boolean
  readonly lists: readonly DomainListFile[]
}

export interface EnrichService extends ServiceBase {
  readonly type: 'enrich'
  /** Path of the model under models/, without `.sql`. */
  readonly model: string
  /** Target field and the model's column. */
  readonly write: readonly FieldRule<string>[]
  /** What becomes of a value that is longer than its field. */
  readonly onTooLong: 'refuse' | 'skip'
}

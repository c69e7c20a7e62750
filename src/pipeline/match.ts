/** What makes two leads one person, and what forbids it. */
import type { Condition, ListScope } from './pipeline.js'

/**
 * Leads are one person when every key of `same` is present and equal, and
 * every key of `similar` present and similar enough.
 */
export interface MatchRule {
  readonly same: readonly string[]
  /** Thresholds from 0 to 1, where 1 is equal. */
  readonly similar: readonly {
    readonly key: string
    readonly threshold: number
  }[]
  /** For `similar`: compared are leads equal in all keys of one entry. */
  readonly block: readonly (readonly string[])[]
  /** Both leads fulfil these. */
  readonly where: readonly Condition[]
  /** Both leads are on it; null: anywhere. */
  readonly list: ListScope | null
}

export type NeverRule =
  | { readonly kind: 'differ' | 'extra_key'; readonly field: string }
  | { readonly kind: 'where'; readonly where: readonly Condition[] }
  | { readonly kind: 'partition' | 'household' }
  | { readonly kind: 'employees'; readonly domains: readonly string[] }
  | { readonly kind: 'intentional'; readonly field: string }

/** Matching by probability, learned from the leads themselves. */
export interface AutoMatch {
  /** Fields that name a person, beyond the standard ones. */
  readonly fields: readonly string[]
  /** From this probability on two leads are one person, 0 to 1. */
  readonly merge: number
  /** From this one on a person decides. */
  readonly review: number
  /** Share of all pairs that are one person; null: learned. */
  readonly prior: number | null
}

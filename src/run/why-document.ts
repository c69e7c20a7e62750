/** What `why` tells of a lead; values of leads are in it. */

export interface WhyKey {
  readonly key: string
  /** Normalised; null where it yields nothing. */
  readonly value: string | null
  /** As Marketo has the field that matters most for it. */
  readonly typed: string | null
  /** Why it yields nothing: empty, placeholder, not an address, … */
  readonly gap: string | null
}

/** One key of a match rule, side by side. */
export interface WhyComparison {
  /** `block` only chooses which leads are compared. */
  readonly part: 'same' | 'similar' | 'block'
  readonly block: number | null
  readonly key: string
  readonly a: WhyKey
  readonly b: WhyKey
  /** From 0 to 1; null where one of the two is missing. */
  readonly similarity: number | null
  /** What the rule asks for, from 0 to 1. */
  readonly threshold: number
}

export interface WhyRule {
  readonly service: string
  /** From 1. */
  readonly rule: number
  readonly words: string
  readonly comparisons: readonly WhyComparison[]
  /** The rule alone would take them for one person. */
  readonly agrees: boolean
  /** The first thing that differs; null where nothing does. */
  readonly differs: string | null
  /** The value stands on several people, and is no evidence. */
  readonly held: WhyHold | null
}

export interface WhyHold {
  readonly service: string
  readonly rule: number
  readonly hold: string
  readonly leads: number
  readonly people: number
}

/** What keeps two leads apart under every rule of a service. */
export interface WhyApart {
  readonly service: string
  readonly words: string
  readonly a: string | null
  readonly b: string | null
}

export interface WhyMatch {
  readonly service: string
  /** From 1; 0 is a probability, -1 a person's word. */
  readonly rule: number
  readonly a: string
  readonly b: string
  readonly similarity: number | null
  readonly probability: number | null
  readonly evidence: string | null
  /** match (a rule), merge or review (a probability); null: a merge of then. */
  readonly status: string | null
}

export interface WhyField {
  readonly field: string
  readonly before: string | null
  readonly after: string | null
  /** The lead that the value came from; null: a rule or a service made it. */
  readonly from: string | null
  readonly rule: string
  /** An opt-out of a lead that went. */
  readonly kept: boolean
}

export interface WhyAttempt {
  readonly attempt: string
  /** prewrite, merge, update, create or join. */
  readonly send: string
  readonly run: string | null
  readonly sentAt: string
  readonly endedAt: string | null
  readonly outcome: string | null
  readonly code: string | null
  readonly requestId: string | null
}

/** One plan row that has the lead in it. */
export interface WhyRow {
  readonly plan: string
  readonly row: string
  readonly kind: 'merge' | 'update' | 'create'
  readonly role: 'winner' | 'loser' | 'updated' | 'restored'
  readonly winner: string
  readonly losers: readonly string[]
  readonly service: string
  readonly rules: readonly string[]
  readonly winnerReason: string
  /** Which leads were taken for one person; empty for plans of old. */
  readonly pairs: readonly WhyMatch[]
  /** The keys of one such pair of this lead, as they were then. */
  readonly keys: WhyRule | null
  readonly fields: readonly WhyField[]
  /** Null: it has not ended. */
  readonly status: string | null
  readonly statusReason: string
  /** It is unresolved, and nobody has said to have looked. */
  readonly isFrozen: boolean
  readonly run: string | null
  readonly endedAt: string | null
  readonly approvedBy: readonly string[]
  readonly attempts: readonly WhyAttempt[]
  /** Of a restore: the lead that was made anew. */
  readonly newId: string | null
}

export interface WhyGroup {
  /** The lead that remains. */
  readonly winner: string
  readonly leads: readonly string[]
  /** merged, merge, deferred or review. */
  readonly status: string
  readonly service: string | null
  readonly decidedBy: string | null
  readonly overruled: string | null
  readonly hold: string | null
}

export interface WhyDecision {
  readonly kind: string
  readonly lead: string
  readonly other: string | null
  readonly field: string | null
  readonly author: string
  readonly reason: string
  readonly until: string | null
  /** It ended, and no run heeds it any more. */
  readonly isOver: boolean
}

export interface WhyState {
  readonly lead: string
  readonly isGone: boolean
  /** The lead that holds it now. */
  readonly mergedInto: string | null
  readonly mergedAt: string | null
  /** This pipeline merged it. */
  readonly byPipeline: boolean
  readonly restoredAs: string | null
  readonly seenAt: string | null
}

/** Two leads beside each other. */
export interface WhyPair {
  readonly a: string
  readonly b: string
  /** The row that merged them, where one did. */
  readonly together: {
    readonly plan: string
    readonly row: string
    readonly run: string | null
  } | null
  /** They are in one cluster of the last run. */
  readonly oneCluster: boolean
  readonly verdict: string
  readonly rules: readonly WhyRule[]
  readonly apart: readonly WhyApart[]
  readonly matches: readonly WhyMatch[]
  readonly decision: WhyDecision | null
}

export interface LeadExplanation {
  readonly pipeline: string
  readonly state: WhyState
  readonly group: WhyGroup | null
  readonly keys: readonly WhyKey[]
  /** Services in which a never rule takes the lead out of all matching. */
  readonly excludedFrom: readonly string[]
  /** Values of this lead that stand on several people. */
  readonly held: readonly WhyHold[]
  /** Pairs of this lead in the last run. */
  readonly matches: readonly WhyMatch[]
  /** Oldest first. */
  readonly rows: readonly WhyRow[]
  readonly decisions: readonly WhyDecision[]
  /** Items that wait for a person. */
  readonly review: readonly { readonly item: string; readonly reason: string }[]
  /** The rules are no longer those of the last run. */
  readonly rulesChanged: boolean
  readonly pair: WhyPair | null
}

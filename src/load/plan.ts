/**
 * A plan: the frozen list of merges and updates of a run. On disk it is one
 * JSON line for the header and one for each row, in row order; its hash is
 * the SHA-256 of the rows and of the header without the hash.
 */

import type { ProgramStatus } from '../marketo/api.js'

/** A field's value as text, exactly as Marketo exports it; null is empty. */
export type Text = string | null

export type Values = Readonly<Record<string, Text>>

/** Two leads that were taken for one person. */
export interface MatchedPair {
  readonly a: string
  readonly b: string
  /** From 1; 0 is a probability, -1 a person's word. */
  readonly rule: number
  readonly similarity: number | null
  readonly probability: number | null
  readonly evidence: string | null
}

export interface Reason {
  readonly service: string
  /** Match rules that made the cluster, in words; empty for an update. */
  readonly rules: readonly string[]
  /** What made the cluster, at most fifty; plans of old have none. */
  readonly pairs?: readonly MatchedPair[]
  /** Why this winner, in words. */
  readonly winner: string
  /** Field, the lead its surviving value came from, and the rule. */
  readonly from: Readonly<
    Record<string, { readonly id: string | null; readonly rule: string }>
  >
}

export interface MergeRow {
  readonly row: string
  readonly kind: 'merge'
  readonly winner: string
  /** In the order in which Marketo will be given them. */
  readonly losers: readonly string[]
  readonly mergeInCrm: boolean
  /**
   * The precondition, for each lead of the cluster: the decided fields, and
   * those that say who the person is. Each lead names the same fields.
   */
  readonly before: Readonly<Record<string, Values>>
  /** What the winner must hold before the merge is sent. */
  readonly set: Values
  /** The decided fields as they will be afterwards. */
  readonly after: Values
  /** Fields in which an opt-out of a loser is kept. */
  readonly kept: readonly string[]
  readonly reason: Reason
}

export interface UpdateRow {
  readonly row: string
  readonly kind: 'update'
  readonly id: string
  /** The precondition: fields that are set, and those their values are of. */
  readonly before: Values
  readonly set: Values
  /** The CRM knows the lead; left out: it does not. */
  readonly crm?: true
  readonly reason: Reason
}

/** A lead that a merge took, to be made anew; it gets another id. */
export interface CreateRow {
  readonly row: string
  readonly kind: 'create'
  /** The lead that is gone. */
  readonly id: string
  /** The lead that it was merged into, and the plan row that did it. */
  readonly winner: string
  readonly merged: { readonly plan: string; readonly row: string }
  /** `createDuplicate` where another lead has its email by right. */
  readonly action: 'createOnly' | 'createDuplicate'
  /** Name of its partition; null leaves it to Marketo. */
  readonly partition: string | null
  readonly before: Values
  readonly set: Values
  /** Leads that had its email when the plan was made. */
  readonly twins: readonly string[]
  /** Ids of the static lists to put it on. */
  readonly lists: readonly string[]
  /** Programs to put it into, and its status there; left out: none. */
  readonly programs?: readonly ProgramStatus[]
  readonly reason: Reason
}

export type PlanRow = MergeRow | UpdateRow | CreateRow

export interface Price {
  readonly calls: number
  readonly minutes: number
  /** Share of the daily calls, 0 to 1. */
  readonly share: number
  /** CRM-linked leads that the CRM sync will have to follow. */
  readonly crm: number
  /** Hours in which they are sent; left out: they are not paced. */
  readonly crmHours?: number
  /** Of the calls, those that keep lists and programs; left out: none. */
  readonly keeping?: number
  /** Updates that go by bulk import; left out: none. */
  readonly imports?: readonly ImportPrice[]
  /** Calls if every update went by sync calls; left out with `imports`. */
  readonly callsBySync?: number
  /** Why bulk import was no choice, in words; left out: it was one. */
  readonly noImport?: string
}

/** Updates that write the same fields, and so share their imports. */
export interface ImportPrice {
  readonly fields: readonly string[]
  readonly rows: number
  readonly files: number
  readonly bytes: number
  /** With reading before and after, and asking how far an import is. */
  readonly calls: number
}

export interface GuardrailResult {
  readonly name: string
  readonly value: number
  readonly limit: number
  readonly ok: boolean
}

export interface PlanHeader {
  readonly version: 1
  /** Version of the program that made it; another one refuses it. */
  readonly tool: string
  readonly hash: string
  readonly pipeline: string
  /** Munchkin id, or `sandbox` for any sandbox on this machine. */
  readonly instance: string
  /** Cut line of the exports that the plan rests on. */
  readonly asOf: string
  /** SHA-256 of the rules that shaped it. */
  readonly rules: string
  readonly leads: number
  readonly merges: number
  readonly losers: number
  readonly updates: number
  /** Leads made anew; only a restore has any. */
  readonly creates?: number
  readonly price: Price
  readonly guardrails: readonly GuardrailResult[]
}

/** Every plan row ends in exactly one of these. */
export type FinalStatus =
  | 'done'
  | 'no_effect'
  | 'stale'
  | 'failed'
  | 'unresolved'
  | 'cancelled'

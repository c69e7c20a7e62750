/**
 * The tables of schema `meta`. They are rebuilt from the run records, the
 * logs, the plan files and the journals, never the only copy of anything.
 */
import type { Kysely } from 'kysely'

export interface RunTable {
  run_id: string
  pipeline: string
  status: string
  exit_code: number | null
  started_at: string
  ended_at: string | null
  tool_version: string
  rules_hash: string
  resumed_from: string | null
  plan_hash: string | null
  leads: number
  review: number
  merges: number | null
  merged_leads: number | null
  updates: number | null
  opt_outs_kept: number | null
  calls_used: number
  calls_budget: number
  export_bytes: number | null
  message: string
  error_code: string | null
  error: string | null
}

export interface StepTable {
  run_id: string
  step: string
  status: string
  started_at: string
  seconds: number
  text: string
}

export interface ExportJobTable {
  run_id: string
  export_id: string
  filter: string
  window_start: string | null
  window_end: string | null
  status: string
  rows: number
  bytes: number
}

export interface RouteTable {
  run_id: string
  route: string
  is_chosen: boolean
  calls: number
  bytes: number
}

export interface ModelResultTable {
  run_id: string
  model: string
  status: string
  rows: number | null
  seconds: number
  message: string | null
}

export interface TestResultTable {
  run_id: string
  test: string
  model: string
  status: string
  failures: number
  message: string | null
}

export interface PlanTable {
  plan_hash: string
  pipeline: string
  instance: string
  as_of: string
  rules_hash: string
  leads: number
  merges: number
  losers: number
  updates: number
  calls: number
  minutes: number
  /** Size of the journal when its outcomes were read; 0: not applied. */
  journal_bytes: number
}

export interface PlanRowTable {
  plan_hash: string
  row_id: string
  kind: string
  lead_id: number
  /** JSON list of ids as text. */
  loser_ids: string
  /** JSON object of the lead's decided fields, as text. */
  before_values: string
  after_values: string
  reason: string
  /** JSON object of what each lead of a merge held, as text; by lead. */
  lead_values: string | null
  /** JSON list of fields in which an opt-out of a loser is kept. */
  kept: string | null
}

export interface AttemptTable {
  plan_hash: string
  row_id: string
  attempt: string
  send: string
  call: number | null
  run_id: string | null
  sent_at: string
  ended_at: string | null
  outcome: string | null
  code: string | null
  request_id: string | null
}

export interface ApprovalTable {
  plan_hash: string
  author: string
  approved_at: string
}

export interface RestoredTable {
  plan_hash: string
  row_id: string
  run_id: string | null
  lead_id: number
  new_id: number
  restored_at: string
}

export interface OutcomeTable {
  plan_hash: string
  row_id: string
  run_id: string
  status: string
  reason: string
  ended_at: string | null
}

export interface ApiCallTable {
  run_id: string
  ts: string
  endpoint: string
  method: string | null
  http: number | null
  code: string | null
  request_id: string | null
  outcome: string | null
  milliseconds: number | null
}

export interface FieldContractTable {
  field: string
  display_name: string
  data_type: string
  length: number | null
  updateable: boolean
  crm_managed: boolean
  first_seen: string
  last_seen: string
  /** The last one: new, renamed, retyped, shortened, removed, …, or empty. */
  change: string | null
  field_id: string | null
  is_hidden: boolean | null
  is_sensitive: boolean | null
  former_names: string
}

export interface FieldChangeTable {
  field: string
  change: string
  before: string | null
  after: string | null
  seen_at: string
}

export interface LogTable {
  run_id: string
  ts: string
  level: string
  event: string
  line: string
}

export interface LabelTable {
  /** The smaller id, as text: ids can be longer than numbers are exact. */
  a: string
  b: string
  is_same: boolean
  author: string
  decided_at: string | null
  probability: number | null
  origin: string
}

/** Names are qualified, because models live in schemas of their own. */
export interface MetaDatabase {
  'meta.run': RunTable
  'meta.step': StepTable
  'meta.export_job': ExportJobTable
  'meta.route': RouteTable
  'meta.model_result': ModelResultTable
  'meta.test_result': TestResultTable
  'meta.plan': PlanTable
  'meta.plan_row': PlanRowTable
  'meta.outcome': OutcomeTable
  'meta.attempt': AttemptTable
  'meta.approval': ApprovalTable
  'meta.restored': RestoredTable
  'meta.api_call': ApiCallTable
  'meta.field_contract': FieldContractTable
  'meta.field_change': FieldChangeTable
  'meta.log': LogTable
  'meta.label': LabelTable
}

export type Meta = Kysely<MetaDatabase>

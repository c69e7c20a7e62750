/**
 * The record of a run: one private JSON file beside its log, written anew at
 * every step, so that a killed run leaves what it knew. `run --json` prints
 * it, and the `meta` tables are rebuilt from it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../durable.js'

export type StepName =
  | 'extract'
  | 'build'
  | 'test'
  | 'plan'
  | 'apply'
  | 'verify'
  | 'publish'

export type StepStatus =
  | 'running'
  | 'done'
  | 'skipped'
  | 'failed'
  | 'paused'
  | 'stopped'

export interface StepRecord {
  readonly step: StepName
  readonly status: StepStatus
  readonly started_at: string
  readonly seconds: number
  /** What it did, in words and counts. */
  readonly text: string
}

export type RunStatus =
  | 'running'
  /** Killed; a later run took over. */
  | 'interrupted'
  | 'done'
  | 'review'
  | 'guardrail'
  | 'paused'
  | 'failed'
  | 'needs_person'

export interface ExportRecord {
  readonly export_id: string
  readonly filter: string
  readonly window_start: string | null
  readonly window_end: string | null
  readonly rows: number
  readonly bytes: number
  readonly status: string
}

export interface ModelRecord {
  readonly model: string
  readonly status: string
  readonly rows: number | null
  readonly seconds: number
  readonly message: string | null
}

export interface TestRecord {
  readonly test: string
  readonly model: string
  readonly status: string
  readonly failures: number
  readonly message: string | null
}

export interface PlanRecord {
  readonly hash: string
  readonly merges: number
  readonly losers: number
  readonly updates: number
  /** Predicted; the real figure is in `calls`. */
  readonly calls: number
  readonly needs_approval: boolean
}

export interface ApplyRecord {
  readonly done: number
  readonly no_effect: number
  readonly stale: number
  readonly failed: number
  readonly unresolved: number
  readonly cancelled: number
  /** Losers that went in merges that are done. */
  readonly merged_leads: number
  /** Leads that got field values beyond merges. */
  readonly updated_leads: number
  /** Merges that kept an opt-out of a lead that went. */
  readonly opt_outs_kept: number
  /** Fields that differ from their prediction after a merge. */
  readonly differences: number
  readonly calls: number
}

export interface RunRecord {
  readonly run_id: string
  readonly pipeline: string
  readonly status: RunStatus
  readonly exit_code: number | null
  readonly started_at: string
  readonly ended_at: string | null
  readonly tool_version: string
  readonly rules_hash: string
  /** The run that this one continues, or null. */
  readonly resumed_from: string | null
  readonly steps: readonly StepRecord[]
  readonly extract: {
    readonly id: string
    readonly as_of: string
    readonly rows: number
    readonly bytes: number
    readonly jobs: number
    readonly rejects: number
  } | null
  /** Live leads when the models were built. */
  readonly leads: number
  /** Clusters that wait for a person's decision. */
  readonly review: number
  readonly plan: PlanRecord | null
  readonly apply: ApplyRecord | null
  readonly calls: { readonly used: number; readonly budget: number }
  readonly warehouse: string
  readonly message: string
  readonly error: { readonly code: string; readonly message: string } | null
  readonly exports: readonly ExportRecord[]
  readonly models: readonly ModelRecord[]
  readonly tests: readonly TestRecord[]
}

export function recordFile(folder: string, runId: string): string {
  return join(folder, `${runId}.json`)
}

export async function saveRecord(
  folder: string,
  record: RunRecord,
): Promise<void> {
  await replaceFile(
    recordFile(folder, record.run_id),
    `${JSON.stringify(record, null, 2)}\n`,
  )
}

/** A record that cannot be read is skipped: the log beside it remains. */
function parsed(file: string): RunRecord[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8')) as RunRecord]
  } catch {
    return []
  }
}

/** All runs of a pipeline, oldest first. */
export function readRecords(folder: string): RunRecord[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .flatMap((name) => parsed(join(folder, name)))
}

/**
 * Runs that were killed say `running` for ever; whoever holds the lock knows
 * that they do not.
 */
export async function closeInterrupted(
  folder: string,
): Promise<RunRecord | null> {
  const killed = readRecords(folder).filter((r) => r.status === 'running')
  for (const record of killed) {
    await saveRecord(folder, { ...record, status: 'interrupted' })
  }
  return killed.at(-1) ?? null
}

/**
 * The record of a run: one private JSON file beside its log, written anew at
 * every step, so that a killed run leaves what it knew. `run --json` prints
 * it, and the `meta` tables are rebuilt from it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { replaceFile } from '../durable.js'
import type { Route } from '../extract/route.js'

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
  /** Predicted minutes, by Marketo's clock. */
  readonly minutes?: number
  /** Leads that the CRM sync will have to follow. */
  readonly crm_records?: number
  readonly needs_approval: boolean
  /** Leads made anew; only a restore has any. */
  readonly creates?: number
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
  /** Of this run. */
  readonly calls: number
  /** Of runs before that carried the same plan on; left out: none. */
  readonly earlier_calls?: number
  /** Minutes that it took, by Marketo's clock. */
  readonly minutes?: number
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
    /** full, increment, list or file; absent in records of old versions. */
    readonly kind?: string
    /** Why it is of this kind. */
    readonly why?: string
    /** How the leads came, and what the ways would have cost. */
    readonly route?: Route | null
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
  /** The process that runs it, on this machine; records of old have none. */
  readonly pid?: number
  /** What the run said beside its steps; records of old have none. */
  readonly notes?: readonly string[]
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

/** null where the file is not a record that this program wrote. */
function parsed(file: string): RunRecord | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(value) && basename(file) === `${value.run_id}.json`
      ? value
      : null
  } catch {
    return null
  }
}

const lists = ['steps', 'exports', 'models', 'tests']

/** Records are written whole, so the outline tells whether one is ours. */
function isRecord(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false
  const facts = new Map<string, unknown>(Object.entries(value))
  return (
    typeof facts.get('run_id') === 'string' &&
    typeof facts.get('status') === 'string' &&
    typeof facts.get('calls') === 'object' &&
    lists.every((name) => Array.isArray(facts.get(name)))
  )
}

/** The record of one run, or null where there is none that can be read. */
export function readRecord(folder: string, runId: string): RunRecord | null {
  return parsed(recordFile(folder, runId))
}

/** Ids of the runs that have a record, oldest first; nothing is opened. */
export function recordedRuns(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => basename(name, '.json'))
    .toSorted()
}

export interface Records {
  /** Oldest first. */
  readonly runs: readonly RunRecord[]
  /** Paths of records that are damaged; the logs beside them remain. */
  readonly damaged: readonly string[]
}

/** All runs of a pipeline. */
export function readRecords(folder: string): Records {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return { runs: [], damaged: [] }
  }
  const runs: RunRecord[] = []
  const damaged: string[] = []
  for (const name of names.toSorted()) {
    if (!name.endsWith('.json')) continue
    const record = parsed(join(folder, name))
    if (record === null) damaged.push(join(folder, name))
    else runs.push(record)
  }
  return { runs, damaged }
}

/**
 * Runs that were killed say `running` for ever; whoever holds the lock knows
 * that they do not.
 */
export async function closeInterrupted(
  folder: string,
): Promise<RunRecord | null> {
  const { runs } = readRecords(folder)
  const running = runs.filter(isOpen)
  for (const record of running) await saveRecord(folder, killed(record))
  return running.at(-1) ?? null
}

/**
 * Nobody has said how it ended. A run decides its end before it publishes, so
 * that readers see it; until that step is over, it goes on.
 */
export function isOpen({
  status,
  steps,
}: Pick<RunRecord, 'status' | 'steps'>): boolean {
  return status === 'running' || steps.some((s) => s.status === 'running')
}

/** What a record would say, had the process been able to write it. */
export function killed(record: RunRecord): RunRecord {
  const steps = record.steps.map((step) =>
    step.status === 'running' ? { ...step, status: 'stopped' as const } : step,
  )
  return { ...record, steps, status: 'interrupted', exit_code: null }
}

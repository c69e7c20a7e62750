/** What a report states: counts and names of rules, nothing of people. */
import { badInput } from '../error.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { reasonWords } from '../run/advice.js'
import { foldersOf } from '../run/folder.js'
import { readRecords, type RunRecord } from '../run/record.js'
import { type PlanFacts, planFacts } from './plan.js'

export type Period =
  | { readonly kind: 'run'; readonly id: string | null }
  /** `2026-11`, in UTC. */
  | { readonly kind: 'month'; readonly month: string }

export interface ReportFacts {
  readonly pipeline: string
  readonly description: string
  readonly owner: string
  readonly period: string
  readonly from: string
  readonly to: string
  readonly runs: readonly RunFacts[]
  readonly totals: Totals
  readonly plan: PlanFacts | null
  readonly tests: readonly { test: string; status: string; rows: number }[]
  readonly steps: readonly {
    readonly step: string
    readonly status: string
    readonly seconds: number
  }[]
}

export interface RunFacts {
  readonly run_id: string
  readonly started_at: string
  readonly minutes: number
  readonly status: string
  readonly why: string
}

export interface Totals {
  readonly leads: number
  readonly merged: number
  readonly updated: number
  readonly opt_outs_kept: number
  readonly failed: number
  readonly unresolved: number
  readonly stale: number
  readonly no_effect: number
  readonly cancelled: number
  readonly differences: number
  /** Runs whose plan a guardrail stopped, or that waited for approval. */
  readonly held: number
  readonly waiting: number
  readonly calls: number
  readonly bytes: number
  readonly minutes: number
}

/**
 * The facts of one run (the last where none is named) or of a month. Throws
 * (exit 3) where there is no such run.
 */
export async function reportFacts(
  projectDir: string,
  {
    name,
    description,
    owner,
  }: Pick<Pipeline, 'name' | 'description' | 'owner'>,
  period: Period,
): Promise<{ facts: ReportFacts; records: readonly RunRecord[] }> {
  const folders = foldersOf(projectDir, name)
  const all = readRecords(folders.log).runs
  const runs = chosen(all, name, period)
  const last = runs.at(-1)
  const hashes = runs.flatMap(({ plan }) => plan?.hash ?? [])
  const facts: ReportFacts = {
    pipeline: name,
    description,
    owner,
    period:
      period.kind === 'month' ? period.month : `run ${last?.run_id ?? ''}`,
    from: runs[0]?.started_at ?? '',
    to: last?.ended_at ?? last?.started_at ?? '',
    runs: runs.map((run) => runFacts(run)),
    totals: totals(runs),
    plan: await planFacts(folders, hashes),
    tests: (last?.tests ?? [])
      .filter(({ status }) => status !== 'pass' && status !== 'skipped')
      .map(({ test, status, failures }) => ({ test, status, rows: failures })),
    steps: (period.kind === 'run' ? (last?.steps ?? []) : []).map(
      ({ step, status, seconds }) => ({ step, status, seconds }),
    ),
  }
  return { facts, records: period.kind === 'month' ? runs : upTo(all, last) }
}

/** One run says little alone, so its charts show what came before it, too. */
function upTo(all: readonly RunRecord[], last: RunRecord | undefined) {
  return all.filter((run) => last !== undefined && run.run_id <= last.run_id)
}

function chosen(
  all: readonly RunRecord[],
  name: string,
  period: Period,
): readonly RunRecord[] {
  if (period.kind === 'month') {
    const found = all.filter((run) => run.started_at.startsWith(period.month))
    if (found.length > 0) return found
    throw badInput('no_run', `${name} has no run in ${period.month}.`)
  }
  const { id } = period
  const run = id === null ? all.at(-1) : all.find((one) => one.run_id === id)
  if (run !== undefined) return [run]
  const known = all.slice(-5).map((one) => one.run_id)
  throw badInput(
    'no_run',
    known.length === 0
      ? `${name} has not run yet: pipeline run ${name}`
      : `${name} has no run ${id ?? ''}; the last ones are ${known.join(', ')}.`,
  )
}

function runFacts(run: RunRecord): RunFacts {
  const { run_id, started_at, status, error } = run
  return {
    run_id,
    started_at,
    status,
    minutes: minutesOf(run),
    // A foreign error may quote anything.
    why: error?.code === 'unexpected' ? 'unexpected error' : reasonWords(run),
  }
}

function minutesOf({ started_at: from, ended_at: to }: RunRecord): number {
  return to === null ? 0 : (Date.parse(to) - Date.parse(from)) / 60_000
}

function totals(runs: readonly RunRecord[]): Totals {
  const sum = (count: (run: RunRecord) => number) =>
    runs.reduce((total, run) => total + count(run), 0)
  return {
    leads: runs.findLast(({ leads }) => leads > 0)?.leads ?? 0,
    merged: sum(({ apply }) => apply?.merged_leads ?? 0),
    updated: sum(({ apply }) => apply?.updated_leads ?? 0),
    opt_outs_kept: sum(({ apply }) => apply?.opt_outs_kept ?? 0),
    failed: sum(({ apply }) => apply?.failed ?? 0),
    unresolved: sum(({ apply }) => apply?.unresolved ?? 0),
    stale: sum(({ apply }) => apply?.stale ?? 0),
    no_effect: sum(({ apply }) => apply?.no_effect ?? 0),
    cancelled: sum(({ apply }) => apply?.cancelled ?? 0),
    differences: sum(({ apply }) => apply?.differences ?? 0),
    held: sum(({ plan }) => (plan?.needs_approval === true ? 1 : 0)),
    waiting: runs.at(-1)?.review ?? 0,
    calls: sum(({ calls }) => calls.used),
    bytes: sum(({ extract }) => extract?.bytes ?? 0),
    minutes: sum(minutesOf),
  }
}

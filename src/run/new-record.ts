import type { Clock } from '../clock.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { rulesHash } from '../pipeline/rules-hash.js'
import { runId } from './outcome.js'
import type { RunRecord } from './record.js'
import { toolVersion } from './version.js'

/** The record of a run that begins now. */
export function newRecord(
  pipeline: Pipeline,
  { clock, random }: { clock: Clock; random: () => number },
  { published, resumedFrom }: { published: string; resumedFrom: string | null },
): RunRecord {
  const now = new Date(clock.now())
  return {
    run_id: runId(now, random),
    pipeline: pipeline.name,
    status: 'running',
    exit_code: null,
    started_at: now.toISOString(),
    ended_at: null,
    tool_version: toolVersion(),
    rules_hash: rulesHash(pipeline),
    resumed_from: resumedFrom,
    steps: [],
    extract: null,
    leads: 0,
    review: 0,
    plan: null,
    apply: null,
    calls: { used: 0, budget: pipeline.marketo.budget.callsPerDay },
    warehouse: published,
    message: '',
    error: null,
    exports: [],
    models: [],
    tests: [],
    pid: process.pid,
  }
}

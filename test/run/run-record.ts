import type { RunRecord } from '../../src/run/record.js'

/** The record of a run that ended well and of which nothing else is told. */
export function runRecord(more: Partial<RunRecord> = {}): RunRecord {
  return {
    run_id: '20261122-050000-aaaa',
    pipeline: 'acme',
    status: 'done',
    exit_code: 0,
    started_at: '2026-11-22T05:00:00.000Z',
    ended_at: '2026-11-22T05:09:00.000Z',
    tool_version: '0',
    rules_hash: '',
    resumed_from: null,
    steps: [],
    extract: null,
    leads: 1000,
    review: 0,
    plan: null,
    apply: null,
    calls: { used: 10, budget: 20_000 },
    warehouse: '',
    message: '',
    error: null,
    exports: [],
    models: [],
    tests: [],
    ...more,
  }
}

import { describe, expect, it } from 'vitest'
import { summaryLines } from '../../src/command/run-summary.js'
import type { RunRecord } from '../../src/run/record.js'

/** A run that exported no lead, and did nothing else. */
function without(kind: 'full' | 'increment' | 'list'): RunRecord {
  const none = { rows: 0, bytes: 0, jobs: 1, rejects: 0 }
  return {
    run_id: '20260901-050000-acme',
    pipeline: 'acme',
    status: 'done',
    exit_code: 0,
    started_at: '2026-09-01T05:00:00Z',
    ended_at: '2026-09-01T05:02:00Z',
    tool_version: '1.0.0',
    rules_hash: 'ab',
    resumed_from: null,
    steps: [],
    extract: { id: 'x', kind, as_of: '2026-09-01T05:00:00Z', ...none },
    leads: 0,
    review: 0,
    plan: null,
    apply: null,
    calls: { used: 12, budget: 20_000 },
    warehouse: '/acme.duckdb',
    message: '',
    error: null,
    exports: [],
    models: [],
    tests: [],
  }
}

describe('the end of a run without a lead from Marketo', () => {
  it.each(['full', 'list'] as const)('warns after a %s export', (kind) => {
    expect(summaryLines(without(kind), '/').join('\n')).toContain(
      'no lead came from Marketo',
    )
  })

  it('says nothing of it where no lead has changed', () => {
    expect(summaryLines(without('increment'), '/').join('\n')).not.toContain(
      'no lead came',
    )
  })
})

import { describe, expect, it } from 'vitest'
import { summaryLines } from '../../src/command/run-summary.js'
import type { RunRecord } from '../../src/run/record.js'
import { runRecord } from '../run/run-record.js'

/** A run that exported no lead, and did nothing else. */
function without(kind: 'full' | 'increment' | 'list'): RunRecord {
  const none = { rows: 0, bytes: 0, jobs: 1, rejects: 0 }
  const as_of = '2026-09-01T05:00:00Z'
  return runRecord({ extract: { id: 'x', kind, as_of, ...none }, leads: 0 })
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

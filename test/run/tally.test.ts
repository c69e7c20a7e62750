import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { summaryLines } from '../../src/command/run-summary.js'
import { Journal } from '../../src/load/journal.js'
import { journalPlace } from '../../src/load/place.js'
import { newRecord } from '../../src/run/new-record.js'
import { recordFile, type RunRecord } from '../../src/run/record.js'
import { callsOfEarlierRuns } from '../../src/run/tally.js'
import { pipeline } from '../load/pipeline.js'

const hash = 'ab'.repeat(32)

function recordOf(run: string, calls: number): RunRecord {
  const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} }
  const made = { published: '', resumedFrom: null }
  const record = newRecord(pipeline, { clock, random: () => 0 }, made)
  const none = { no_effect: 0, stale: 0, failed: 0, unresolved: 0 }
  const leads = { merged_leads: 1, updated_leads: 0, opt_outs_kept: 0 }
  const apply = { done: 1, cancelled: 0, differences: 0, ...none, ...leads }
  const plan = { hash, merges: 9, losers: 9, updates: 0, calls: 136 }
  return {
    ...record,
    run_id: run,
    plan: { ...plan, crm_records: 0, needs_approval: false },
    apply: { ...apply, calls },
  }
}

it('the calls of a plan are those of all runs that carried it on', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tally-'))
  const log = join(root, 'log')
  mkdirSync(log)
  try {
    const { journal } = journalPlace(root, hash.slice(0, 12))
    const begun = await Journal.open(journal)
    for (const [epoch, run] of ['r1', 'r2', 'killed', 'r3'].entries()) {
      const line = { epoch: epoch + 1, run, plan: hash, at: 0 }
      await begun.append([{ kind: 'begin', ...line }], true)
    }
    await begun.close()
    for (const [run, calls] of [
      ['r1', 65],
      ['r2', 20],
      ['other', 7],
    ] as const) {
      const text = JSON.stringify(recordOf(run, calls))
      writeFileSync(recordFile(log, run), text)
    }
    const earlier = await callsOfEarlierRuns({ root, log }, hash, 'r3')
    expect(earlier).toBe(85)
    const { apply, ...record } = recordOf('r3', 50)
    if (apply === null) throw new Error('nothing was applied')
    const told = { ...record, apply: { ...apply, earlier_calls: earlier } }
    expect(summaryLines(told, '/').join('\n')).toContain(
      'applying took 135 calls, 136 planned; 85 of the calls before',
    )
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

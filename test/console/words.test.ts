import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changeLines } from '../../src/console/change.js'
import { healthOf } from '../../src/console/health.js'
import { briefOf } from '../../src/console/history.js'
import { mask } from '../../src/console/mask.js'
import { problemsOf } from '../../src/console/problem.js'
import { serviceWords } from '../../src/console/service-words.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import type { RunRecord } from '../../src/run/record.js'
import { runRecord } from '../run/run-record.js'

const run = runRecord()

const applied = {
  done: 5,
  no_effect: 0,
  stale: 1,
  failed: 2,
  unresolved: 1,
  cancelled: 0,
  merged_leads: 5,
  updated_leads: 0,
  opt_outs_kept: 0,
  differences: 0,
  calls: 9,
}

describe('the words of the console', () => {
  it('say what a service does without YAML', async () => {
    const { pipeline } = await loadPipeline(resolve('pipelines/demo.yml'), {})
    const [service] = pipeline.services.map(serviceWords)
    expect(service?.does).toBe(
      'Finds all leads that are one person, and merges them.',
    )
    expect(service?.parts[0]?.lines).toEqual([
      'the same email',
      'the same phone and last name',
      'the same first name, last name and company',
    ])
    expect(service?.parts[2]?.lines.slice(0, 3)).toEqual([
      'a CRM contact',
      'a CRM lead',
      'the highest leadScore',
    ])
  })

  it('rank what asks for somebody, the worst first', () => {
    const test = {
      test: 'unique_id',
      model: 'lead',
      status: 'warn',
      failures: 3,
      message: null,
    }
    const bad = { ...run, apply: applied, tests: [test], review: 4 }
    const titles = problemsOf(bad, true).map(({ title }) => title)
    expect(titles).toEqual([
      '1 row could not be resolved: what was sent may or may not have happened.',
      '2 rows failed: Marketo refused them.',
      'unique_id: 3 rows of lead that should not be.',
      '4 items wait for a decision.',
      '1 row left alone, because the leads or the plan were out of date.',
    ])
    expect(problemsOf(bad, false)).toEqual([])
  })

  it('say what is different since the run before', () => {
    const before = briefOf(run)
    const last = briefOf({
      ...run,
      leads: 1200,
      rules_hash: 'b',
      review: 1,
      calls: { used: 25, budget: 20_000 },
    })
    expect(changeLines(last, before)).toEqual([
      '200 more leads: 1,200, after 1,000.',
      'The rules or the decisions were changed.',
      '1 item more waits for a decision.',
      '25 calls, after 10.',
    ])
    expect(changeLines(before, before)).toEqual([])
  })

  it('call a pipeline healthy only where nothing is the matter', () => {
    const facts = { problem: '', isRunning: false, overdueSince: null }
    const state = (last: RunRecord | null, more = {}) =>
      healthOf({ ...facts, last: last && briefOf(last), ...more }).word
    expect(state(null)).toBe('never ran')
    expect(state(run)).toBe('healthy')
    expect(state(run, { overdueSince: '2026-11-22T05:00:00Z' })).toBe('overdue')
    expect(state(run, { problem: 'x' })).toBe('cannot run')
    expect(state({ ...run, status: 'failed' })).toBe('failing')
    expect(state({ ...run, status: 'review' })).toBe('waits for approval')
    expect(state({ ...run, status: 'interrupted' })).toBe('killed')
    expect(state(run, { isRunning: true })).toBe('running')
  })

  it('hide who somebody is, and keep what says nothing of them', () => {
    expect(mask('zoe@acme.example')).toBe('z•••@•••')
    expect(mask('Ångström')).toBe('Å•••')
    expect(mask('+46701234567')).toBe('+•••')
    expect(mask('true')).toBe('true')
    expect(mask('42')).toBe('42')
  })
})

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import { invoke, project } from '../command/invoke.js'
import { runRecord } from '../run/run-record.js'

const evil = '<img src=x onerror=alert(1)>'

function record(id: string, more: Partial<RunRecord> = {}): RunRecord {
  const day = `${id.slice(0, 4)}-${id.slice(4, 6)}-${id.slice(6, 8)}`
  return runRecord({
    run_id: id,
    started_at: `${day}T05:00:00.000Z`,
    ended_at: `${day}T05:30:00.000Z`,
    apply: {
      done: 12,
      no_effect: 0,
      stale: 2,
      failed: 1,
      unresolved: 0,
      cancelled: 0,
      merged_leads: 7,
      updated_leads: 5,
      opt_outs_kept: 3,
      differences: 0,
      calls: 40,
    },
    calls: { used: 100, budget: 20_000 },
    ...more,
  })
}

async function world() {
  const cwd = await project({
    'acme.yml': `description: "${evil}"\nmarketo: sandbox\n`,
  })
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const log = join(cwd, 'warehouse', 'acme', 'log')
  mkdirSync(log, { recursive: true })
  const failed = record('20261103-050000-cccc', {
    status: 'failed',
    exit_code: 2,
    apply: null,
    error: { code: 'unexpected', message: 'It was zoe.canary@acme.example' },
    tests: [
      {
        test: evil,
        model: 'm',
        status: 'fail',
        failures: 3,
        message: 'zoe.canary@acme.example',
      },
    ],
  })
  const runs = [
    record('20261031-050000-aaaa'),
    record('20261101-050000-bbbb'),
    record('20261102-050000-bbbb'),
    failed,
  ]
  for (const run of runs) {
    writeFileSync(join(log, `${run.run_id}.json`), JSON.stringify(run))
  }
  return {
    cwd,
    report: async (...args: string[]) =>
      await invoke(['report', 'acme', ...args], { cwd }),
  }
}

it('a month is summed up in one page that loads nothing and shows nothing of people', async () => {
  const { cwd, report } = await world()
  const args = ['--month', '2026-11', '--html', 'r.html', '--json']
  const { code, stdout } = await report(...args)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    period: '2026-11',
    runs: [{}, {}, { status: 'failed', why: 'unexpected error' }],
    totals: { merged: 14, opt_outs_kept: 6, stale: 4, calls: 300 },
    tests: [{ status: 'fail', rows: 3 }],
  })
  const page = readFileSync(join(cwd, 'r.html'), 'utf8')
  expect(page).toContain('4 rows were left alone')
  expect(page).toContain('&lt;img src')
  expect(page).not.toContain('<img')
  expect(page.match(/<svg role="img"/g)?.length).toBeGreaterThan(5)
  const outside = page.replaceAll('http://www.w3.org/2000/svg', '')
  expect(outside).not.toMatch(/https?:|<script|<link|src="|url\(/)
  expect([stdout, page].join('')).not.toContain('zoe.canary')
})

it('a report is of the last run, or of the one that is named', async () => {
  const { report } = await world()
  const last = await report('--json')
  expect(JSON.parse(last.stdout)).toMatchObject({
    period: 'run 20261103-050000-cccc',
  })
  const named = await report('--json', '--run', '20261031-050000-aaaa')
  expect(JSON.parse(named.stdout)).toMatchObject({ totals: { merged: 7 } })
  const none = await report('--json', '--run', 'x')
  expect(none.code).toBe(3)
  expect(none.stderr).toContain('the last ones are')
  expect((await report('--json', '--month', '2026-13')).code).toBe(3)
  expect((await report('--json', '--month', '2025-01')).code).toBe(3)
  expect((await report()).stderr).toContain('--html report.html')
})

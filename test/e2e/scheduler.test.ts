import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { activity } from '../../src/run/stop-request.js'
import { pipeline, project, runFiles, start } from './support.js'

const text = `marketo: { sandbox: { leads: 60 } }
schedule: { cron: "0 0 1 1 *", timezone: UTC }
services:
  domain: { type: domain, write: { emailDomain: domain } }
`

async function until(claim: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 4000; tries += 1) {
    if (claim()) return
    await new Promise((done) => setTimeout(done, 25))
  }
  throw new Error(`never: ${what}`)
}

it('the scheduler makes up for a missed run once, and a signal leaves the run alone', async () => {
  const folder = project({ acme: text })
  const at = ['--project-dir', folder]
  const never = await pipeline([...at, 'status', '--check'])
  expect(never).toMatchObject({
    code: 0,
    stdout: 'No pipeline is overdue (1 checked).\n',
  })
  // A scheduler had it once, long ago.
  const slots = join(folder, 'warehouse', 'acme', 'slot')
  mkdirSync(slots, { recursive: true })
  writeFileSync(join(slots, '20200101T000000Z'), '')
  const first = start([...at, 'schedule', '--run'])
  await until(() => runFiles(folder, 'acme').length === 1, 'a run')
  first.process.kill('SIGTERM')
  const ended = await first.finished
  expect(ended.code).toBe(0)
  expect(ended.stdout).toMatch(/acme {2}missed \d+, one run makes up for them/)

  // The run went on without its scheduler.
  expect(await activity(folder, 'acme')).toMatchObject({ kind: 'run' })
  expect((await pipeline([...at, 'stop', 'acme'])).code).toBe(0)

  const second = start([...at, 'schedule', '--run'])
  await new Promise((done) => second.process.stdout?.once('data', done))
  await new Promise((done) => setTimeout(done, 1000))
  second.process.kill('SIGTERM')
  expect((await second.finished).stdout).not.toContain('begins')
  expect(runFiles(folder, 'acme')).toHaveLength(1)

  const listed = await pipeline([...at, '--json', 'schedule', '--next', '2'])
  const { schedules } = JSON.parse(listed.stdout) as {
    schedules: { next: string[] }[]
  }
  expect(schedules[0]?.next[1]).toMatch(/^20\d\d-01-01T00:00:00.000Z$/)
}, 240_000)

it('a pipeline without a success for too long makes the check exit 1', async () => {
  const folder = project({ acme: text.replace('0 0 1 1 *', '* * * * *') })
  const log = join(folder, 'warehouse', 'acme', 'log')
  mkdirSync(log, { recursive: true })
  const record = {
    run_id: '20261101-050000-aaaa',
    pipeline: 'acme',
    status: 'done',
    exit_code: 0,
    started_at: '2025-11-01T05:00:00.000Z',
    calls: {},
    steps: [],
    exports: [],
    models: [],
    tests: [],
  }
  const file = join(log, `${record.run_id}.json`)
  writeFileSync(file, JSON.stringify(record))
  const args = ['--project-dir', folder, 'status', '--check']
  const said = await pipeline(args)
  expect(said.code).toBe(1)
  expect(said.stdout).toContain(
    'no success since 2025-11-01 05:00 UTC, overdue since 2025-11-01 05:01 UTC',
  )
  const asked = await pipeline([...args, '--json'])
  expect(JSON.parse(asked.stdout)).toMatchObject({
    overdue: [{ pipeline: 'acme', period_seconds: 60 }],
  })
})

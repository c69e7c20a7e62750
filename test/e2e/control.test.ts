import { spawn } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { launchRun } from '../../src/run/launch.js'
import type { CancelledPlan } from '../../src/run/cancel.js'
import type { RunRecord } from '../../src/run/record.js'
import { activity, awaitEnd } from '../../src/run/stop-request.js'
import { rules } from './rules.js'
import {
  connection,
  newestLog,
  pipeline,
  project,
  runFiles,
  sandbox,
  start,
  state,
} from './support.js'

const scale = 200

/** Each merge takes a second, so that a stop comes between two of them. */
const slowMerge = [
  { kind: 'slow', seconds: scale, match: { endpoint: 'merge' } },
]
const light = `${connection(scale)}
services:
  domain: { type: domain, write: { emailDomain: domain } }
`

async function world(names = ['acme'], text = connection(scale) + rules) {
  const size = ['--count', '150', '--seed', '21']
  const served = await sandbox([...size, '--time-scale', String(scale)])
  const folder = project(Object.fromEntries(names.map((name) => [name, text])))
  return { served, folder, at: ['--project-dir', folder] }
}

async function until(claim: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 4000; tries += 1) {
    if (claim()) return
    await new Promise((done) => setTimeout(done, 25))
  }
  throw new Error(`never: ${what}`)
}

it('a launched run outlives its starter, stops after the row in flight, and the next one finishes', async () => {
  const { served, folder, at } = await world()
  const faults = `${served.endpoint}/sandbox/faults`
  await fetch(faults, { method: 'POST', body: JSON.stringify(slowMerge) })
  // A starter that ends at once, as a console does that is killed.
  const launch = resolve('dist/run/launch.js')
  const script = `import { launchRun } from ${JSON.stringify(launch)}
const { runId, output } = await launchRun({ projectDir: ${JSON.stringify(folder)}, pipeline: 'acme', env: process.env })
process.stdout.write(JSON.stringify({ runId, output }))
process.kill(process.pid, 'SIGKILL')`
  const file = join(folder, 'starter.mjs')
  writeFileSync(file, script)
  const starter = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'] ?? '', ...served.env },
  })
  let printed = ''
  starter.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const signal = await new Promise((done) =>
    starter.on('close', (_, name) => done(name)),
  )
  expect(signal).toBe('SIGKILL')
  const { runId, output } = JSON.parse(printed) as Record<string, string>
  expect(statSync(output ?? '').mode & 0o777).toBe(0o600)

  await until(() => sent(folder) > 0, 'a merge under way')
  const going = await activity(folder, 'acme')
  expect(going).toMatchObject({ kind: 'run', run: { run_id: runId } })
  const stop = await pipeline([...at, '--json', 'stop', 'acme'], served.env)
  expect(stop.code).toBe(0)
  const { stopped } = JSON.parse(stop.stdout) as {
    stopped: { result: string; run: RunRecord }[]
  }
  expect(stopped[0]).toMatchObject({
    result: 'ended',
    run: { run_id: runId, status: 'paused', exit_code: 4 },
  })
  expect(stopped[0]?.run.error?.code).toBe('stopped')
  await fetch(faults, { method: 'DELETE' })
  const before = (await state(served.endpoint)).merges.length
  expect(before).toBeGreaterThan(0)
  expect(await activity(folder, 'acme')).toEqual({ kind: 'idle' })

  // The request is gone with its run, so the retry is not stopped by it.
  const again = await pipeline([...at, '--json', 'run', 'acme'], served.env)
  expect(again.stderr).not.toContain('stopped')
  const record = JSON.parse(again.stdout) as RunRecord
  expect(record).toMatchObject({ status: 'done', exit_code: 0 })
  const { merges } = await state(served.endpoint)
  expect(merges.length).toBeGreaterThan(before)
  const losers = merges.flatMap((merge) => merge.losers)
  expect(new Set(losers).size).toBe(losers.length)

  const idle = await pipeline([...at, 'stop', 'acme'])
  expect(idle).toMatchObject({ code: 0, stdout: 'acme is not running.\n' })
}, 240_000)

it('a plan that a person cancels is over: the next run makes another one', async () => {
  const { served, folder, at } = await world()
  const faults = `${served.endpoint}/sandbox/faults`
  await fetch(faults, { method: 'POST', body: JSON.stringify(slowMerge) })
  const request = { projectDir: folder, pipeline: 'acme', env: served.env }
  const first = await launchRun(request)
  await until(() => sent(folder) > 0, 'a merge under way')
  const stop = await pipeline([...at, '--json', 'stop', 'acme', '--cancel'])
  expect(stop.code).toBe(0)
  const { stopped } = JSON.parse(stop.stdout) as {
    stopped: { result: string; run: RunRecord; cancelled: CancelledPlan[] }[]
  }
  const [one] = stopped
  expect(one).toMatchObject({ result: 'ended', run: { run_id: first.runId } })
  const [plan] = one?.cancelled ?? []
  expect(plan?.counts.cancelled).toBeGreaterThan(0)
  expect(one?.run.plan?.hash).toContain(plan?.plan)
  await fetch(faults, { method: 'DELETE' })

  const nothing = await pipeline([...at, 'stop', 'acme', '--cancel'])
  expect(nothing.stdout).toBe(
    'acme has no plan that was begun and is not over; nothing was cancelled.\n',
  )
  const again = await pipeline([...at, '--json', 'run', 'acme'], served.env)
  const record = JSON.parse(again.stdout) as RunRecord
  expect(record).toMatchObject({ status: 'done', exit_code: 0 })
  expect(record.plan?.hash).not.toBe(one?.run.plan?.hash)
  const { merges } = await state(served.endpoint)
  const losers = merges.flatMap((merge) => merge.losers)
  expect(new Set(losers).size).toBe(losers.length)

  const third = await launchRun(request)
  const asked = await pipeline([...at, 'stop', 'acme', '--no-wait', '--cancel'])
  expect(asked.code).toBe(4)
  expect(asked.stdout).toContain('Its plan is not cancelled: pipeline stop')
  expect(await third.ended).toBe(4)
}, 240_000)

/** Requests of the apply step that left, by the log. */
function sent(folder: string): number {
  return newestLog(folder, 'acme').split('leads/{id}/merge').length - 1
}

it('a run that cannot begin says why to whoever launched it', async () => {
  const { served, folder } = await world()
  const request = { projectDir: folder, pipeline: 'acme', env: {} }
  await expect(launchRun(request)).rejects.toMatchObject({
    exit: 3,
    message: expect.stringContaining('TEST_CLIENT_SECRET') as string,
  })
  expect(runFiles(folder, 'acme')).toEqual([])

  const first = await launchRun({ ...request, env: served.env })
  await expect(
    launchRun({ ...request, env: served.env }),
  ).rejects.toMatchObject({ exit: 9, code: 'locked' })
  const { run } = (await activity(folder, 'acme')) as { run: RunRecord }
  process.kill(first.pid, 'SIGTERM')
  const clock = systemClock
  const ended = await awaitEnd(folder, run, { clock, limit: 30_000 })
  expect(ended).toMatchObject({ status: 'paused', run_id: first.runId })
  expect(await first.ended).toBe(4)
}, 240_000)

it('one failure of a group stops none of the others, and one table sums up', async () => {
  const { served, folder, at } = await world(['blue', 'green', 'red'], light)
  const refused = join(folder, 'pipelines', 'red.yml')
  const wrong = light.replace('TEST_CLIENT_SECRET', 'WRONG_SECRET')
  writeFileSync(refused, wrong)
  const env = { ...served.env, WRONG_SECRET: 'not-the-secret' }
  const file = join(folder, 'pipelines', 'green.yml')
  writeFileSync(file, 'marketo: sandbox\nservice: {}\n')
  const ran = await pipeline([...at, 'run', '--all', '--jobs', '2'], env)
  // Credentials that Marketo refuses outrank a file with a mistake.
  expect(ran.code).toBe(5)
  expect(ran.stderr).toContain('Did you mean "services"?')
  const table = ran.stdout.slice(ran.stdout.indexOf('pipeline  result'))
  expect(table).toMatch(/^blue +(done|review) +/m)
  expect(table).toMatch(/^green +refused +.*pipeline debug green$/m)
  expect(table).toMatch(/^red +failed +.*pipeline debug red$/m)
  expect(existsSync(join(folder, 'warehouse', 'blue.duckdb'))).toBe(true)

  // Stopping the command stops what runs and starts nothing more.
  const args = [...at, '--json', 'run', 'blue', 'red', 'green', '--jobs', '2']
  writeFileSync(refused, light)
  const started = start(args, env)
  const logs = () => ['blue', 'red'].map((name) => runFiles(folder, name))
  await until(() => logs().every((files) => files.length === 2), 'both began')
  started.process.kill('SIGINT')
  const { stdout } = await started.finished
  const { results } = JSON.parse(stdout) as { results: { result: string }[] }
  const words = results.map(({ result }) => result)
  expect(words).toEqual(['paused', 'paused', 'not started'])
}, 240_000)

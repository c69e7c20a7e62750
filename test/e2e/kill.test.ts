import type { ChildProcess } from 'node:child_process'
import { expect, it } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import { rules } from './rules.js'
import {
  connection,
  newestLog,
  pipeline,
  project,
  sandbox,
  start,
  type State,
  state,
} from './support.js'

const scale = 1000
const steps = ['extract', 'build', 'apply'] as const
/** `npm run test:long` kills thirty times. */
const kills = process.env['LONG'] === undefined ? 4 : 30

/** Seeded, so that a failing moment can be named. */
function random(seed: number): () => number {
  let value = seed
  return () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0
    return value / 2 ** 32
  }
}

async function world() {
  const served = await sandbox([
    '--count',
    '300',
    '--seed',
    '21',
    '--time-scale',
    String(scale),
  ])
  const folder = project({ acme: connection(scale) + rules })
  const args = ['--project-dir', folder, '--json', '--quiet', 'run', 'acme']
  return { served, folder, args }
}

/** Leads without times, which differ between any two runs. */
function comparable({ leads }: State) {
  return leads.map((lead) =>
    Object.fromEntries(
      Object.entries(lead).filter(([name]) => !/(At|Date)$/.test(name)),
    ),
  )
}

function mergesOf({ merges }: State): string[] {
  return merges
    .map(({ survivor, losers }) => `${survivor}<${losers.join(',')}`)
    .toSorted()
}

/** Waits until the log of the run says that a step began, or the run ended. */
async function begun(
  folder: string,
  step: string,
  victim: ChildProcess,
): Promise<void> {
  const started = `"event":"step.started","step":"${step}"`
  while (victim.exitCode === null) {
    if (newestLog(folder, 'acme').includes(started)) return
    await new Promise((done) => setTimeout(done, 5))
  }
}

it('ends in the same state after kill -9 at random moments, and sends no merge twice', async () => {
  const calm = await world()
  const whole = await pipeline(calm.args, calm.served.env)
  expect(whole.stderr).toBe('')
  const record = JSON.parse(whole.stdout) as RunRecord
  const wanted = await state(calm.served.endpoint)
  expect(wanted.merges.length).toBeGreaterThan(20)
  const seconds = new Map(record.steps.map((s) => [s.step, s.seconds]))
  await calm.served.stop()

  const next = random(2026)
  let landed = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const step = steps[kill % steps.length] ?? 'extract'
    const moment = next() * (seconds.get(step) ?? 1) * 1000
    const { served, folder, args } = await world()
    const victim = start(args, served.env)
    await begun(folder, step, victim.process)
    await new Promise((done) => setTimeout(done, moment))
    victim.process.kill('SIGKILL')
    const { signal } = await victim.finished
    if (signal === 'SIGKILL') landed += 1

    const rerun = await pipeline(args, served.env)
    const where = `kill ${kill}: ${step} + ${Math.round(moment)} ms`
    expect(rerun.stderr, where).toBe('')
    expect([0, 11], where).toContain(rerun.code)
    const found = await state(served.endpoint)
    expect(mergesOf(found), where).toEqual(mergesOf(wanted))
    expect(comparable(found), where).toEqual(comparable(wanted))
    await served.stop()
  }
  process.stdout.write(
    `kills that hit a running process: ${landed} of ${kills}\n`,
  )
  expect(landed).toBeGreaterThanOrEqual(kills * 0.8)
}, 1_200_000)

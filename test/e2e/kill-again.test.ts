import type { ChildProcess } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
const steps = ['extract', 'build', 'apply', 'apply', 'apply'] as const
/** `npm run soak:crash` kills a thousand times; here it takes too long. */
const kills = Number(process.env['KILLS'] ?? 0)
/** Kills of one scenario, at most. */
const mostKills = 10

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

/** Who went into whom, however many calls that took. */
function mergesOf({ merges }: State): string[] {
  const by = new Map<string, string[]>()
  for (const { survivor, losers } of merges) {
    by.set(survivor, [...(by.get(survivor) ?? []), ...losers])
  }
  return [...by]
    .map(([survivor, losers]) => `${survivor}<${losers.toSorted().join()}`)
    .toSorted()
}

/** Waits until the newest log says that a step began, or the run ended. */
async function begun(
  folder: string,
  step: string,
  victim: ChildProcess,
): Promise<boolean> {
  const before = newestLog(folder, 'acme')
  const started = `"event":"step.started","step":"${step}"`
  while (victim.exitCode === null) {
    const log = newestLog(folder, 'acme')
    if (log !== before && log.includes(started)) return true
    await new Promise((done) => setTimeout(done, 5))
  }
  return false
}

interface Killing {
  readonly next: () => number
  readonly seconds: ReadonlyMap<string, number>
  readonly most: number
  /** The pipeline's folder is lost with each process. */
  readonly isWiped: boolean
}

/** One pipeline, killed again and again; gives how often, and the end. */
async function scenario({ next, seconds, most, isWiped }: Killing) {
  const { served, folder, args } = await world()
  const moments: string[] = []
  for (let isOver = false; !isOver && moments.length < most; ) {
    const step = steps[Math.floor(next() * steps.length)] ?? 'apply'
    // A part of the step, so that what is left is killed again.
    const moment = next() * (seconds.get(step) ?? 1) * 700
    const victim = start(args, served.env)
    const isThere = await begun(folder, step, victim.process)
    if (isThere) await new Promise((done) => setTimeout(done, moment))
    victim.process.kill('SIGKILL')
    const { signal } = await victim.finished
    isOver = signal !== 'SIGKILL'
    if (isOver) break
    moments.push(`${step} + ${Math.round(moment)} ms`)
    const home = join(folder, 'warehouse', 'acme')
    if (isWiped && existsSync(home)) rmSync(home, { recursive: true })
  }
  let last = await pipeline(args, served.env)
  // What a lost plan had begun is found by the next one.
  if (isWiped) last = await pipeline(args, served.env)
  const found = await state(served.endpoint)
  await served.stop()
  return { moments, last, found }
}

it.skipIf(kills === 0)(
  `L3: ends in the same state after ${kills} times kill -9, with the disk kept or lost, and merges nobody twice`,
  async () => {
    const calm = await world()
    const whole = await pipeline(calm.args, calm.served.env)
    expect(whole.stderr).toBe('')
    const record = JSON.parse(whole.stdout) as RunRecord
    const wanted = await state(calm.served.endpoint)
    expect(wanted.merges.length).toBeGreaterThan(20)
    const seconds = new Map(record.steps.map((s) => [s.step, s.seconds]))
    await calm.served.stop()

    const next = random(2026)
    const landed = { kept: 0, lost: 0 }
    let scenarios = 0
    while (landed.kept + landed.lost < kills) {
      // Each loss costs a whole extract, so fewer of them.
      const isWiped = scenarios % 4 === 3
      const left = kills - landed.kept - landed.lost
      const drawn = 1 + Math.floor(next() * mostKills)
      const most = Math.min(left, isWiped ? Math.min(drawn, 3) : drawn)
      const { moments, last, found } = await scenario({
        next,
        seconds,
        most,
        isWiped,
      })
      scenarios += 1
      const where = `scenario ${scenarios}${isWiped ? ', disk lost' : ''}: ${moments.join(', ')}`
      expect(last.stderr, where).toBe('')
      expect([0, 11], where).toContain(last.code)
      expect(mergesOf(found), where).toEqual(mergesOf(wanted))
      expect(comparable(found), where).toEqual(comparable(wanted))
      landed[isWiped ? 'lost' : 'kept'] += moments.length
    }
    process.stdout.write(
      `kill -9 of a running pipeline: ${landed.kept} with the disk kept, ${landed.lost} with the disk lost, ${scenarios} scenarios, 0 divergences\n`,
    )
  },
  3_600_000,
)

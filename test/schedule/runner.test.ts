import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type Clock, scaledClock } from '../../src/clock.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import type { Schedule } from '../../src/pipeline/policy.js'
import { againAt } from '../../src/schedule/again.js'
import { due } from '../../src/schedule/due.js'
import { claimSlot, lastSlot } from '../../src/schedule/memory.js'
import { runSchedules } from '../../src/schedule/runner.js'

function scheduled(name: string, more: Partial<Schedule> = {}): Pipeline {
  const schedule: Schedule = {
    cron: '* * * * *',
    timezone: 'UTC',
    until: null,
    paused: false,
    blackout: [],
    missed: 'run_once',
    ...more,
  }
  return { name, schedule } as Pipeline
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pipeline-schedule-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** Minutes pass in a tenth of a second. */
function fastClock(): Clock {
  return scaledClock(600, Date.parse('2040-11-22T05:00:30Z'))
}

it('however many slots were missed, one run makes up for them, or none', () => {
  const last = new Date('2026-11-20T05:00:00Z')
  const now = new Date('2026-11-22T12:00:00Z')
  const daily = { cron: '0 5 * * *' }
  const slot = new Date('2026-11-22T05:00:00Z')
  const once = scheduled('a', daily)
  expect(due(once, { last, now })).toEqual({ kind: 'run', slot, missed: 2 })
  expect(due(once, { last: slot, now })).toEqual({ kind: 'none' })
  const skip = scheduled('a', { ...daily, missed: 'skip' })
  expect(due(skip, { last, now })).toMatchObject({ kind: 'skip', missed: 2 })
  const inTime = new Date('2026-11-22T05:00:20Z')
  expect(due(skip, { last, now: inTime })).toMatchObject({ kind: 'run' })
  const late = scheduled('a', { ...daily, until: '07:00' })
  expect(due(late, { last, now })).toMatchObject({ kind: 'skip' })
  const six = new Date('2026-11-22T06:00:00Z')
  expect(due(late, { last, now: six })).toMatchObject({ kind: 'run' })
})

it('a slot is taken by one of many, and none before the last', async () => {
  const dir = folder()
  const slot = new Date('2026-11-22T05:00:00Z')
  const claims = await Promise.all(
    Array.from({ length: 20 }, () => claimSlot(dir, 'acme', slot)),
  )
  expect(claims.filter(Boolean)).toHaveLength(1)
  expect(lastSlot(dir, 'acme')).toEqual(slot)
  const later = new Date('2026-11-23T05:00:00Z')
  expect(await claimSlot(dir, 'acme', later)).toBe(true)
  const between = new Date('2026-11-22T17:00:00Z')
  expect(await claimSlot(dir, 'acme', between)).toBe(false)
  expect(lastSlot(dir, 'acme')).toEqual(later)
  expect(lastSlot(dir, 'beta')).toBe(null)
})

it('two schedulers, one stopped and started again, give each slot one run', async () => {
  const projectDir = folder()
  const clock = fastClock()
  const started: { slot: string; by: string }[] = []
  const begin = async (by: string, signal: AbortSignal) => {
    await runSchedules({
      projectDir,
      load: () => Promise.resolve([scheduled('acme'), scheduled('beta')]),
      launch(pipeline, slot) {
        started.push({ slot: `${pipeline} ${slot.toISOString()}`, by })
        const ended = clock.sleep(5_000).then(() => null)
        return Promise.resolve({ runId: 'r', ended })
      },
      clock,
      signal,
      jobs: 2,
      tell: () => {},
    })
  }
  const first = new AbortController()
  const second = new AbortController()
  const one = begin('one', first.signal)
  const two = begin('two', second.signal)
  await clock.sleep(8 * 60_000)
  first.abort()
  await one
  await clock.sleep(60_000)
  const third = new AbortController()
  const three = begin('three', third.signal)
  await clock.sleep(5 * 60_000)
  second.abort()
  third.abort()
  await Promise.all([two, three])
  const slots = started.map(({ slot }) => slot)
  expect(new Set(slots).size).toBe(slots.length)
  expect(
    slots.filter((slot) => slot.startsWith('acme')).length,
  ).toBeGreaterThan(10)
})

it('no more runs than jobs go on at once, and those that wait get their turn', async () => {
  const projectDir = folder()
  const clock = fastClock()
  const names = ['a', 'b', 'c', 'd', 'e']
  const before = new Date(clock.now() - 3_600_000)
  for (const name of names) await claimSlot(projectDir, name, before)
  let going = 0
  let most = 0
  const ran = new Set<string>()
  const stop = new AbortController()
  const told: string[] = []
  await runSchedules({
    projectDir,
    load: () =>
      Promise.resolve(
        names.map((name) => scheduled(name, { cron: '0 5 * * *' })),
      ),
    async launch(name) {
      if (name === 'b') throw new Error('b cannot begin.')
      await Promise.resolve()
      going += 1
      most = Math.max(most, going)
      ran.add(name)
      const ended = clock.sleep(10_000).then(() => {
        going -= 1
        return null
      })
      if (ran.size === 4) void ended.then(() => stop.abort())
      return { runId: name, ended }
    },
    clock,
    signal: stop.signal,
    jobs: 2,
    tell: (name, text) => told.push(`${name} ${text}`),
  })
  expect([...ran].toSorted()).toEqual(['a', 'c', 'd', 'e'])
  expect(most).toBe(2)
  expect(told).toContain('b b cannot begin.')
})

it('a run that paused goes on when the quota has reset, or soon, and before its end', () => {
  const slot = new Date('2026-11-22T05:00:00Z')
  const now = new Date('2026-11-22T05:20:00Z')
  const resetsAt = '2026-11-22T06:00:00.000Z'
  const open: Pick<Schedule, 'until' | 'timezone'> = {
    until: null,
    timezone: 'UTC',
  }
  const paused = (code: string) =>
    ({ status: 'paused', error: { code, message: '' } }) as const
  const at = (code: string, tries = 0, schedule = open) =>
    againAt(paused(code), { now, slot, tries, resetsAt, schedule })
  const reset = new Date('2026-11-22T06:02:00Z')
  expect(at('daily_quota')).toEqual(reset)
  expect(at('export_budget', 9)).toEqual(reset)
  expect(at('unreachable')).toEqual(new Date('2026-11-22T05:35:00Z'))
  expect(at('unreachable', 2)).toEqual(new Date('2026-11-22T06:20:00Z'))
  expect(at('unreachable', 4)).toBe(null)
  const early = { until: '06:00', timezone: 'UTC' }
  expect(at('daily_quota', 0, early)).toBe(null)
  expect(at('stopped')).toBe(null)
  expect(at('deadline')).toBe(null)
  const done = { status: 'done', error: null } as const
  const situation = { now, slot, tries: 0, resetsAt, schedule: open }
  expect(againAt(done, situation)).toBe(null)
})

it('the scheduler starts a paused run again at its time, and once', async () => {
  const projectDir = folder()
  const clock = fastClock()
  const once = scheduled('acme', { cron: '0 5 * * *' })
  await claimSlot(projectDir, 'acme', new Date(clock.now() - 3_600_000))
  const stop = new AbortController()
  const begun: { slot: string; at: number }[] = []
  const runs = runSchedules({
    projectDir,
    load: () => Promise.resolve([once]),
    launch(_, slot) {
      begun.push({ slot: slot.toISOString(), at: clock.now() })
      const again =
        begun.length === 1 ? new Date(clock.now() + 5 * 60_000) : null
      return Promise.resolve({ runId: 'r', ended: Promise.resolve(again) })
    },
    clock,
    signal: stop.signal,
    jobs: 2,
    tell: () => {},
  })
  await clock.sleep(20 * 60_000)
  stop.abort()
  await runs
  expect(begun).toHaveLength(2)
  const [first, second] = begun
  expect(second?.slot).toBe(first?.slot)
  const apart = (second?.at ?? 0) - (first?.at ?? 0)
  expect(apart).toBeGreaterThanOrEqual(5 * 60_000)
})

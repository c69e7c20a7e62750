import { expect, it } from 'vitest'
import { type Job, twiceCreated } from './soak/job-log.js'
import { scheduleOf } from './soak/schedule.js'
import { play } from './soak/trial.js'

const schedules = 16

it('an extract under random faults ends with exactly the leads there are, or names a lasting cause', async () => {
  const hits = new Map<string, number>()
  for (let seed = 1; seed <= schedules; seed += 1) {
    // Every fifth class, so that all groups of faults come up.
    const verdict = await play(scheduleOf(seed * 5))
    expect.soft(verdict.wrong, `soak:faults --replay ${seed * 5}`).toBeNull()
    for (const [name, count] of verdict.hits) {
      hits.set(name, (hits.get(name) ?? 0) + count)
    }
  }
  expect(hits.size).toBeGreaterThan(12)
}, 180_000)

it('a window that was exported by two jobs is found in the log, unless the first was of no use', () => {
  const filter = { kind: 'createdAt', from: 1000, to: 5000 }
  const first: Job = {
    exportId: 'a',
    filter,
    createdAt: 1,
    cancelledAt: null,
    failed: false,
  }
  const second = { ...first, exportId: 'b', createdAt: 2 }
  const next = { ...second, filter: { ...filter, from: 6000, to: 9000 } }
  expect(twiceCreated([first, second])).toMatch(/a and b/)
  expect(twiceCreated([first, next])).toBeNull()
  expect(twiceCreated([{ ...first, failed: true }, second])).toBeNull()
  expect(twiceCreated([{ ...first, cancelledAt: 2 }, second])).toBeNull()
})

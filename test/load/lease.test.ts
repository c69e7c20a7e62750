import { copyFile, mkdtemp, rm, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { machineDisk } from '../../src/load/disk.js'
import {
  isAlive,
  Lease,
  type LeaseOptions,
  leaseTime,
  thisHolder,
} from '../../src/load/lease.js'
import { journalPlace } from '../../src/load/place.js'
import { testWorld } from './test-world.js'
import {
  addFaults,
  apply,
  clearFaults,
  mergeEndpoint,
  planFor,
} from './world.js'

const hour = 3_600_000
const folders: string[] = []

afterEach(async () => {
  for (const one of folders.splice(0)) await rm(one, { recursive: true })
})

class HandClock {
  time = 1_800_000_000_000
  now = () => this.time
  monotonic = () => this.time
}

async function place() {
  const folder = await mkdtemp(join(tmpdir(), 'lease-'))
  folders.push(folder)
  const clock = new HandClock()
  let takers = 0
  const take = (more: Partial<LeaseOptions> = {}) => {
    takers += 1
    return Lease.take({
      path: join(folder, 'lease.jsonl'),
      plan: 'a',
      id: String(takers),
      clock,
      disk: machineDisk,
      holder: thisHolder(),
      isAlive: () => true,
      above: 0,
      ...more,
    })
  }
  return { clock, take }
}

const mark = { lines: 3, head: 'x', settled: true }

describe('the lease of a pipeline', () => {
  it('F4: is refused while a living process holds it, and free once released', async () => {
    const { take } = await place()
    const first = await take()
    await expect(take()).rejects.toMatchObject({ code: 'lease_held', exit: 9 })
    await first.release(mark)
    const second = await take()
    expect([first.epoch, second.epoch]).toEqual([1, 2])
    await first.close()
    await second.close()
  })

  it('is taken over at once from a process that is dead', async () => {
    const { take } = await place()
    const first = await take()
    const second = await take({ isAlive: () => false })
    await expect(first.check()).rejects.toMatchObject({ code: 'lease_lost' })
    await expect(second.check()).resolves.toBeUndefined()
    await first.close()
    await second.close()
  })

  it('F6: ends for a holder that slept, whether or not another took it', async () => {
    const { clock, take } = await place()
    const first = await take()
    clock.time += leaseTime + 1
    await expect(first.check()).rejects.toMatchObject({ code: 'lease_expired' })
    const second = await take()
    await expect(first.check()).rejects.toMatchObject({ code: 'lease_expired' })
    await expect(second.check()).resolves.toBeUndefined()
    await first.close()
    await second.close()
  })

  it('lasts as long as its holder keeps asking', async () => {
    const { clock, take } = await place()
    const first = await take()
    for (let n = 0; n < 20; n += 1) {
      clock.time += leaseTime / 2
      await first.check()
    }
    expect(clock.time).toBeGreaterThan(1_800_000_000_000 + hour)
    await expect(take()).rejects.toMatchObject({ code: 'lease_held' })
    await first.close()
  })

  it('goes to one of 200 pairs that race, never to both', async () => {
    const { take } = await place()
    for (let race = 0; race < 200; race += 1) {
      const both = await Promise.allSettled([take(), take()])
      const winners = both.filter((one) => one.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      for (const { value } of winners) {
        await value.check()
        await value.release(mark)
        await value.close()
      }
    }
  })

  it('tells a process that ended from one that lives', () => {
    const own = thisHolder()
    expect(isAlive(own)).toBe(true)
    expect(isAlive({ ...own, started: own.started - 1 })).toBe(false)
    expect(isAlive({ ...own, pid: 2 ** 22 + 1 })).toBe(false)
    expect(isAlive({ ...own, host: 'elsewhere' })).toBeNull()
  })
})

async function pausedWorld() {
  const world = await testWorld(
    Array.from({ length: 12 }, (_, n) => ({
      id: String(n + 1),
      email: 'a@example.com',
    })),
  )
  const plan = await planFor(world, {
    merges: [1, 3, 5, 7, 9, 11].map((n) => ({
      winner: String(n),
      losers: [String(n + 1)],
      survivors: [],
    })),
  })
  const [name = ''] = plan.split('/').at(-1)?.split('.') ?? []
  const journal = journalPlace(world.folder, name).journal
  const pause = async () => {
    await addFaults(world, {
      kind: 'reset-after',
      match: { endpoint: mergeEndpoint },
    })
    const paused = apply(world, plan)
    await expect(paused).rejects.toMatchObject({ exit: 4 })
    await clearFaults(world)
  }
  return { world, plan, journal, pause }
}

describe('a journal and its lease', () => {
  it('E14: an older copy of the journal is refused before anything is sent', async () => {
    const { world, plan, journal, pause } = await pausedWorld()
    const stop = new AbortController()
    stop.abort()
    const signal = stop.signal
    await expect(apply(world, plan, { signal })).rejects.toMatchObject({
      code: 'stopped',
    })
    await copyFile(journal, `${journal}.old`)
    await pause()
    await copyFile(`${journal}.old`, journal)
    const before = world.calls.length
    await expect(apply(world, plan)).rejects.toMatchObject({
      code: 'journal_older',
      exit: 8,
    })
    expect(world.calls.length).toBe(before)
  })

  it('E13: a journal that was moved aside is made up for by what Marketo holds', async () => {
    const { world, plan, journal, pause } = await pausedWorld()
    await pause()
    await unlink(journal)
    const { clock } = world.marketo
    const since = clock.monotonic()
    expect(await apply(world, plan, { since })).toMatchObject({ done: 6 })
    expect(clock.monotonic() - since).toBeGreaterThan(200_000)
  })
})

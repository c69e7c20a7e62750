import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { LeadRecord, Marketo } from '../../src/marketo/api.js'
import type { Fault } from '../../src/sandbox/fault.js'
import { dying, type Point, points } from './dying.js'
import { testWorld } from './test-world.js'
import {
  apply,
  mergeEndpoint,
  newClient,
  planFor,
  startWorld,
  stateOf,
  survivor,
  type World,
} from './world.js'

const merges = 3
const updates = 2

const leads: readonly LeadRecord[] = [
  ...Array.from({ length: merges }, (_, n) => [
    { id: String(10 + 3 * n), unsubscribed: false, phone: null },
    { id: String(11 + 3 * n), unsubscribed: true, phone: null },
    { id: String(12 + 3 * n), unsubscribed: false, phone: `+1 555 ${n}` },
  ])
    .flat()
    .map((lead) => ({ ...lead, email: 'a@example.com', lastName: 'Lee' })),
  ...Array.from({ length: updates }, (_, n) => ({
    id: String(100 + n),
    email: `b${n}@example.com`,
    unsubscribed: false,
    phone: null,
    lastName: null,
  })),
].map((lead) => ({ ...lead, createdAt: '2025-03-01T10:00:00Z' }))

const wanted = {
  merges: Array.from({ length: merges }, (_, n) => {
    const [winner, one, other] = [0, 1, 2].map((m) => String(10 + 3 * n + m))
    return {
      winner: winner ?? '',
      losers: [one ?? '', other ?? ''],
      survivors: [
        survivor('unsubscribed', 'true', one ?? '', true),
        survivor('phone', `+1 555 ${n}`, other ?? ''),
      ],
    }
  }),
  updates: Array.from({ length: updates }, (_, n) => ({
    id: String(100 + n),
    set: { emailDomain: 'example.com' },
  })),
}

async function finalState(world: World): Promise<unknown> {
  const state = await stateOf(world)
  return {
    leads: state.leads.map((lead) => ({ ...lead, updatedAt: null })),
    merges: state.merges
      .map(({ survivor: winner, losers }) => ({ winner, losers }))
      .toSorted((one, other) => Number(one.winner) - Number(other.winner)),
  }
}

let undisturbed: unknown
let callCount = 0

beforeAll(async () => {
  const world = await startWorld(leads)
  const plan = await planFor(world, wanted)
  const { marketo, calls } = dying(world.marketo, Infinity, 'before')
  const result = await apply(world, plan, { marketo })
  expect(result).toMatchObject({ done: merges + updates, differences: 0 })
  undisturbed = await finalState(world)
  callCount = calls()
  await world.close()
})

vi.setConfig({ testTimeout: 180_000 })

/** Dies at each of the points, one after another, then runs to the end. */
async function dieAndFinish(
  deaths: readonly { nth: number; point: Point }[],
  more: { faults?: readonly Fault[]; loseJournal?: boolean } = {},
): Promise<World> {
  const world = await testWorld(leads, {
    timeScale: 1000,
    faults: more.faults ?? [],
  })
  const plan = await planFor(world, wanted)
  // With a journal that may be lost, whatever came before is unknown.
  const past = ({ clock }: Marketo) =>
    more.loseJournal === true ? { since: clock.monotonic() } : {}
  for (const { nth, point } of deaths) {
    const client = newClient(world.sandbox, world.calls)
    await client.partitions()
    const { marketo, death } = dying(client, nth, point)
    const finished = apply(world, plan, { marketo, ...past(marketo) })
    await Promise.race([death, finished])
    if (more.loseJournal === true) {
      const journal = join(world.folder, 'journal')
      await rm(journal, { recursive: true, force: true })
    }
  }
  const marketo = newClient(world.sandbox, world.calls)
  await marketo.partitions()
  const result = await apply(world, plan, { marketo, ...past(marketo) })
  expect(result).toMatchObject({ stale: 0, failed: 0, unresolved: 0 })
  expect(result.done + result.no_effect).toBe(merges + updates)
  return world
}

/** A merge that was sent although its losers were gone. */
function mergesInVain(world: World): number {
  return world.calls.filter(
    (call) => call.endpoint.includes('merge') && call.code === '1004',
  ).length
}

describe('F1: a process that dies', () => {
  it.each(points)(
    'ends in the same state when it dies %s any of its calls',
    async (point) => {
      for (let nth = 1; nth <= callCount; nth += 1) {
        const world = await dieAndFinish([{ nth, point }])
        expect(await finalState(world), `${point} call ${nth}`).toEqual(
          undisturbed,
        )
        expect(mergesInVain(world), `${point} call ${nth}`).toBe(0)
      }
    },
  )

  it('E13: ends in the same state when its journal is lost and a merge still in flight', async () => {
    for (let nth = 1; nth <= callCount; nth += 1) {
      const world = await dieAndFinish([{ nth, point: 'during' }], {
        faults: [
          {
            kind: 'late',
            seconds: 120,
            answer: 'reset',
            match: { endpoint: mergeEndpoint, count: 2 },
          },
        ],
        loseJournal: true,
      })
      expect(await finalState(world), `call ${nth}`).toEqual(undisturbed)
      expect(mergesInVain(world), `call ${nth}`).toBe(0)
    }
  })

  it.each([
    ['before the answer', 4, 'after'],
    ['before reading back', 5, 'before'],
  ] as const)(
    'compares with the prediction a merge of a process that died %s',
    async (_, nth, point) => {
      const world = await testWorld(
        leads.map((lead, n) => ({ ...lead, city: n === 2 ? 'Rome' : null })),
        { timeScale: 1000, behaviour: { fillFrom: 'firstNonEmpty' } },
      )
      const plan = await planFor(world, { merges: wanted.merges.slice(0, 1) })
      // Reading, writing, reading back, merging, reading back.
      const { marketo, death } = dying(world.marketo, nth, point)
      await Promise.race([death, apply(world, plan, { marketo })])
      const result = await apply(world, plan)
      expect(result).toMatchObject({ done: 1, differences: 1 })
      expect(world.events).toContainEqual(
        expect.objectContaining({ type: 'difference', field: 'city' }),
      )
    },
  )

  it('ends in the same state when it dies four times', async () => {
    let seed = 11
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let round = 0; round < 6; round += 1) {
      const deaths = Array.from({ length: 4 }, () => ({
        nth: 1 + random(6),
        point: points[random(3)] ?? 'after',
      }))
      const world = await dieAndFinish(deaths)
      expect(await finalState(world), JSON.stringify(deaths)).toEqual(
        undisturbed,
      )
      expect(mergesInVain(world)).toBe(0)
    }
  })
})

/** Restores whose process dies: creating a lead can no more be undone. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { LeadRecord, Marketo } from '../../src/marketo/api.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { dying, type Point, points } from './dying.js'
import { merge, plan, see } from './restore-world.js'
import { testWorld } from './test-world.js'
import { apply, newClient, startWorld, survivor, type World } from './world.js'

vi.setConfig({ testTimeout: 300_000 })

const at = { createdAt: '2025-03-01T10:00:00Z' }

/** `LONG=1` loses the journal at all points. */
const deaths: readonly (readonly [Point, 'kept' | 'lost'])[] = [
  ...points.map((point) => [point, 'kept'] as const),
  ...points
    .filter((point) => point === 'during' || process.env['LONG'] === '1')
    .map((point) => [point, 'lost'] as const),
]

/** By last name, which no merge changes, so that a new id does not matter. */
const leads: readonly LeadRecord[] = [
  { id: '101', email: 'ann@example.com', lastName: 'Winner', phone: null },
  { id: '102', email: 'bob@example.com', lastName: 'Own', phone: '+1 555 2' },
  { id: '103', email: 'ANN@example.com', lastName: 'Twin', phone: '+1 555 3' },
  { id: '104', email: null, lastName: 'Bare', phone: '+1 555 4' },
].map((lead) => ({ ...lead, ...at }))

const places: Partial<SandboxOptions> = {
  timeScale: 1000,
  staticLists: [{ id: 41, name: 'Guests', leads: ['102', '104'] }],
  programs: [
    {
      id: 31,
      name: 'Roadshow',
      statuses: ['Invited', 'Attended'],
      members: { 102: 'Attended', 103: 'Invited' },
    },
  ],
}

const renewed = new Set(['id', 'createdAt', 'updatedAt'])

/** All leads by last name, with what they are on. */
async function finalState(world: World) {
  const { leads: all, lists, programs } = await see(world)
  return [...all]
    .map(([id, lead]) => ({
      lastName: String(lead['lastName']),
      values: Object.entries(lead).filter(([field]) => !renewed.has(field)),
      lists: lists.get(id)?.filter((list) => list === '41') ?? [],
      status: programs.get(id)?.get('31') ?? null,
    }))
    .toSorted((one, other) => (one.lastName < other.lastName ? -1 : 1))
}

async function merged(world: World): Promise<string> {
  const losers = ['102', '103', '104']
  const survivors = [survivor('phone', '+1 555 2', '102')]
  await merge(world, [{ winner: '101', losers, survivors }])
  const { path } = await plan(world, { merge: '101' })
  return path
}

type State = Awaited<ReturnType<typeof finalState>>

let before: State
let undisturbed: State
let callCount = 0

beforeAll(async () => {
  const world = await startWorld(leads, places)
  before = await finalState(world)
  const path = await merged(world)
  const { marketo, calls } = dying(world.marketo, Infinity, 'before')
  const result = await apply(world, path, { marketo, run: 'run-2' })
  expect(result).toMatchObject({ stale: 0, failed: 0, unresolved: 0 })
  undisturbed = await finalState(world)
  callCount = calls()
  await world.close()
})

/** Dies once, then runs to the end. */
async function dieAndFinish(
  death: { readonly nth: number; readonly point: Point },
  isJournalLost: boolean,
): Promise<World> {
  const world = await testWorld(leads, places)
  const path = await merged(world)
  const past = ({ clock }: Marketo) =>
    isJournalLost ? { since: clock.monotonic() } : {}
  const client = newClient(world.sandbox, world.calls)
  await client.partitions()
  const first = dying(client, death.nth, death.point)
  const run = 'run-2'
  const work = apply(world, path, {
    marketo: first.marketo,
    run,
    ...past(client),
  })
  await Promise.race([first.death, work])
  if (isJournalLost) {
    await rm(join(world.folder, 'journal'), { recursive: true, force: true })
  }
  const marketo = newClient(world.sandbox, world.calls)
  await marketo.partitions()
  const result = await apply(world, path, { marketo, run, ...past(marketo) })
  const where = `${death.point} call ${death.nth}`
  expect(result, where).toMatchObject({ stale: 0, failed: 0, unresolved: 0 })
  return world
}

describe('F1: a restore whose process dies', () => {
  it('gives all leads back when nothing dies', () => {
    // The winner stays where the merge put it.
    const kept = { lists: ['41'], status: 'Attended' }
    expect(undisturbed).toEqual(
      before.map((lead) =>
        lead.lastName === 'Winner' ? { ...lead, ...kept } : lead,
      ),
    )
    expect(callCount).toBeGreaterThan(8)
  })

  it.each(deaths)(
    'ends in the same state, and makes nobody twice, when it dies %s any of its calls, its journal %s',
    async (point, journal) => {
      for (let nth = 1; nth <= callCount; nth += 1) {
        const world = await dieAndFinish({ nth, point }, journal === 'lost')
        const where = `${point} call ${nth}`
        expect(await finalState(world), where).toEqual(undisturbed)
        await world.close()
      }
    },
  )
})

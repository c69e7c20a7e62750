import { describe, expect, it } from 'vitest'
import type { LeadRecord } from '../../src/marketo/api.js'
import type { Fault } from '../../src/sandbox/fault.js'
import {
  compare,
  groupsOf,
  madeAnew,
  merge,
  plan,
  see,
  seeded,
} from './restore-world.js'
import { testWorld } from './test-world.js'
import {
  addFaults,
  apply,
  leadIn,
  newClient,
  outcomes,
  stateOf,
  survivor,
  syncEndpoint,
  type World,
} from './world.js'

describe('restoring fifty merges', () => {
  it('brings back every value that can come back, every list and program', async () => {
    const world = await testWorld([], {
      leads: { kind: 'generated', count: 400, seed: 11 },
      timeScale: 200,
      timing: { mergeLatency: [0, 100] },
    })
    const before = await see(world)
    const merges = groupsOf(before, 50, seeded(7))
    await merge(world, merges)
    const merged = await see(world)
    const { path } = await plan(world)
    const result = await apply(world, path, { run: 'run-2' })
    const seen = [before, merged, await see(world)] as const
    const compared = await compare(world, merges, seen)
    expect(compared.wrong).toEqual([])
    expect(compared.values).toBeGreaterThan(8000)
    expect(compared.lists).toBeGreaterThan(20)
    expect(compared.programs).toBeGreaterThan(5)
    expect(compared.optOuts).toBeGreaterThan(20)
    expect(result).toMatchObject({ stale: 0, failed: 0, unresolved: 0 })
    expect(seen[2].leads.size).toBe(before.leads.size)
  })
})

const at = { createdAt: '2025-03-01T10:00:00Z' }

function lead(id: number, more: LeadRecord = {}): LeadRecord {
  const email = `ann${id}@example.com`
  const lastName = `Lee ${id}`
  return { id: String(id), email, lastName, phone: null, ...at, ...more }
}

const two = [
  lead(101, { unsubscribed: false, phone: null }),
  lead(102, {
    email: 'ANN101@example.com',
    phone: '+1 555 0102',
    unsubscribed: true,
  }),
]

const annMerge = {
  winner: '101',
  losers: ['102'],
  survivors: [
    survivor('phone', '+1 555 0102', '102'),
    survivor('unsubscribed', 'true', '102', true),
  ],
}

/** Changes a lead as a person in Marketo would. */
async function edit(world: World, id: string, values: LeadRecord) {
  const other = newClient(world.sandbox, [])
  await other.updateLeads([{ id, values }])
}

describe('the values of a winner', () => {
  it('are as before, but for an opt-out, which stays', async () => {
    const world = await testWorld(two)
    await merge(world, [annMerge])
    const { path, restorations } = await plan(world, { merge: '102' })
    expect(restorations).toMatchObject([
      {
        back: [{ field: 'phone', now: '+1 555 0102', was: null }],
        consent: ['unsubscribed'],
        changed: [],
        leads: [{ id: '102', twins: ['101'] }],
      },
    ])
    await apply(world, path)
    const winner = await leadIn(world, '101')
    expect(winner).toMatchObject({ phone: null, unsubscribed: true })
  })

  it('are left alone where somebody changed them since, and said', async () => {
    const world = await testWorld(two)
    await merge(world, [annMerge])
    await edit(world, '101', { phone: '+1 555 9999' })
    const { path, restorations } = await plan(world, { merge: 'm1' })
    expect(restorations).toMatchObject([{ back: [], changed: ['phone'] }])
    await apply(world, path)
    const winner = await leadIn(world, '101')
    expect(winner['phone']).toBe('+1 555 9999')
  })

  it('are left alone where somebody changes them after the plan', async () => {
    const world = await testWorld(two)
    await merge(world, [annMerge])
    const { path } = await plan(world, { merge: 'm000001' })
    await edit(world, '101', { phone: '+1 555 9999' })
    await apply(world, path)
    expect(outcomes(world)['u000001']).toMatch(/^stale phone of lead 101/)
    const winner = await leadIn(world, '101')
    expect(winner['phone']).toBe('+1 555 9999')
  })
})

describe('a lost lead', () => {
  it('is made beside a lead with its email, which is not touched', async () => {
    const world = await testWorld(two)
    await merge(world, [annMerge])
    const { path } = await plan(world, { merge: '101' })
    await apply(world, path)
    const { leads } = await stateOf(world)
    const made = await madeAnew(world)
    expect(leads).toHaveLength(2)
    expect(leads.find(({ id }) => id === made.get('102'))).toMatchObject({
      email: 'ANN101@example.com',
      phone: '+1 555 0102',
      unsubscribed: true,
    })
  })

  it('takes over an opt-out that came after the merge', async () => {
    const world = await testWorld([lead(101), lead(102)])
    await merge(world, [{ winner: '101', losers: ['102'], survivors: [] }])
    await edit(world, '101', { unsubscribed: true })
    const { path, restorations } = await plan(world, { merge: '102' })
    expect(restorations[0]?.leads[0]?.consent).toEqual(['unsubscribed'])
    await apply(world, path)
    const made = (await madeAnew(world)).get('102') ?? ''
    expect(await leadIn(world, made)).toMatchObject({ unsubscribed: true })
  })

  it('is not made where somebody else has its email since the plan', async () => {
    const world = await testWorld([lead(101), lead(102), lead(103)])
    await merge(world, [{ winner: '101', losers: ['102'], survivors: [] }])
    const { path } = await plan(world, { merge: '102' })
    await edit(world, '103', { email: 'ann102@example.com' })
    await apply(world, path)
    expect(outcomes(world)['c000001']).toBe(
      'stale lead 103 has its email by now',
    )
    expect((await stateOf(world)).leads).toHaveLength(2)
  })

  it('is made once, however often it is asked for', async () => {
    const world = await testWorld(two)
    await merge(world, [annMerge])
    const { path } = await plan(world, { merge: '102' })
    await apply(world, path)
    const made = (await madeAnew(world)).get('102')
    const again = await plan(world, { merge: '102' })
    expect(again.header).toMatchObject({ updates: 0, creates: 0 })
    expect(again.restorations).toMatchObject([
      { before: [{ id: '102', as: made }] },
    ])
  })

  it('is refused where no merge or several are meant', async () => {
    const world = await testWorld([lead(101), lead(102), lead(103)])
    await merge(world, [{ winner: '101', losers: ['102'], survivors: [] }])
    await merge(world, [{ winner: '101', losers: ['103'], survivors: [] }])
    await expect(plan(world, { merge: '999' })).rejects.toMatchObject({
      code: 'no_merge',
      exit: 3,
    })
    await expect(plan(world, { merge: '101' })).rejects.toMatchObject({
      code: 'several_merges',
      exit: 3,
    })
    const { restorations } = await plan(world, { merge: '103' })
    expect(restorations).toHaveLength(1)
  })
})

const pairs = Array.from({ length: 6 }, (_, n) => n * 2 + 101)

const faults: readonly Omit<Fault, 'match'>[] = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'late', seconds: 80, answer: '604' },
  { kind: 'error-after', code: '611' },
  { kind: 'truncated-json' },
  { kind: 'no-result' },
  { kind: 'rows-missing', rows: 2 },
  { kind: 'rows-shuffled' },
  { kind: 'error', code: '606' },
] as readonly Omit<Fault, 'match'>[]

describe('making leads anew through a bad line', () => {
  it.each(faults)('makes each once: $kind', async (fault) => {
    const world = await testWorld(
      pairs.flatMap((id) => [lead(id), lead(id + 1, { phone: `+1 ${id}` })]),
    )
    const merges = pairs.map((id) => ({
      winner: String(id),
      losers: [String(id + 1)],
      survivors: [],
    }))
    const before = await see(world)
    await merge(world, merges)
    const merged = await see(world)
    const { path } = await plan(world)
    const match = { endpoint: syncEndpoint, after: 1, count: 1 }
    await addFaults(world, { ...fault, match } as Fault)
    const result = await apply(world, path)
    const after = await see(world)
    const seen = [before, merged, after] as const
    expect((await compare(world, merges, seen)).wrong).toEqual([])
    expect(after.leads.size).toBe(before.leads.size)
    expect(result).toMatchObject({ failed: 0, unresolved: 0 })
  })

  it('finds a lead without an address in the log of Marketo', async () => {
    const bare = { email: null, phone: '+1 555 7777' }
    const world = await testWorld([lead(101), lead(102, bare)])
    await merge(world, [{ winner: '101', losers: ['102'], survivors: [] }])
    const { path } = await plan(world, { merge: '102' })
    const match = { endpoint: syncEndpoint, after: 1, count: 1 }
    await addFaults(world, { kind: 'reset-after', match })
    expect(await apply(world, path)).toMatchObject({ unresolved: 0 })
    expect((await stateOf(world)).leads).toHaveLength(2)
  })

  it('goes on where it was killed, and makes none twice', async () => {
    const world = await testWorld([lead(101), lead(102)])
    await merge(world, [{ winner: '101', losers: ['102'], survivors: [] }])
    const { path } = await plan(world, { merge: '102' })
    const dying = new Proxy(world.marketo, {
      get(marketo, name) {
        if (name !== 'createLeads') return Reflect.get(marketo, name) as unknown
        return async (creation: Parameters<typeof marketo.createLeads>[0]) => {
          await marketo.createLeads(creation)
          throw new Error('killed')
        }
      },
    })
    await expect(apply(world, path, { marketo: dying })).rejects.toThrow()
    expect(await apply(world, path)).toMatchObject({ unresolved: 0 })
    expect((await stateOf(world)).leads).toHaveLength(2)
    expect((await madeAnew(world)).size).toBe(1)
  })
})

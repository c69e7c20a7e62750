/** Lists and programs of lost leads, given back. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { madeAnew, merge, plan, see } from './restore-world.js'
import { addFaults, apply, leadIn, outcomes, type World } from './world.js'
import { testWorld } from './test-world.js'

const leads = [101, 102, 103].map((id) => ({
  id: String(id),
  email: `ann${id}@example.com`,
  lastName: 'Lee',
}))

const places: Partial<SandboxOptions> = {
  staticLists: [
    { id: 41, name: 'Guests', leads: ['101', '102'] },
    { id: 42, name: 'Hosts', leads: ['103'] },
  ],
  programs: [
    {
      id: 31,
      name: 'Roadshow',
      statuses: ['Invited', 'Registered', 'Attended'],
      members: { 101: 'Registered', 102: 'Invited', 103: 'Attended' },
    },
    {
      id: 32,
      name: 'Webinar',
      statuses: ['Invited'],
      members: { 103: 'Invited' },
    },
  ],
}

async function merged(more: { readonly mergeInCrm?: boolean } = {}) {
  const world = await testWorld(leads, places)
  const losers = ['102', '103']
  await merge(world, [{ winner: '101', losers, survivors: [], ...more }])
  return world
}

/** Programs and lists of the lead that was made for an old one. */
async function placesOf(world: World, old: string) {
  const id = (await madeAnew(world)).get(old) ?? ''
  const { lists, programs } = await see(world)
  const own = [...(programs.get(id) ?? [])]
  const ours = (list: string) => ['41', '42'].includes(list)
  return {
    lists: lists.get(id)?.filter(ours) ?? [],
    programs: Object.fromEntries(own.filter(([program]) => program !== '2001')),
  }
}

async function areBack(world: World): Promise<void> {
  expect(await placesOf(world, '102')).toEqual({
    lists: ['41'],
    programs: { 31: 'Invited' },
  })
  expect(await placesOf(world, '103')).toEqual({
    lists: ['42'],
    programs: { 31: 'Attended', 32: 'Invited' },
  })
}

describe('a lead that is made anew', () => {
  it('is back on its lists and in its programs, at its status', async () => {
    const world = await merged()
    const { path, restorations } = await plan(world, { merge: '101' })
    expect(restorations).toMatchObject([
      {
        joined: { programs: ['32'] },
        leads: [{ id: '102', programs: [{ program: '31' }] }, { id: '103' }],
      },
    ])
    await apply(world, path)
    await areBack(world)
    expect((await see(world)).programs.get('101')?.get('31')).toBe('Registered')
  })

  it('is so after merges one at a time, with the winner as it was', async () => {
    const world = await merged({ mergeInCrm: true })
    const { path, restorations } = await plan(world, { merge: '101' })
    expect(restorations[0]?.joined.lists).toContain('42')
    expect(restorations[0]?.joined.programs).toEqual(['32'])
    await apply(world, path)
    await areBack(world)
  })

  it.each<Omit<Fault, 'match'>>([
    { kind: 'reset-before' },
    { kind: 'reset-after' },
    { kind: 'rows-missing', rows: 1 } as Omit<Fault, 'match'>,
  ])('joins once, through a bad line: $kind', async (fault) => {
    const world = await merged()
    const { path } = await plan(world, { merge: '101' })
    const endpoint = 'POST .*/members/status\\.json'
    await addFaults(world, { ...fault, match: { endpoint, count: 1 } } as Fault)
    expect(await apply(world, path)).toMatchObject({ unresolved: 0, done: 2 })
    await areBack(world)
  })

  it('says which program is gone, and where it may not be put', async () => {
    const world = await merged()
    const { path } = await plan(world, { merge: '101' })
    const gone = 'GET /rest/v1/programs/32/members\\.json'
    const refused = 'POST /rest/v1/programs/31/.*'
    await addFaults(
      world,
      { kind: 'error', code: '1013', match: { endpoint: gone } },
      { kind: 'error', code: '1025', match: { endpoint: refused } },
    )
    await apply(world, path)
    expect(Object.values(outcomes(world)).join('\n')).toMatch(
      /not made Attended in program 31: Marketo refused it \(1025\).*; program 32 is gone/,
    )
  })
})

describe('what is kept before a merge', () => {
  it('is read once for each lead and kind, and holds no name', async () => {
    const world = await merged()
    const reads = (endpoint: string) =>
      world.calls.filter((call) => call.endpoint === endpoint).length
    expect(reads('leads/{id}/listMembership')).toBe(3)
    expect(reads('leads/{id}/programMembership')).toBe(3)
    expect(await leadIn(world, '101')).toMatchObject({ lastName: 'Lee' })
    const folder = join(world.folder, 'journal')
    const journals = (await readdir(folder)).filter((name) =>
      /^[0-9a-f]{12}\.jsonl$/.test(name),
    )
    for (const name of journals) {
      const text = await readFile(join(folder, name), 'utf8')
      expect(text).not.toContain('Registered')
    }
  })
})

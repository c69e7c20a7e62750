import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { LeadRecord, Marketo } from '../../src/marketo/api.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { testWorld } from './test-world.js'
import {
  addFaults,
  apply,
  callsOf,
  clearFaults,
  leadIn,
  mergeEndpoint,
  outcomes,
  planFor,
  stateOf,
  survivor,
  syncEndpoint,
  type WantedMerge,
  type World,
} from './world.js'

const created = { createdAt: '2025-03-01T10:00:00Z' }

/** Ann twice: the older record is mailable, the younger opted out. */
const anns: readonly LeadRecord[] = [
  {
    id: '101',
    email: 'ann@example.com',
    firstName: 'Ann',
    lastName: null,
    phone: null,
    title: 'CTO',
    unsubscribed: false,
    leadScore: 10,
    ...created,
  },
  {
    id: '102',
    email: 'Ann@example.com',
    firstName: 'Anna',
    lastName: 'Ångström',
    phone: null,
    title: null,
    unsubscribed: true,
    leadScore: 90,
    ...created,
  },
  {
    id: '103',
    email: 'ann@example.com',
    firstName: null,
    lastName: 'Angstrom',
    phone: '+46 70 123 45 67',
    title: null,
    unsubscribed: false,
    leadScore: null,
    ...created,
  },
]

const annMerge = {
  winner: '101',
  losers: ['102', '103'],
  survivors: [
    survivor('lastName', 'Ångström', '102'),
    survivor('phone', '+46 70 123 45 67', '103'),
    survivor('leadScore', '90', '102'),
    survivor('unsubscribed', 'true', '102', true),
  ],
}

/** Pairs of duplicates, each of which gets a phone and keeps an opt-out. */
function pairs(count: number): {
  leads: LeadRecord[]
  merges: WantedMerge[]
} {
  const leads: LeadRecord[] = []
  const merges: WantedMerge[] = []
  for (let n = 0; n < count; n += 1) {
    const [winner, loser] = [String(1000 + 2 * n), String(1001 + 2 * n)]
    const email = `p${n}@example.com`
    leads.push(
      { id: winner, email, phone: null, unsubscribed: false, ...created },
      {
        id: loser,
        email,
        phone: `+1 555 ${n}`,
        unsubscribed: true,
        ...created,
      },
    )
    merges.push({
      winner,
      losers: [loser],
      survivors: [survivor('unsubscribed', 'true', loser, true)],
    })
  }
  return { leads, merges }
}

async function startPairs(count: number, options?: Partial<SandboxOptions>) {
  const { leads, merges } = pairs(count)
  const world = await testWorld(leads, options)
  const plan = await planFor(world, { merges })
  return { world, plan }
}

describe('applying merges', () => {
  it('H11, H12: leaves the survivor as predicted, opt-out and all', async () => {
    const world = await testWorld(anns)
    const plan = await planFor(world, { merges: [annMerge] })
    const result = await apply(world, plan)
    expect(result).toMatchObject({ done: 1, differences: 0 })
    expect(await leadIn(world, '101')).toMatchObject({
      firstName: 'Ann',
      lastName: 'Ångström',
      phone: '+46 70 123 45 67',
      title: 'CTO',
      leadScore: 90,
      unsubscribed: true,
    })
    const { leads, merges } = await stateOf(world)
    expect(leads.map(({ id }) => id)).toEqual(['101'])
    expect(merges).toMatchObject([{ survivor: '101', losers: ['102', '103'] }])
  })

  it('keeps whole records before the merge and tells what is there after', async () => {
    const world = await testWorld(anns)
    const result = await apply(
      world,
      await planFor(world, { merges: [annMerge] }),
    )
    const readBack = await lines(result.readBack)
    expect(readBack).toContainEqual(
      expect.objectContaining({ loser: '103', winner: '101' }),
    )
    const survived = readBack.find((line) =>
      JSON.stringify(line).includes('"id"'),
    )
    expect(survived).toMatchObject({
      id: '101',
      values: { phone: '+46 70 123 45 67', unsubscribed: 'true' },
    })
    const [kept] = await lines(result.readBack.replace('read-back', 'snapshot'))
    expect(kept).toMatchObject({
      row: 'm000001',
      leads: {
        '101': { unsubscribed: false },
        '102': { email: 'Ann@example.com' },
      },
    })
  })

  it('G6: sends nothing when the plan is applied again', async () => {
    const world = await testWorld(anns)
    const plan = await planFor(world, { merges: [annMerge] })
    const first = await apply(world, plan)
    const before = world.calls.length
    const second = await apply(world, plan)
    expect(second).toEqual({ ...first, calls: 0 })
    expect(world.calls.length).toBe(before)
  })

  it('H1: sends a merge again when the request never arrived', async () => {
    const { world, plan } = await startPairs(3)
    await addFaults(world, {
      kind: 'reset-before',
      match: { endpoint: mergeEndpoint, nth: 2 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 3, unresolved: 0 })
    expect((await stateOf(world)).merges).toHaveLength(3)
    expect(callsOf(world, 'merge')).toHaveLength(4)
  })

  it('H2: does not send a merge again whose answer was lost', async () => {
    const { world, plan } = await startPairs(3)
    await addFaults(world, {
      kind: 'reset-after',
      match: { endpoint: mergeEndpoint, nth: 2 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 3, unresolved: 0 })
    expect((await stateOf(world)).merges).toHaveLength(3)
    expect(callsOf(world, 'merge')).toHaveLength(3)
  })

  it.each(['604', 'reset'] as const)(
    'H3: waits for a merge that takes effect 170 s after a %s',
    async (answer) => {
      const { world, plan } = await startPairs(3)
      await addFaults(world, {
        kind: 'late',
        seconds: 170,
        answer,
        match: { endpoint: mergeEndpoint, nth: 1 },
      })
      expect(await apply(world, plan)).toMatchObject({ done: 3, unresolved: 0 })
      expect(callsOf(world, 'merge')).toHaveLength(3)
      expect((await stateOf(world)).merges).toHaveLength(3)
    },
  )

  it('A16: takes a maintenance page for no answer at all', async () => {
    const { world, plan } = await startPairs(2)
    await addFaults(world, {
      kind: 'http',
      status: 200,
      match: { endpoint: mergeEndpoint, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 2 })
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'attempt', outcome: 'ambiguous' }),
    )
    expect((await stateOf(world)).merges).toHaveLength(2)
  })

  it('H4, H5: merges 60 losers in calls of at most 25', async () => {
    const losers = Array.from({ length: 60 }, (_, n) => String(201 + n))
    const world = await testWorld([
      { id: '200', email: 'a@example.com', phone: null, ...created },
      ...losers.map((id) => ({
        id,
        email: 'a@example.com',
        phone: id === '230' ? '+1 555' : null,
        unsubscribed: id === '255',
        ...created,
      })),
    ])
    const plan = await planFor(world, {
      merges: [
        {
          winner: '200',
          losers,
          survivors: [
            survivor('phone', '+1 555', '230'),
            survivor('unsubscribed', 'true', '255', true),
          ],
        },
      ],
    })
    // The second call is applied, but nobody hears of it.
    await addFaults(world, {
      kind: 'reset-after',
      match: { endpoint: mergeEndpoint, nth: 2 },
    })
    const result = await apply(world, plan)
    expect(result).toMatchObject({ done: 1, differences: 0 })
    const { merges } = await stateOf(world)
    expect(merges.map((merge) => merge.losers.length)).toEqual([25, 25, 10])
    expect(await leadIn(world, '200')).toMatchObject({
      phone: '+1 555',
      unsubscribed: true,
    })
  })

  it('H6: merges CRM records one at a time', async () => {
    const crm = { sfdcType: 'Lead', email: 'a@example.com', ...created }
    const world = await testWorld([
      { id: '1', sfdcLeadId: '00Q1', ...crm },
      { id: '2', sfdcLeadId: '00Q2', ...crm },
      { id: '3', sfdcLeadId: '00Q3', ...crm },
    ])
    const plan = await planFor(world, {
      merges: [
        { winner: '1', losers: ['2', '3'], survivors: [], mergeInCrm: true },
      ],
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1, differences: 0 })
    const { merges } = await stateOf(world)
    expect(merges.map((merge) => merge.losers)).toEqual([['2'], ['3']])
  })

  it('H6: goes on where each of three CRM merges took effect unclearly', async () => {
    const crm = { sfdcType: 'Lead', email: 'a@example.com', ...created }
    const ids = ['1', '2', '3', '4', '5']
    const world = await testWorld(
      ids.map((id) => ({ id, sfdcLeadId: `00Q${id}`, ...crm })),
    )
    const losers = ids.slice(1)
    const plan = await planFor(world, {
      merges: [{ winner: '1', losers, survivors: [], mergeInCrm: true }],
    })
    await addFaults(world, {
      kind: 'reset-after',
      match: { endpoint: mergeEndpoint, count: 3 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1, unresolved: 0 })
    const { merges } = await stateOf(world)
    expect(merges.map((merge) => merge.losers)).toEqual(
      losers.map((id) => [id]),
    )
  })

  it('H7: says why Marketo refuses a merge and goes on with the others', async () => {
    const { world, plan } = await startPairs(3)
    await addFaults(world, {
      kind: 'error',
      code: '1079',
      match: { endpoint: mergeEndpoint, nth: 2 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 2, failed: 1 })
    expect(outcomes(world)['m000002']).toContain('personalised URL')
  })

  it('H8: does not send a merge whose winner the CRM would overrule', async () => {
    const { leads, merges } = pairs(2)
    const world = await testWorld(
      leads.map((lead) =>
        lead['id'] === '1001' ? { ...lead, sfdcType: 'Contact' } : lead,
      ),
    )
    const result = await apply(world, await planFor(world, { merges }))
    expect(result).toMatchObject({ done: 1, stale: 1 })
    expect(outcomes(world)['m000001']).toContain('rank higher in the CRM')
    expect((await stateOf(world)).merges).toHaveLength(1)
  })

  it('H9: does not send a merge whose winner is gone', async () => {
    const { world, plan } = await startPairs(2)
    await world.marketo.mergeLeads('1002', ['1000'], { mergeInCrm: false })
    expect(await apply(world, plan)).toMatchObject({ stale: 1 })
    expect(outcomes(world)['m000001']).toBe('stale lead 1000 is gone')
    const { merges } = await stateOf(world)
    expect(merges.filter(({ named }) => named === '1000')).toEqual([])
  })

  it('H10: does not send a merge whose loser somebody just changed', async () => {
    const { world, plan } = await startPairs(2)
    await changeLead(world, '1001', { email: 'somebody@else.example' })
    expect(await apply(world, plan)).toMatchObject({ done: 1, stale: 1 })
    expect(outcomes(world)['m000001']).toContain('email of lead 1001')
  })

  it('does not merge a winner that did not take the opt-out', async () => {
    const { world, plan } = await startPairs(2)
    const marketo: Marketo = {
      ...world.marketo,
      updateLeads: async (records) =>
        records.map(({ id }) => ({ id, status: 'updated' })),
    }
    expect(await apply(world, plan, { marketo })).toMatchObject({ failed: 2 })
    expect(outcomes(world)['m000001']).toContain('unsubscribed of lead 1000')
    expect((await stateOf(world)).merges).toEqual([])
  })

  it('does not merge a winner whose survivor values Marketo refuses', async () => {
    const { world, plan } = await startPairs(2)
    await addFaults(world, {
      kind: 'error',
      code: '1003',

      match: { endpoint: syncEndpoint, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ failed: 2 })
    expect((await stateOf(world)).merges).toEqual([])
  })

  it('writes survivors again when that was answered unclearly', async () => {
    const { world, plan } = await startPairs(2)
    await addFaults(world, {
      kind: 'late',
      seconds: 80,
      answer: 'reset',
      match: { endpoint: syncEndpoint, nth: 1 },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 2, differences: 0 })
    expect(await leadIn(world, '1000')).toMatchObject({ unsubscribed: true })
  })

  it('H18: stops when answers stay unclear, and finishes later', async () => {
    const { world, plan } = await startPairs(12)
    await addFaults(world, {
      kind: 'http-after',
      status: 502,
      match: { endpoint: mergeEndpoint, count: 6 },
    })
    await expect(apply(world, plan)).rejects.toMatchObject({
      code: 'doubtful',
      exit: 4,
    })
    expect(callsOf(world, 'merge')).toHaveLength(6)
    expect(await apply(world, plan)).toMatchObject({ done: 12, unresolved: 0 })
    expect(callsOf(world, 'merge')).toHaveLength(12)
  })

  it('gives up on a merge after three unclear attempts and freezes it', async () => {
    const { world, plan } = await startPairs(1)
    await addFaults(world, {
      kind: 'http',
      status: 503,
      match: { endpoint: mergeEndpoint },
    })
    expect(await apply(world, plan)).toMatchObject({ unresolved: 1 })
    expect(callsOf(world, 'merge')).toHaveLength(3)
    expect((await stateOf(world)).merges).toEqual([])
  })

  it('H15: pauses after as many rows as a person wants to look at', async () => {
    const { world, plan } = await startPairs(5)
    for (const merged of [2, 4]) {
      await expect(apply(world, plan, { first: 2 })).rejects.toMatchObject({
        code: 'first',
        exit: 4,
      })
      expect((await stateOf(world)).merges).toHaveLength(merged)
      expect(Object.values(outcomes(world))).toEqual(Array(merged).fill('done'))
    }
    expect(await apply(world, plan, { first: 2 })).toMatchObject({ done: 5 })
  })

  it('H14: does not turn a merge around that an older plan left unresolved', async () => {
    const { world, plan } = await startPairs(2)
    const reversed = await planFor(world, {
      merges: pairs(2).merges.map(({ winner, losers: [loser = ''] }) => ({
        winner: loser,
        losers: [winner],
        survivors: [],
      })),
    })
    const lost = { kind: 'http', status: 503 } as const
    await addFaults(world, {
      ...lost,
      match: { endpoint: 'POST .*/1000/merge\\.json' },
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1, unresolved: 1 })
    await clearFaults(world)
    const before = callsOf(world, 'merge').length
    expect(await apply(world, reversed)).toMatchObject({ stale: 2 })
    expect(callsOf(world, 'merge')).toHaveLength(before)
    expect(outcomes(world)['m000001']).toBe(
      'stale lead 1001 is in a row of an earlier plan that a person has to look at first',
    )
  })

  it('tells every field that is not as predicted', async () => {
    const { leads, merges } = pairs(1)
    const world = await testWorld(
      leads.map((lead, n) => ({ ...lead, doNotCall: n === 1 })),
      { behaviour: { booleanRule: 'legacy' } },
    )
    const plan = await planFor(world, {
      merges: merges,
    })
    expect(await apply(world, plan)).toMatchObject({ done: 1, differences: 1 })
    expect(world.events).toContainEqual({
      type: 'difference',
      row: 'm000001',
      lead: '1000',
      field: 'doNotCall',
      alarm: false,
    })
  })
})

async function changeLead(
  world: World,
  id: string,
  values: LeadRecord,
): Promise<void> {
  const [outcome] = await world.marketo.updateLeads([{ id, values }])
  expect(outcome).toMatchObject({ status: 'updated' })
}

async function lines(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

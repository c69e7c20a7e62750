import { describe, expect, it } from 'vitest'
import { Random } from '../../src/sandbox/random.js'
import { codeOf, visit, visitFile, type Caller, type State } from './caller.js'

function merge(
  caller: Caller,
  winner: number | string | undefined,
  losers: readonly (number | string | undefined)[],
  more = '',
) {
  return caller.post(
    `/rest/v1/leads/${winner}/merge.json?leadIds=${losers.join(',')}${more}`,
  )
}

function leadOf(state: State, id: unknown) {
  return state.leads.find((lead) => lead['id'] === String(id))
}

const csv = `id,email,firstName,phone,unsubscribed,leadScore,sfdcType,createdAt,updatedAt
1,a@x.example,Ann,null,false,10,null,2026-01-02T03:04:05Z,2026-01-02T03:04:05Z
2,b@x.example,null,null,true,20,null,2025-01-02T03:04:05Z,2026-01-02T03:04:05Z
3,c@x.example,Cat,+33 1,null,30,null,2026-01-02T03:04:05Z,2026-01-02T03:04:05Z
4,d@x.example,Dan,+44 1,false,40,Lead,2026-01-02T03:04:05Z,2026-01-02T03:04:05Z
5,e@x.example,Eve,null,false,50,contact,2026-01-02T03:04:05Z,2026-01-02T03:04:05Z
`

describe('a merge', () => {
  it('answers without a result, and the loser is gone', async () => {
    const { caller } = await visitFile(csv)
    const answer = await merge(caller, 1, [3])
    expect(Object.keys(answer)).toEqual(['requestId', 'success'])
    expect(codeOf(await caller.get('/rest/v1/lead/3.json'))).toBe('1004')
    const found = await caller.get(
      '/rest/v1/leads.json?filterType=id&filterValues=1,3',
    )
    expect(found.result?.map(({ id }) => id)).toEqual([1])
  })

  it('keeps the winner’s values and fills only what is empty', async () => {
    const { caller, clock } = await visitFile(csv)
    clock.advance(60_000)
    await merge(caller, 1, [3])
    expect(leadOf(await caller.state(), 1)).toMatchObject({
      email: 'a@x.example',
      firstName: 'Ann',
      phone: '+33 1',
      leadScore: 10,
      createdAt: '2026-01-02T03:04:05Z',
      updatedAt: '2026-11-20T15:01:00Z',
    })
  })

  it('fills from the first listed loser only', async () => {
    const { caller } = await visitFile(csv)
    await merge(caller, 1, [2, 3])
    expect(leadOf(await caller.state(), 1)?.['phone']).toBeNull()
    const other = await visitFile(csv, {
      behaviour: { fillFrom: 'firstNonEmpty' },
    })
    await merge(other.caller, 1, [2, 3])
    expect(leadOf(await other.caller.state(), 1)?.['phone']).toBe('+33 1')
  })

  it('takes booleans from the winner, where only null is empty', async () => {
    const { caller } = await visitFile(csv)
    await merge(caller, 1, [2])
    await merge(caller, 3, [4])
    const state = await caller.state()
    expect(leadOf(state, 1)?.['unsubscribed']).toBe(false)
    expect(leadOf(state, 4)?.['unsubscribed']).toBe(false)
  })

  it('lets any true win under the rule before March 2026', async () => {
    const { caller } = await visitFile(csv, {
      behaviour: { booleanRule: 'legacy' },
    })
    await merge(caller, 1, [3, 2])
    expect(leadOf(await caller.state(), 1)?.['unsubscribed']).toBe(true)
  })

  it('sums lead scores only where that is switched on', async () => {
    const { caller } = await visitFile(csv, { behaviour: { leadScore: 'sum' } })
    await merge(caller, 1, [2, 3])
    expect(leadOf(await caller.state(), 1)?.['leadScore']).toBe(60)
  })

  it('lets contact survive lead and lead survive none, whoever is named', async () => {
    const { caller } = await visitFile(csv)
    await merge(caller, 1, [4])
    await merge(caller, 4, [2, 5])
    const state = await caller.state()
    expect(state.leads.map(({ id }) => id)).toEqual(['3', '5'])
    expect(state.merges).toMatchObject([
      { named: '1', survivor: '4', losers: ['1'] },
      { named: '4', survivor: '5', losers: ['2', '4'] },
    ])
    // The survivor's empty phone is filled by the first of the losers: 2.
    expect(leadOf(state, 5)?.['phone']).toBeNull()
  })

  it('takes 25 losers and refuses 26 by 1080 without merging any', async () => {
    const { caller } = await visit()
    const { leads } = await caller.state()
    const plain = leads
      .filter((lead) => lead['sfdcType'] === null)
      .map(({ id }) => id)
    const winner = plain[0]
    expect(codeOf(await merge(caller, winner, plain.slice(1, 27)))).toBe('1080')
    expect((await caller.state()).leads.length).toBe(200)
    expect((await merge(caller, winner, plain.slice(1, 26))).success).toBe(true)
    expect((await caller.state()).leads.length).toBe(175)
  })

  it('refuses itself, nothing, and unknown ids as a whole', async () => {
    const { caller } = await visitFile(csv)
    expect(codeOf(await merge(caller, 1, [1]))).toBe('1003')
    expect(codeOf(await merge(caller, 1, []))).toBe('1002')
    expect(codeOf(await merge(caller, 1, [2, 99]))).toBe('1004')
    expect(codeOf(await merge(caller, 99, [2]))).toBe('1004')
    expect((await caller.state()).leads.length).toBe(5)
  })

  it('takes a repeated loser once and leadId beside leadIds', async () => {
    const { caller } = await visitFile(csv)
    expect((await merge(caller, 1, [2, 2], '&leadId=3')).success).toBe(true)
    expect((await caller.state()).merges[0]?.losers).toEqual(['3', '2'])
  })

  it('in the CRM takes one loser a call', async () => {
    const { caller } = await visitFile(csv)
    expect(codeOf(await merge(caller, 5, [4, 3], '&mergeInCRM=true'))).toBe(
      '1003',
    )
    expect((await merge(caller, 5, [4], '&mergeInCRM=true')).success).toBe(true)
  })

  it('gives back a CRM loser as a new lead where that is switched on', async () => {
    const { caller, clock } = await visitFile(csv, {
      behaviour: { crmResyncSeconds: 300 },
    })
    await merge(caller, 5, [4])
    expect((await caller.state()).leads.length).toBe(4)
    clock.advance(301_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const { leads } = await caller.state()
    expect(leads.map(({ id }) => id)).toEqual(['1', '2', '3', '5', '6'])
    expect(leads[4]).toMatchObject({ email: 'd@x.example', sfdcType: 'Lead' })
  })

  it('answers only after its latency', async () => {
    const { caller, clock } = await visitFile(csv, {
      timing: { mergeLatency: [5000, 5000] },
    })
    const answer = merge(caller, 1, [2])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await caller.state()).merges).toEqual([])
    clock.advance(5000)
    expect((await answer).success).toBe(true)
    expect((await caller.state()).merges.length).toBe(1)
  })
})

describe('merges at random', () => {
  it('keep every invariant', async () => {
    const { caller, clock } = await visit({
      leads: { kind: 'generated', count: 150, seed: 5 },
    })
    const random = new Random(7)
    const seen = new Set((await caller.state()).leads.map(({ id }) => id))
    for (let round = 0; round < 25; round++) {
      clock.advance(30_000)
      caller.forgetToken()
      const before = await caller.state()
      const [winner, ...losers] = random
        .shuffle(before.leads.map(({ id }) => id))
        .slice(0, 2 + random.below(4))
      expect((await merge(caller, winner, losers)).success).toBe(true)
      const after = await caller.state()
      const last = after.merges.at(-1)
      expect(after.leads.length).toBe(before.leads.length - losers.length)
      expect(after.leads.every(({ id }) => seen.has(id))).toBe(true)
      expect(new Set([last?.survivor, ...(last?.losers ?? [])])).toEqual(
        new Set([winner, ...losers]),
      )
      for (const list of before.lists) {
        const had = list.members.some((id) => [winner, ...losers].includes(id))
        const now = after.lists.find(({ id }) => id === list.id)
        expect(now?.members.includes(last?.survivor ?? '')).toBe(had)
        expect(now?.members.some((id) => last?.losers.includes(id))).toBe(false)
      }
      // The same call again fails and changes nothing.
      expect(codeOf(await merge(caller, last?.survivor, losers))).toMatch(
        /100[34]/,
      )
      expect((await caller.state()).leads).toEqual(after.leads)
    }
  })

  it('of two losers equal two merges of one each, when none is filled', async () => {
    const together = await visitFile(csv)
    await merge(together.caller, 3, [2, 1])
    const apart = await visitFile(csv)
    await merge(apart.caller, 3, [2])
    await merge(apart.caller, 3, [1])
    const [a, b] = [await together.caller.state(), await apart.caller.state()]
    expect(leadOf(a, 3)).toEqual(leadOf(b, 3))
  })
})

import { describe, expect, it } from 'vitest'
import {
  codeOf,
  visit,
  visitFile,
  type Caller,
  type ResultRecord,
} from './caller.js'

const csv = `id,email,firstName,createdAt,updatedAt
1,a@x.example,Ann,2026-11-01T00:00:00Z,2026-11-01T00:00:00Z
2,b@x.example,Bob,2026-11-02T00:00:00Z,2026-11-02T00:00:00Z
3,c@x.example,Cat,2026-11-03T00:00:00Z,2026-11-03T00:00:00Z
`

async function tokenSince(caller: Caller, since: string): Promise<string> {
  const path = `/rest/v1/activities/pagingtoken.json?sinceDatetime=${encodeURIComponent(since)}`
  return (await caller.get(path)).nextPageToken ?? ''
}

async function all(
  caller: Caller,
  token: string,
  query: string,
): Promise<ResultRecord[]> {
  const found: ResultRecord[] = []
  let next = token
  for (;;) {
    const page = await caller.get(
      `/rest/v1/activities${query}nextPageToken=${encodeURIComponent(next)}`,
    )
    found.push(...(page.result ?? []))
    next = page.nextPageToken ?? ''
    if (page.moreResult !== true) return found
  }
}

describe('activities', () => {
  it('tell of every new lead from its creation on', async () => {
    const { caller } = await visitFile(csv)
    const token = await tokenSince(caller, '2026-11-02T00:00:00Z')
    const found = await all(caller, token, '.json?activityTypeIds=12&')
    expect(
      found.map(({ leadId, activityDate }) => [leadId, activityDate]),
    ).toEqual([
      [2, '2026-11-02T00:00:00Z'],
      [3, '2026-11-03T00:00:00Z'],
    ])
  })

  it('tell of each changed value with the old and the new one', async () => {
    const { caller } = await visitFile(csv)
    const token = await tokenSince(caller, '2026-11-20T00:00:00Z')
    const input = [{ id: 1, firstName: 'Anna' }]
    await caller.post('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input,
    })
    const [change] = await all(caller, token, '.json?activityTypeIds=13&')
    expect(change).toMatchObject({
      leadId: 1,
      primaryAttributeValue: 'First Name',
    })
    expect(change?.['attributes']).toEqual(
      expect.arrayContaining([
        { name: 'New Value', value: 'Anna' },
        { name: 'Old Value', value: 'Ann' },
      ]),
    )
  })

  it('tell of a merge once, on the survivor, with all ids', async () => {
    const { caller } = await visitFile(csv)
    const token = await tokenSince(caller, '2026-11-20T00:00:00Z')
    await caller.post('/rest/v1/leads/1/merge.json?leadIds=3,2')
    const found = await all(caller, token, '.json?activityTypeIds=32&')
    expect(found).toMatchObject([
      {
        leadId: 1,
        primaryAttributeValueId: 1,
      },
    ])
    expect(found[0]?.['attributes']).toEqual([
      { name: 'Master Updated', value: false },
      { name: 'Merge IDs', value: '[3,2]' },
      { name: 'Merge Source', value: 'Web service API' },
      { name: 'Merged in Sales', value: false },
    ])
    // What the losers did is the survivor's now.
    const old = await tokenSince(caller, '2026-01-01T00:00:00Z')
    const births = await all(caller, old, '.json?activityTypeIds=12&leadIds=1&')
    expect(births.length).toBe(3)
  })

  it('of deletions are kept for 14 days; merged leads are not among them', async () => {
    const { caller, clock } = await visitFile(csv, {
      behaviour: { pagingTokenHours: null },
    })
    const token = await tokenSince(caller, '2026-11-20T00:00:00Z')
    await caller.post('/rest/v1/leads/delete.json?id=2')
    await caller.post('/rest/v1/leads/1/merge.json?leadIds=3')
    const found = await all(caller, token, '/deletedleads.json?')
    expect(found).toMatchObject([
      { leadId: 2, activityTypeId: 37, primaryAttributeValue: 'Bob' },
    ])
    clock.advance(15 * 86_400_000)
    caller.forgetToken()
    expect(await all(caller, token, '/deletedleads.json?')).toEqual([])
  })

  it('come in pages of 300 that may be short or empty', async () => {
    const { caller } = await visit({
      leads: { kind: 'generated', count: 700, seed: 3 },
      behaviour: { activityScan: 250 },
    })
    const token = await tokenSince(caller, '2020-01-01T00:00:00Z')
    const path = `/rest/v1/activities.json?activityTypeIds=32&nextPageToken=${encodeURIComponent(token)}`
    expect(await caller.get(path)).toMatchObject({
      result: [],
      moreResult: true,
    })
    const births = await all(caller, token, '.json?activityTypeIds=12&')
    expect(new Set(births.map(({ marketoGUID }) => marketoGUID)).size).toBe(700)
  })

  it('need types, a token of theirs and a date', async () => {
    const { caller } = await visit()
    const base = '/rest/v1/activities'
    expect(codeOf(await caller.get(`${base}.json?activityTypeIds=12`))).toBe(
      '1002',
    )
    expect(codeOf(await caller.get(`${base}.json?nextPageToken=A`))).toBe(
      '1002',
    )
    expect(
      codeOf(
        await caller.get(`${base}.json?activityTypeIds=12&nextPageToken=A`),
      ),
    ).toBe('1003')
    expect(
      codeOf(await caller.get(`${base}/pagingtoken.json?sinceDatetime=soon`)),
    ).toBe('704')
    const types = await caller.get(`${base}/types.json`)
    expect(types.result?.map(({ id }) => id)).toEqual([12, 13, 32, 37])
  })
})

describe('old activities', () => {
  it('are gone after 90 days, 14 days, or 25 months, by their type', async () => {
    const { caller, clock } = await visit({
      behaviour: { pagingTokenHours: null },
    })
    const { leads } = await caller.state()
    const [a, b, c] = leads.map(({ id }) => id)
    const token = await sinceLongAgo(caller)
    await caller.post('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: Number(a), title: 'Chief' }],
    })
    await caller.post(`/rest/v1/leads/${a}/merge.json?leadId=${b}`)
    await caller.post(`/rest/v1/leads/delete.json?id=${c}`)
    const kinds = async () => {
      caller.forgetToken()
      const path = `/rest/v1/activities.json?activityTypeIds=13,32,37&nextPageToken=${token}`
      const { result = [] } = await caller.get(path)
      return new Set(result.map((item) => item['activityTypeId']))
    }
    expect(await kinds()).toEqual(new Set([13, 32, 37]))
    clock.advance(15 * 86_400_000)
    expect(await kinds()).toEqual(new Set([13, 32]))
    clock.advance(76 * 86_400_000)
    expect(await kinds()).toEqual(new Set([32]))
    clock.advance(700 * 86_400_000)
    expect(await kinds()).toEqual(new Set())
  })

  it('need a new token after a day', async () => {
    const { caller, clock } = await visit()
    const path = `/rest/v1/activities/deletedleads.json?nextPageToken=${await sinceLongAgo(caller)}`
    expect((await caller.get(path)).success).toBe(true)
    clock.advance(25 * 3_600_000)
    caller.forgetToken()
    expect(codeOf(await caller.get(path))).toBe('1003')
  })
})

describe('lead changes', () => {
  it('tell old and new values of the fields that are asked for', async () => {
    const { caller } = await visit()
    const [lead] = (await caller.state()).leads
    const token = await sinceLongAgo(caller)
    await caller.post('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: Number(lead?.id), title: 'Chief', city: 'Lyon' }],
    })
    const path = `/rest/v1/activities/leadchanges.json?nextPageToken=${token}`
    const { result = [] } = await caller.get(`${path}&fields=city,email`)
    const changes = result.filter((item) => item['activityTypeId'] === 13)
    expect(changes).toMatchObject([
      {
        leadId: Number(lead?.id),
        fields: [{ name: 'city', newValue: 'Lyon' }],
      },
    ])
    expect(result.length).toBe(201)
    expect(codeOf(await caller.get(path))).toBe('1002')
    expect(codeOf(await caller.get(`${path}&fields=nosuch`))).toBe('1006')
  })
})

async function sinceLongAgo(caller: Caller): Promise<string> {
  const path = '/rest/v1/activities/pagingtoken.json?sinceDatetime=2020-01-01'
  return (await caller.get(path)).nextPageToken ?? ''
}

describe('the schema of fields', () => {
  it('comes in pages and one by one', async () => {
    const { caller } = await visit()
    const path = '/rest/v1/leads/schema/fields'
    const first = await caller.get(`${path}.json?batchSize=50`)
    expect(first.moreResult).toBe(true)
    const next = `${path}.json?batchSize=300&nextPageToken=${first.nextPageToken}`
    const second = await caller.get(next)
    expect(second.moreResult).toBe(false)
    const fields = [...(first.result ?? []), ...(second.result ?? [])]
    expect(fields.find(({ name }) => name === 'emailSha256')).toMatchObject({
      isCustom: true,
      dataType: 'string',
    })
    expect((await caller.get(`${path}/email.json`)).result).toMatchObject([
      { name: 'email', isCustom: false, length: 255 },
    ])
    expect(codeOf(await caller.get(`${path}/none.json`))).toBe('1006')
  })
})

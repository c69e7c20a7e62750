import { describe, expect, it } from 'vitest'
import { answerOf, codeOf, visit, visitFile } from './caller.js'

const csv = `id,email,firstName,lastName,unsubscribed,leadScore,nationalId,createdAt,updatedAt
1,ann@x.example,Ann,"O'Brien, ""A""",true,7,N1,2026-01-02T03:04:05Z,2026-02-02T03:04:05Z
2,ANN@x.example ,null,Null,false,null,N1,2026-01-03T03:04:05Z,2026-01-03T03:04:05Z
9007199254740993,big@x.example,Big,null,null,1.5,N2,2026-01-04T03:04:05Z,2026-01-04T03:04:05Z
`

describe('describe2', () => {
  it('names standard fields, columns of the file and pipeline fields', async () => {
    const { caller } = await visitFile(csv)
    const answer = await caller.get('/rest/v1/leads/describe2.json')
    const [object] = answer.result ?? []
    const field = (name: string) =>
      object?.fields?.find((one) => one['name'] === name)
    expect(field('email')).toMatchObject({
      dataType: 'email',
      length: 255,
      updateable: true,
    })
    expect(field('createdAt')).toMatchObject({ updateable: false })
    expect(field('sfdcContactId')).toMatchObject({
      updateable: false,
      crmManaged: true,
    })
    expect(field('duplicateCount')).toMatchObject({ dataType: 'integer' })
    expect(field('mergedAt')).toMatchObject({ dataType: 'datetime' })
    expect(field('nationalId')).toMatchObject({
      dataType: 'string',
      length: 255,
    })
    expect(object?.['searchableFields']).toEqual(
      expect.arrayContaining([['id'], ['email'], ['nationalId']]),
    )
  })

  it('shows fields that come and go', async () => {
    const { caller } = await visit()
    const body = JSON.stringify({
      add: [{ name: 'segment', length: 20 }],
      remove: ['industry'],
    })
    await fetch(`${caller.sandbox.endpoint}/sandbox/fields`, {
      method: 'POST',
      body,
    })
    const answer = await caller.get('/rest/v1/leads/describe2.json')
    const names = answer.result?.[0]?.fields?.map(({ name }) => name)
    expect(names).toContain('segment')
    expect(names).not.toContain('industry')
  })
})

describe('reading leads', () => {
  it('gives typed values and the six default fields', async () => {
    const { caller } = await visitFile(csv)
    const one = await caller.get('/rest/v1/lead/1.json')
    expect(one.result).toEqual([
      {
        id: 1,
        email: 'ann@x.example',
        firstName: 'Ann',
        lastName: `O'Brien, "A"`,
        createdAt: '2026-01-02T03:04:05Z',
        updatedAt: '2026-02-02T03:04:05Z',
      },
    ])
    const typed = await caller.get(
      '/rest/v1/lead/1.json?fields=unsubscribed,leadScore',
    )
    expect(typed.result).toEqual([{ id: 1, unsubscribed: true, leadScore: 7 }])
  })

  it('keeps an id that no double can hold', async () => {
    const { caller } = await visitFile(csv)
    const response = await caller.raw(
      'GET',
      '/rest/v1/lead/9007199254740993.json',
    )
    expect(await response.text()).toContain('"id":9007199254740993,')
  })

  it('finds by e-mail without regard to case and outer blanks', async () => {
    const { caller } = await visitFile(csv)
    const answer = await caller.get(
      '/rest/v1/leads.json?filterType=email&filterValues=ann@x.example',
    )
    expect(answer.result?.map(({ id }) => id)).toEqual([1, 2])
  })

  it('filters by custom fields, refuses others by 1011 and 1006', async () => {
    const { caller } = await visitFile(csv)
    const ask = (type: string) =>
      caller.get(`/rest/v1/leads.json?filterType=${type}&filterValues=N1`)
    expect((await ask('nationalId')).result?.length).toBe(2)
    expect(codeOf(await ask('firstName'))).toBe('1011')
    expect(codeOf(await ask('nonsense'))).toBe('1006')
  })

  it('answers 1004 for an unknown id and 1003 for too many values', async () => {
    const { caller } = await visitFile(csv)
    expect(codeOf(await caller.get('/rest/v1/lead/77.json'))).toBe('1004')
    const ids = Array.from({ length: 301 }, (_, i) => i + 1).join(',')
    const many = `/rest/v1/leads.json?filterType=id&filterValues=${ids}`
    expect(codeOf(await caller.get(many))).toBe('1003')
  })

  it('refuses a filter with more than 1,000 matches', async () => {
    const rows = Array.from({ length: 1001 }, (_, i) => `${i + 1},same`)
    const { caller } = await visitFile(`id,team\n${rows.join('\n')}\n`)
    const path = '/rest/v1/leads.json?filterType=team&filterValues=same'
    expect(codeOf(await caller.get(path))).toBe('1003')
  })

  it('pages by batchSize with a token until there is no more', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => `${i + 1},same`)
    const { caller } = await visitFile(`id,team\n${rows.join('\n')}\n`)
    const path =
      '/rest/v1/leads.json?filterType=team&filterValues=same&batchSize=10'
    const ids: unknown[] = []
    let token: string | undefined
    let pages = 0
    do {
      const next = token === undefined ? '' : `&nextPageToken=${token}`
      const page = await caller.get(path + encodeURI(next))
      ids.push(...(page.result ?? []).map(({ id }) => id))
      token = page.nextPageToken
      pages += 1
    } while (token !== undefined)
    expect(pages).toBe(3)
    expect(new Set(ids).size).toBe(25)
  })
})

describe('syncing leads', () => {
  const path = '/rest/v1/leads.json'

  it('updates by id, changes only what is sent, and clears by null', async () => {
    const { caller, clock } = await visitFile(csv)
    clock.advance(5000)
    const answer = await caller.post(path, {
      action: 'updateOnly',
      lookupField: 'id',
      input: [
        { id: 1, leadScore: 9, lastName: '' },
        { id: 2, emailMd5: 'abc' },
      ],
    })
    expect(answer.result).toEqual([
      { id: 1, status: 'updated' },
      { id: 2, status: 'updated' },
    ])
    const { leads } = await caller.state()
    expect(leads[0]).toMatchObject({
      firstName: 'Ann',
      lastName: null,
      leadScore: 9,
      updatedAt: '2026-11-20T15:00:05Z',
    })
    // A custom field does not move the visible updatedAt.
    expect(leads[1]).toMatchObject({
      emailMd5: 'abc',
      updatedAt: '2026-01-03T03:04:05Z',
    })
  })

  it('judges each record by itself and says why by code', async () => {
    const { caller } = await visitFile(csv)
    const answer = await caller.post(path, {
      action: 'updateOnly',
      lookupField: 'id',
      input: [
        { id: 1, nonsense: 1 },
        { id: 99, leadScore: 1 },
        { id: 1, createdAt: '2026-01-01T00:00:00Z' },
        { id: 1, leadScore: 'many' },
        { id: 1, firstName: 'x'.repeat(256) },
        { id: 1, email: 'jürgen@x.example' },
        { id: 2, firstName: 'Anna' },
      ],
    })
    const codes = answer.result?.map((record) => {
      return record.reasons?.[0]?.code ?? record['status']
    })
    expect(codes).toEqual([
      '1006',
      '1004',
      '1003',
      '1001',
      '1003',
      '1003',
      'updated',
    ])
  })

  it('follows the four actions', async () => {
    const { caller } = await visitFile(csv)
    const sync = async (action: string, email: string) => {
      const input = [{ email, firstName: 'New' }]
      const [record] = (await caller.post(path, { action, input })).result ?? []
      return record?.reasons?.[0]?.code ?? record?.['status']
    }
    expect(await sync('createOnly', 'new@x.example')).toBe('created')
    expect(await sync('createOnly', 'NEW@x.example')).toBe('1005')
    expect(await sync('createOrUpdate', 'new@x.example')).toBe('updated')
    expect(await sync('createOrUpdate', 'other@x.example')).toBe('created')
    expect(await sync('createOrUpdate', 'ann@x.example')).toBe('1007')
    expect(await sync('createDuplicate', 'new@x.example')).toBe('created')
    expect(await sync('updateOnly', 'nobody@x.example')).toBe('1004')
  })

  it('lets a later record of a call see an earlier one', async () => {
    const { caller } = await visitFile(csv)
    const input = [
      { email: 'two@x.example' },
      { email: 'two@x.example', leadScore: 3 },
    ]
    const answer = await caller.post(path, { input })
    expect(answer.result?.map(({ status }) => status)).toEqual([
      'created',
      'updated',
    ])
    expect(answer.result?.[0]?.['id']).toBe(answer.result?.[1]?.['id'])
  })

  it('refuses 301 records, no records and what is not JSON', async () => {
    const { caller } = await visitFile(csv)
    const input = Array.from({ length: 301 }, () => ({ email: 'a@x.example' }))
    expect(codeOf(await caller.post(path, { input }))).toBe('1003')
    expect(codeOf(await caller.post(path, { input: [] }))).toBe('1002')
    expect(codeOf(await caller.post(path, '{"input":'))).toBe('609')
    const plain = { 'content-type': 'text/plain' }
    const response = await caller.raw('POST', path, '{}', plain)
    expect(codeOf(await answerOf(response))).toBe('612')
  })

  it('that change nothing leave no trace', async () => {
    const { caller, clock } = await visitFile(csv)
    const before = await caller.state()
    clock.advance(1000)
    const input = [{ id: 1, firstName: 'Ann' }]
    const body = { action: 'updateOnly', lookupField: 'id', input }
    expect((await caller.post(path, body)).result?.[0]?.['status']).toBe(
      'updated',
    )
    const after = await caller.state()
    expect(after.leads).toEqual(before.leads)
    expect((await caller.writes()).map(({ applied }) => applied)).toEqual([
      false,
    ])
  })
})

describe('deleting leads', () => {
  it('removes them everywhere and names the unknown by 1004', async () => {
    const { caller } = await visitFile(csv)
    await caller.post('/rest/v1/lists/1004/leads.json?id=1,2')
    const answer = await caller.post('/rest/v1/leads/delete.json', {
      input: [{ id: 1 }, { id: 55 }],
    })
    expect(answer.result).toEqual([
      { id: 1, status: 'deleted' },
      {
        status: 'skipped',
        reasons: [{ code: '1004', message: 'Lead not found' }],
      },
    ])
    const { leads, lists, gone } = await caller.state()
    expect(leads.map(({ id }) => id)).toEqual(['2', '9007199254740993'])
    expect(lists.find(({ id }) => id === 1004)?.members).toEqual(['2'])
    expect(gone).toMatchObject([{ id: '1', into: null }])
  })
})

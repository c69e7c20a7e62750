import { describe, expect, it } from 'vitest'
import { bad, client, failure, good, type Seen, stage } from './stage.js'

const ids = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => String(from + at))

/** Parameters of a read, whether it came as a GET or as a long POST. */
function asked({ method, query, body }: Seen): URLSearchParams {
  return method === 'POST' ? new URLSearchParams(body) : query
}

/** Answers with all leads asked for, each with its id as the only value. */
function world(seen: Seen): unknown {
  if (seen.path !== '/rest/v1/leads.json') return undefined
  const wanted = asked(seen).get('filterValues')?.split(',') ?? []
  return good(
    wanted.map((id) => ({ id: Number(id), email: `${id}@x.example` })),
  )
}

describe('reading leads', () => {
  it('asks for 300 at a time and matches answers by id', async () => {
    const { endpoint, seen, count } = await stage(world)
    const { marketo } = client(endpoint)
    const wanted = ids(650)
    const found = await marketo.leads([...wanted, '1'], ['email', 'city'])
    expect([...found.keys()].toSorted()).toEqual(wanted.toSorted())
    expect(found.get('7')).toEqual({ email: '7@x.example', city: null })
    expect(count('leads.json')).toBe(3)
    const sizes = seen
      .filter(({ path }) => path.includes('leads.json'))
      .map((each) => asked(each).get('filterValues')?.split(',').length)
    expect(new Set(sizes)).toEqual(new Set([300, 50]))
  })

  it('goes as a POST with _method=GET before a URI passes 8 KB', async () => {
    const { endpoint, seen } = await stage(world)
    const { marketo } = client(endpoint)
    const fields = Array.from({ length: 400 }, (_, at) => `customField${at}__c`)
    await marketo.leads(ids(300, 10_000_000), fields)
    await marketo.leads(ids(300, 10_000_000), ['email'])
    const [long, short] = seen.filter(({ path }) => path.includes('leads.json'))
    expect(long).toMatchObject({ method: 'POST' })
    expect(long?.query.get('_method')).toBe('GET')
    expect(long?.headers['content-type']).toContain('x-www-form-urlencoded')
    expect(long && asked(long).get('fields')?.split(',')).toHaveLength(401)
    expect(short).toMatchObject({ method: 'GET' })
  })

  it('does not take an answer without a result as "no leads"', async () => {
    const { endpoint } = await stage((seen, nth) =>
      seen.path.includes('leads.json') && nth < 3
        ? { requestId: 'a#1', success: true }
        : world(seen),
    )
    const found = await client(endpoint).marketo.leads(['5'], ['email'])
    expect([...found.keys()]).toEqual(['5'])
  })

  it('H19: ignores a lead that was not asked for', async () => {
    const { endpoint } = await stage(({ path }) =>
      path.includes('leads.json') ? good([{ id: 1 }, { id: 9 }]) : undefined,
    )
    const found = await client(endpoint).marketo.leads(['1', '2'], ['id'])
    expect([...found]).toEqual([['1', { id: '1' }]])
  })

  it('D12: keeps an id beyond 2^53 on its way there and back', async () => {
    const id = '9007199254740993'
    const { endpoint } = await stage((seen) =>
      seen.path.includes('leads.json')
        ? `{"success":true,"result":[{"id":${asked(seen).get('filterValues')}}]}`
        : undefined,
    )
    const found = await client(endpoint).marketo.leads([id], [])
    expect([...found.keys()]).toEqual([id])
  })

  it('stops after the first chunk that fails', async () => {
    const { endpoint, count } = await stage(({ path }) =>
      path.includes('leads.json')
        ? bad('1006', "Field 'x' not found")
        : undefined,
    )
    const { marketo } = client(endpoint)
    const error = await failure(marketo.leads(ids(9000), ['x']))
    expect(error).toMatchObject({ marketoCode: '1006', exit: 1 })
    expect(error.message).toContain("Field 'x' not found")
    expect(count('leads.json')).toBeLessThanOrEqual(5)
  })

  it('reads the schema of describe2', async () => {
    const { endpoint } = await stage(({ path }) =>
      path.includes('describe2')
        ? good([
            {
              name: 'API Lead',
              searchableFields: [['id'], ['email']],
              fields: [
                {
                  name: 'email',
                  displayName: 'Email Address',
                  dataType: 'email',
                  length: 255,
                  updateable: true,
                  crmManaged: false,
                },
                { name: 'odd' },
              ],
            },
          ])
        : undefined,
    )
    expect(await client(endpoint).marketo.schema()).toEqual({
      searchable: ['id', 'email'],
      fields: [
        {
          name: 'email',
          displayName: 'Email Address',
          dataType: 'email',
          length: 255,
          updateable: true,
          crmManaged: false,
        },
        {
          name: 'odd',
          displayName: 'odd',
          dataType: 'string',
          length: null,
          updateable: false,
          crmManaged: false,
        },
      ],
    })
  })

  it('finds smart lists by exact name, by id, or not at all', async () => {
    const hot = { id: 45, name: 'Hot', folder: { id: 9, type: 'Program' } }
    const { endpoint, seen } = await stage(({ path, query }) => {
      if (path.endsWith('/asset/v1/smartList/byName.json')) {
        const isHot = query.get('name') === 'Hot'
        const warnings = ['No assets found for the given search criteria.']
        return isHot ? good([hot]) : good(undefined, { warnings })
      }
      if (path.endsWith('/smartList/45.json')) return good([hot])
      if (path.endsWith('/folder/9.json')) {
        return good([{ id: 9, path: `/Marketing/${query.get('type')}` }])
      }
      if (path.includes('/asset/')) return bad('702', 'not found')
      return undefined
    })
    const { marketo } = client(endpoint)
    const found = [{ id: '45', name: 'Hot' }]
    expect(await marketo.lists('smart', 'Hot')).toEqual(found)
    expect(await marketo.lists('smart', '45')).toEqual(found)
    expect(await marketo.lists('smart', 'Cold')).toEqual([])
    expect(await marketo.listFolder('smart', '45')).toBe('/Marketing/Program')
    expect(await marketo.listFolder('static', '45')).toBeNull()
    const paths = seen.map(({ path }) => path)
    expect(paths).toContain('/rest/asset/v1/folder/9.json')
  })

  it('finds static lists by exact name, on any page, or by id', async () => {
    const { endpoint } = await stage(({ path, query }) => {
      if (path !== '/rest/v1/lists.json') return undefined
      if (query.get('id') === '7') return good([{ id: 7, name: 'Seven' }])
      if (query.get('id')) return { success: true, warnings: ['none'] }
      return query.get('nextPageToken')
        ? good([{ id: 3, name: 'News & more' }])
        : good([{ id: 2, name: 'news & more' }], { nextPageToken: 'P==' })
    })
    const { marketo } = client(endpoint)
    expect(await marketo.lists('static', 'News & more')).toEqual([
      { id: '3', name: 'News & more' },
    ])
    expect(await marketo.lists('static', '7')).toEqual([
      { id: '7', name: 'Seven' },
    ])
    expect(await marketo.lists('static', '8')).toEqual([])
  })
})

describe('lists', () => {
  it.each(['static', 'smart'] as const)(
    'of the %s kind are asked for again where an answer tells nothing',
    async (kind) => {
      const path = kind === 'static' ? '/lists.json' : '/byName.json'
      const { endpoint } = await stage((seen, nth) => {
        if (!seen.path.endsWith(path)) return undefined
        return nth < 3 ? { success: true } : good([{ id: 7, name: 'Seven' }])
      })
      const found = await client(endpoint).marketo.lists(kind, 'Seven')
      expect(found).toEqual([{ id: '7', name: 'Seven' }])
    },
  )
})

describe('changing leads', () => {
  it('sends one sync call, updateOnly by id', async () => {
    const { endpoint, seen } = await stage(({ path }) =>
      path.includes('leads.json')
        ? good([
            { status: 'skipped', reasons: [{ code: '1004', message: 'no' }] },
            { id: 12, status: 'updated' },
          ])
        : undefined,
    )
    const outcomes = await client(endpoint).marketo.updateLeads([
      { id: '11', values: { city: null } },
      { id: '12', values: { city: 'Rome' } },
    ])
    expect(outcomes).toEqual([
      { id: '11', status: 'skipped', code: '1004', message: 'no' },
      { id: '12', status: 'updated' },
    ])
    const sent = seen.find(({ path }) => path.includes('leads.json'))
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      action: 'updateOnly',
      lookupField: 'id',
      input: [
        { id: 11, city: null },
        { id: 12, city: 'Rome' },
      ],
    })
  })

  it('A17: is ambiguous where the answer has no result at all', async () => {
    const { endpoint } = await stage(({ path }) =>
      path.includes('leads.json') ? { success: true } : undefined,
    )
    const { marketo } = client(endpoint)
    const error = await failure(marketo.updateLeads([{ id: '1', values: {} }]))
    expect(error).toMatchObject({ outcome: 'ambiguous' })
  })

  it('sends a merge with its losers in their order', async () => {
    const { endpoint, seen } = await stage(({ path }) =>
      path.includes('merge') ? { requestId: 'd#1', success: true } : undefined,
    )
    const { marketo, calls } = client(endpoint)
    await marketo.mergeLeads('9', ['3', '1'], { mergeInCrm: true })
    const [sent] = seen.filter(({ path }) => path.includes('merge'))
    expect(sent).toMatchObject({ method: 'POST', body: '' })
    expect(sent?.path).toBe('/rest/v1/leads/9/merge.json')
    expect([...(sent?.query ?? [])]).toEqual([
      ['leadIds', '3,1'],
      ['mergeInCRM', 'true'],
    ])
    expect(calls.at(-1)).toMatchObject({
      endpoint: 'leads/{id}/merge',
      outcome: 'ok',
      requestId: 'd#1',
      counted: true,
    })
  })

  it.each([
    ['no loser', '1', []],
    ['26 losers', '1', ids(26, 2)],
    ['the winner as a loser', '1', ['2', '1']],
    ['a loser twice', '1', ['2', '2']],
    ['an id that is not a number', '1', ['2/../3']],
  ])('sends no merge with %s', async (_name, winner, losers) => {
    const { endpoint, seen } = await stage(() => undefined)
    const { marketo } = client(endpoint)
    const merge = marketo.mergeLeads(winner, losers, { mergeInCrm: false })
    expect(await failure(merge)).toMatchObject({ outcome: 'not_sent' })
    expect(seen).toEqual([])
  })

  it('I8: sends no update that is too large', async () => {
    const { endpoint, seen } = await stage(() => undefined)
    const { marketo } = client(endpoint)
    const large = { id: '1', values: { text: 'é'.repeat(500_000) } }
    const many = ids(301).map((id) => ({ id, values: {} }))
    for (const records of [[large], many]) {
      const error = await failure(marketo.updateLeads(records))
      expect(error).toMatchObject({ outcome: 'not_sent' })
    }
    expect(seen).toEqual([])
  })
})

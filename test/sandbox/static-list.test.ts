import { describe, expect, it } from 'vitest'
import { type Answer, codeOf, visit, visitFile } from './caller.js'

const rows = Array.from(
  { length: 400 },
  (_, i) => `${i + 1},p${i + 1}@x.example`,
)
const csv = `id,email\n${rows.join('\n')}\n`

function statuses(answer: Answer): unknown[] | undefined {
  return answer.result?.map(({ status }) => status)
}

describe('static lists', () => {
  it('are listed, one of them with part of the leads', async () => {
    const { caller } = await visit()
    const lists = await caller.get('/rest/v1/lists.json')
    expect(lists.result?.map(({ name }) => name)).toContain('Newsletter')
    const one = await caller.get('/rest/v1/lists/1001.json')
    expect(one.result?.[0]).toMatchObject({ id: 1001, name: 'Newsletter' })
    const named = await caller.get('/rest/v1/lists.json?name=Webinar')
    expect(named.result?.map(({ id }) => id)).toEqual([1002])
    const { leads, lists: state } = await caller.state()
    const share = (state[0]?.members.length ?? 0) / leads.length
    expect(share).toBeGreaterThan(0.3)
    expect(share).toBeLessThan(0.5)
    expect(codeOf(await caller.get('/rest/v1/lists/77.json'))).toBe('1013')
  })

  it('are found by name in the asset API, which warns where there is none', async () => {
    const { caller } = await visit()
    const path = '/rest/asset/v1/staticList/byName.json?name='
    expect(await caller.get(`${path}Newsletter`)).toMatchObject({
      success: true,
      errors: [],
      warnings: [],
      result: [{ id: 1001, name: 'Newsletter', folder: { type: 'Folder' } }],
    })
    const none = await caller.get(`${path}newsletter`)
    expect(none.result).toBeUndefined()
    expect(none.warnings).toEqual([
      'No assets found for the given search criteria.',
    ])
    const all = await caller.get(
      '/rest/asset/v1/staticLists.json?maxReturn=2&offset=1',
    )
    expect(all.result?.map(({ id }) => id)).toEqual([1002, 1003])
  })

  it('take, show and lose members', async () => {
    const { caller } = await visitFile(csv)
    const path = '/rest/v1/lists/1004/leads.json'
    const body = { input: [{ id: 5 }, { id: 6 }, { id: 999 }] }
    expect(statuses(await caller.post(path, body))).toEqual([
      'added',
      'added',
      'skipped',
    ])
    const is = await caller.get(
      '/rest/v1/lists/1004/leads/ismember.json?id=5,7',
    )
    expect(statuses(is)).toEqual(['memberof', 'notmemberof'])
    const membership = await caller.get('/rest/v1/leads/5/listMembership.json')
    expect(membership.result?.map(({ listId }) => listId)).toContain(1004)
    const response = await caller.raw('DELETE', `${path}?id=5,7`)
    expect(await response.json()).toMatchObject({
      result: [{ id: 5, status: 'removed' }, { reasons: [{ code: '1015' }] }],
    })
    const left = await caller.get(`${path}?fields=email`)
    expect(left.result).toEqual([{ id: 6, email: 'p6@x.example' }])
  })

  it('page their members by 300', async () => {
    const { caller } = await visitFile(csv)
    const ids = rows.map((row) => row.split(',')[0])
    const path = '/rest/v1/lists/1004/leads.json'
    await caller.post(`${path}?id=${ids.slice(0, 300).join(',')}`)
    await caller.post(`${path}?id=${ids.slice(300).join(',')}`)
    const first = await caller.get(path)
    expect(first.result?.length).toBe(300)
    const token = encodeURIComponent(first.nextPageToken ?? '')
    const second = await caller.get(`${path}?nextPageToken=${token}`)
    expect(second.result?.length).toBe(100)
    expect(second.nextPageToken).toBeUndefined()
    expect(codeOf(await caller.get(`${path}?nextPageToken=garbage`))).toBe(
      '1003',
    )
  })
})

describe('paths', () => {
  it('that Marketo does not know answer 610, wrong methods 605', async () => {
    const { caller } = await visit()
    expect(codeOf(await caller.get('/rest/v1/leeds.json'))).toBe('610')
    expect(codeOf(await caller.get('/bulk/v1/nothing.json'))).toBe('610')
    const wrong = await caller.post('/rest/v1/lists.json')
    expect(wrong.errors?.[0]).toEqual({
      code: '605',
      message: "Request method 'POST' not supported",
    })
  })
})

import { describe, expect, it } from 'vitest'
import { codeOf, visit, type Answer, type Caller } from './caller.js'

const options = {
  folders: [
    { id: 20, name: 'EMEA' },
    { id: 21, name: 'France', parent: 20 },
    { id: 30, name: 'Webinar 2026', type: 'Program' },
  ],
  staticLists: [
    { id: 2001, name: 'Customers', folder: 20, share: 0.5 },
    { id: 2002, name: 'Customers', folder: 21, share: 0.1 },
    { id: 2003, name: 'Guests', folder: 30, program: 'Webinar 2026' },
  ],
  smartLists: [
    { id: 31, name: 'Out', field: 'unsubscribed', equals: true },
    { id: 32, name: 'Out', field: 'unsubscribed', equals: true, folder: 21 },
  ],
} as const

const base = '/rest/asset/v1'

async function get(caller: Caller, path: string): Promise<Answer> {
  return await caller.get(`${base}/${path}`)
}

function ids({ result = [] }: Answer): unknown[] {
  return result.map(({ id }) => id)
}

async function post(
  caller: Caller,
  path: string,
  form: Record<string, string>,
) {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(form).toString()
  const response = await caller.raw('POST', `${base}/${path}`, body, type)
  const answer: unknown = await response.json()
  return answer
}

describe('lists in folders', () => {
  it('are found by name in every folder that has one', async () => {
    const { caller } = await visit(options)
    const found = await get(caller, 'staticList/byName.json?name=Customers')
    expect(found.result).toMatchObject([
      { id: 2001, folder: { id: 20, type: 'Folder' } },
      { id: 2002, folder: { id: 21, type: 'Folder' } },
    ])
    const smart = await get(caller, 'smartList/byName.json?name=Out')
    expect(smart.result).toMatchObject([
      { id: 31, folder: { id: 13 } },
      { id: 32, folder: { id: 21 } },
    ])
    const none = await get(caller, 'smartList/byName.json?name=out')
    expect(none.result).toBeUndefined()
    expect(none.warnings).toHaveLength(1)
  })

  it('are listed by folder, in pages', async () => {
    const { caller } = await visit(options)
    const folder = encodeURIComponent('{"id":30,"type":"Program"}')
    const path = `staticLists.json?folder=${folder}`
    expect((await get(caller, path)).result).toMatchObject([
      { id: 2003, folder: { id: 30, type: 'Program' } },
    ])
    const some = 'staticLists.json?maxReturn=3&offset=3'
    expect(ids(await get(caller, some))).toEqual([1004, 2001, 2002])
    const later = 'smartLists.json?earliestUpdatedAt=2030-01-01T00:00:00Z'
    expect(ids(await get(caller, later))).toEqual([])
  })

  it('lie in folders that have a path and a depth', async () => {
    const { caller } = await visit(options)
    const found = await get(caller, 'folder/byName.json?name=France')
    expect(found.result).toMatchObject([
      {
        id: 21,
        parent: { id: 20, type: 'Folder' },
        path: '/Lead Database/Group Lists/EMEA/France',
      },
    ])
    expect(ids(await get(caller, 'folders.json?maxDepth=1'))).toEqual([1])
    expect(ids(await get(caller, 'folders.json'))).toEqual([1, 13])
    const root = encodeURIComponent('{"id":13,"type":"Folder"}')
    const below = `folders.json?root=${root}&maxDepth=5`
    expect(ids(await get(caller, below))).toEqual([13, 20, 30, 21])
    const program = await get(caller, 'folder/30.json?type=Program')
    expect(ids(program)).toEqual([30])
  })
})

describe('lists that come and go', () => {
  it('are created, renamed and deleted', async () => {
    const { caller } = await visit(options)
    const folder = '{"id":21,"type":"Folder"}'
    const form = { name: 'Review', folder }
    expect(await post(caller, 'staticLists.json', form)).toMatchObject({
      success: true,
      result: [{ id: 2004, name: 'Review', folder: { id: 21 } }],
    })
    expect(await post(caller, 'staticLists.json', form)).toMatchObject({
      success: false,
      errors: [{ code: '709' }],
    })
    await post(caller, 'staticList/1001.json', { name: 'Letters' })
    const { lists } = await caller.state()
    const letters = lists.find(({ id }) => id === 1001)
    expect(letters?.name).toBe('Letters')
    expect(letters?.members.length).toBeGreaterThan(50)
    await post(caller, 'staticList/1002/delete.json', {})
    await post(caller, 'smartList/31/delete.json', {})
    expect(codeOf(await caller.get('/rest/v1/lists/1002.json'))).toBe('1013')
    expect(ids(await get(caller, 'smartLists.json'))).toEqual([32])
  })

  it('are refused by an export as 1013', async () => {
    const { caller } = await visit(options)
    await post(caller, 'smartList/31/delete.json', {})
    for (const filter of [{ smartListId: 31 }, { staticListId: 7 }]) {
      const answer = await caller.post('/bulk/v1/leads/export/create.json', {
        fields: ['id'],
        filter,
      })
      expect(codeOf(answer)).toBe('1013')
    }
  })
})

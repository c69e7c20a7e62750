import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../src/sandbox/exchange.js'
import { codeOf, visit, type Answer, type Caller } from './caller.js'

const path = '/rest/v1/leads/partitions.json'

async function post(caller: Caller, what: string, body: object) {
  const url = `${caller.sandbox.endpoint}/sandbox/${what}`
  const init = { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(url, init)
  return response.status
}

async function used(caller: Caller): Promise<Answer> {
  return await caller.get('/rest/v1/stats/usage.json')
}

const all = {
  fields: ['id'],
  filter: {
    createdAt: {
      startAt: '2026-11-01T00:00:00Z',
      endAt: '2026-11-20T00:00:00Z',
    },
  },
}

describe('other integrations', () => {
  it('take their share of the rate from a moment on', async () => {
    const { caller, clock } = await visit({
      limits: { callsPer20s: 10 },
      others: { levels: [{ after: 60, callsPer20s: 8 }, { after: 120 }] },
    })
    for (let i = 0; i < 5; i++)
      expect(codeOf(await caller.get(path))).toBe(undefined)
    clock.advance(60_000)
    await caller.get(path)
    await caller.get(path)
    expect(codeOf(await caller.get(path))).toBe('606')
    clock.advance(60_000)
    expect(codeOf(await caller.get(path))).toBe(undefined)
  })

  it('use calls of the day, at once and as time goes by', async () => {
    const { caller, clock } = await visit({
      limits: { callsPerDay: 50_000 },
      others: { levels: [{ calls: 49_000, callsPer20s: 2 }] },
    })
    clock.advance(200_000)
    expect((await used(caller)).result).toMatchObject([
      {
        total: 49_020,
        users: [{ userId: 'crm@sandbox.example', count: 49_020 }],
      },
    ])
    clock.advance(10_000_000)
    caller.forgetToken()
    expect(codeOf(await caller.get(path))).toBe('607')
    clock.set('2026-11-21T06:00:00Z')
    caller.forgetToken()
    expect((await used(caller)).result).toMatchObject([{ total: 0 }])
  })

  it('have exports in the queue, which take slots and megabytes', async () => {
    const job = { seconds: 600, bytes: 60_000_000 }
    const { caller, clock } = await visit({
      limits: { exportBytesPerDay: 100_000_000 },
      others: { jobs: [job, job, { ...job, after: 100 }] },
    })
    const id = await caller.export(all)
    const status = `/bulk/v1/leads/export/${id}/status.json`
    clock.advance(500_000)
    expect((await caller.get(status)).result).toMatchObject([
      { status: 'Queued' },
    ])
    expect(
      (await caller.get('/bulk/v1/leads/export.json')).result,
    ).toHaveLength(1)
    clock.advance(240_000)
    expect((await caller.get(status)).result).toMatchObject([
      { status: 'Completed' },
    ])
    const more = await caller.post('/bulk/v1/leads/export/create.json', all)
    expect(more.errors).toMatchObject([
      { code: '1029', message: 'Export daily quota 100MB exceeded.' },
    ])
  })

  it('come and go when they are told to', async () => {
    const { caller } = await visit({ limits: { concurrency: 3 } })
    expect(await post(caller, 'others', { levels: [{ concurrency: 3 }] })).toBe(
      200,
    )
    expect(codeOf(await caller.get(path))).toBe('615')
    const url = `${caller.sandbox.endpoint}/sandbox/others`
    await fetch(url, { method: 'DELETE' })
    expect(codeOf(await caller.get(path))).toBe(undefined)
    expect(await post(caller, 'others', { calls: 3 })).toBe(400)
  })
})

describe('a subscription that changes', () => {
  it('gives and takes the updatedAt filter, which is then 1035', async () => {
    const { caller } = await visit()
    const { createdAt } = all.filter
    const request = { fields: ['id'], filter: { updatedAt: createdAt } }
    const create = '/bulk/v1/leads/export/create.json'
    const behaviour = { updatedAtFilter: false }
    expect(await post(caller, 'options', { behaviour })).toBe(200)
    expect(codeOf(await caller.post(create, request))).toBe('1035')
    await post(caller, 'options', { behaviour: { updatedAtFilter: true } })
    expect((await caller.post(create, request)).success).toBe(true)
    const unknown = { behaviour: { updatedAt: true } }
    expect(await post(caller, 'options', unknown)).toBe(400)
  })

  it('gets lists, and other names for them, by a word to the sandbox', async () => {
    const { caller } = await visit()
    await post(caller, 'lists', {
      folders: [{ id: 40, name: 'Archive' }],
      static: [{ id: 1001, name: 'Letters', folder: 40 }],
      smart: [{ id: 50, name: 'High score', field: 'leadScore', equals: 9 }],
      remove: [1002],
    })
    const { lists } = await caller.state()
    expect(lists.map(({ name }) => name)).not.toContain('Webinar')
    const letters = lists.find(({ name }) => name === 'Letters')
    expect(letters?.members.length).toBeGreaterThan(50)
    const smart = '/rest/asset/v1/smartList/byName.json?name=High%20score'
    expect((await caller.get(smart)).result).toMatchObject([{ id: 50 }])
  })

  it('has a clock that is wrong, and gets it right', async () => {
    const { caller, clock } = await visit({ skew: -26 * 3_600_000 })
    const date = async () => {
      const answer = await caller.raw('GET', path)
      return Date.parse(answer.headers.get('date') ?? '')
    }
    expect(await date()).toBe(clock.now() - 26 * 3_600_000)
    await post(caller, 'options', { skew: 90 })
    caller.forgetToken()
    expect(await date()).toBe(clock.now() + 90_000)
  })
})

describe('a listener', () => {
  it('hears of every call with its answer', async () => {
    const heard: Exchange[] = []
    const { caller } = await visit({
      onExchange: (exchange) => heard.push(exchange),
    })
    await caller.post('/bulk/v1/leads/export/create.json', all)
    expect(heard).toMatchObject([
      { method: 'GET', path: '/identity/oauth/token', status: 200 },
      {
        method: 'POST',
        path: '/bulk/v1/leads/export/create.json',
        body: JSON.stringify(all),
        type: 'application/json;charset=UTF-8',
      },
    ])
    expect(JSON.parse(heard[1]?.answer ?? '')).toMatchObject({
      success: true,
      result: [{ status: 'Created' }],
    })
  })
})

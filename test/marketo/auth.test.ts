import { describe, expect, it } from 'vitest'
import { bad, client, failure, good, grant, secret, stage } from './stage.js'

const identity = '/identity/oauth/token'
const id = '7'

describe('tokens', () => {
  it('are asked for in the body of a POST, never in a URL', async () => {
    const { endpoint, seen } = await stage(() => undefined)
    await client(endpoint).marketo.partitions()
    const [asked] = seen
    expect(asked).toMatchObject({ method: 'POST', path: identity })
    expect(asked?.query.size).toBe(0)
    expect(asked?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client-1',
      client_secret: secret,
    })
  })

  it('A1: end a run with wrong credentials after one call', async () => {
    const { endpoint, count } = await stage(({ path, response }) => {
      if (path !== identity) return undefined
      response.statusCode = 401
      return { error: 'invalid_client', error_description: secret }
    })
    const { marketo } = client(endpoint)
    const work = [
      marketo.partitions(),
      marketo.schema(),
      marketo.leads([id], []),
    ]
    for (const each of await Promise.all(work.map(failure))) {
      expect(each).toMatchObject({ code: 'credentials', exit: 5 })
    }
    expect(
      await failure(marketo.mergeLeads('1', ['2'], { mergeInCrm: false })),
    ).toMatchObject({ code: 'credentials', outcome: 'rejected' })
    expect(count('/')).toBe(1)
  })

  it('A2: are renewed once for 20 calls refused together', async () => {
    let current = 'token-1'
    const { endpoint, count } = await stage(({ path, headers }) => {
      if (path === identity) return grant(current)
      const isCurrent = headers.authorization === `Bearer ${current}`
      return isCurrent ? good([]) : bad(602, 'Access token expired')
    })
    const { marketo } = client(endpoint, {
      budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 20 },
    })
    await marketo.partitions()
    current = 'token-2'
    await Promise.all(Array.from({ length: 20 }, () => marketo.partitions()))
    expect(count(identity)).toBe(2)
  })

  it('A3: are given up after two renewals that do not help', async () => {
    let issued = 0
    const { endpoint, count } = await stage(({ path }) => {
      if (path === identity) return grant(`token-${(issued += 1)}`)
      return path.includes('partitions') ? bad(601, 'invalid') : undefined
    })
    const { marketo } = client(endpoint)
    const work = [1, 2, 3].map(() => failure(marketo.partitions()))
    for (const error of await Promise.all(work)) {
      expect(error).toMatchObject({ code: 'token', exit: 5 })
    }
    expect(count(identity)).toBeLessThanOrEqual(3)
  })

  it('A3: are given up when identity insists on the refused one', async () => {
    const { endpoint, count } = await stage(({ path }) =>
      path.includes('partitions') ? bad(601, 'invalid') : undefined,
    )
    const error = await failure(client(endpoint).marketo.partitions())
    expect(error).toMatchObject({ code: 'token', exit: 5 })
    expect(count(identity)).toBeLessThanOrEqual(3)
    expect(count('partitions')).toBeLessThanOrEqual(3)
  })

  it('A5: have 240 s left when a merge starts', async () => {
    let diesAt = 0
    let issued = 0
    const left: number[] = []
    const { endpoint } = await stage(({ path, at }) => {
      if (path !== identity) {
        if (path.includes('merge')) left.push((diesAt - at) / 1000)
        return undefined
      }
      // The first token has 100 s left, as when another process got it.
      if (diesAt <= at) {
        diesAt = at + (issued === 0 ? 100 : 3600) * 1000
        issued += 1
      }
      return grant(`token-${issued}`, Math.floor((diesAt - at) / 1000))
    })
    const { marketo } = client(endpoint)
    await marketo.partitions()
    await marketo.mergeLeads('1', ['2'], { mergeInCrm: false })
    expect(left).toHaveLength(1)
    expect(left[0]).toBeGreaterThanOrEqual(240)
    expect(issued).toBe(2)
  })

  it.each([0, 1])('are waited for when identity says %i s', async (seconds) => {
    const { endpoint, seen } = await stage(({ path }, nth) => {
      if (path !== identity) return undefined
      return nth < 3 ? grant('dying', seconds) : grant('fresh')
    })
    await client(endpoint).marketo.partitions()
    const used = seen.map(({ headers }) => headers.authorization)
    expect(used).not.toContain('Bearer dying')
    expect(used).toContain('Bearer fresh')
  })

  it('are used for as long as they live where they live shortly', async () => {
    let issued = 0
    const { endpoint } = await stage(({ path }) =>
      path === identity ? grant(`token-${(issued += 1)}`, 14) : undefined,
    )
    await client(endpoint, { timeScale: 50 }).marketo.partitions()
    expect(issued).toBe(2)
  })

  it('A6, A7: name the permission and the allow-list after 603', async () => {
    const { endpoint, count } = await stage(({ path }) =>
      path.includes('merge') ? bad(603, 'Access denied') : undefined,
    )
    const { marketo } = client(endpoint)
    const merge = marketo.mergeLeads('1', ['2'], { mergeInCrm: false })
    const error = await failure(merge)
    expect(error).toMatchObject({ exit: 5, outcome: 'rejected' })
    expect(error.message).toContain('Read-Write Lead')
    expect(error.message).toContain('allow-list')
    expect(count('merge')).toBe(1)
  })

  it('leave a write that was refused for its token to the caller', async () => {
    const { endpoint, count } = await stage(({ path }, nth) => {
      if (path === identity) return grant(`token-${nth}`)
      return path.includes('merge') && nth === 1 ? bad(602) : undefined
    })
    const { marketo } = client(endpoint)
    const merge = () => marketo.mergeLeads('1', ['2'], { mergeInCrm: false })
    expect(await failure(merge())).toMatchObject({
      code: 'token',
      outcome: 'rejected',
    })
    expect(count('merge')).toBe(1)
    await merge()
    expect(count(identity)).toBe(2)
  })
})

import { describe, expect, it } from 'vitest'
import { bad, client, failure, good, handled, stage } from './stage.js'

const second = 1000
const partitions = 'partitions'

/** Most of the times that lie within any 20 s. */
function busiest(times: readonly number[]): number {
  const counts = times.map(
    (start) =>
      times.filter((at) => at >= start && at < start + 20 * second).length,
  )
  return Math.max(0, ...counts)
}

describe('limits at Marketo', () => {
  it('A8: sees no more calls in any 20 s than configured', async () => {
    const { endpoint, seen } = await stage(() => undefined)
    const { marketo } = client(endpoint, {
      budget: { callsPerDay: 20_000, callsPer20s: 30, concurrency: 10 },
    })
    await Promise.all(Array.from({ length: 200 }, () => marketo.partitions()))
    const times = seen
      .filter(({ path }) => !path.includes('identity'))
      .map(({ at }) => at)
    expect(times).toHaveLength(201)
    expect(busiest(times)).toBeLessThanOrEqual(30)
  })

  it('A8: gets a full window of silence after a 606', async () => {
    const { endpoint, seen } = await stage(({ path }, nth) =>
      path.includes(partitions) && nth === 3 ? bad('606') : undefined,
    )
    const { marketo } = client(endpoint, {
      budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 1 },
    })
    await Promise.all(Array.from({ length: 6 }, () => marketo.partitions()))
    const times = seen
      .filter(({ path }) => path.includes(partitions))
      .map(({ at }) => at)
    expect(times).toHaveLength(7)
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeGreaterThanOrEqual(20_000)
  })

  it('A9: never has more calls open than allowed, and one write', async () => {
    const open = { reads: 0, writes: 0 }
    const most = { reads: 0, writes: 0 }
    const { endpoint } = await stage(async ({ path, body, response }) => {
      if (!/partitions|leads.json/.test(path)) return undefined
      const kind = path.includes(partitions) ? 'reads' : 'writes'
      open[kind] += 1
      most[kind] = Math.max(most[kind], open[kind])
      await new Promise((resolve) => setTimeout(resolve, 3))
      open[kind] -= 1
      if (kind === 'reads') return undefined
      const id: unknown = JSON.parse(body).input[0].id
      response.setHeader('x-kind', kind)
      return good([{ id, status: 'updated' }])
    })
    const { marketo } = client(endpoint)
    const work = Array.from({ length: 30 }, (_, at) =>
      at % 2 === 0
        ? marketo.partitions()
        : marketo.updateLeads([{ id: String(at), values: {} }]),
    )
    await Promise.all(work)
    expect(most.writes).toBe(1)
    expect(most.reads).toBeLessThanOrEqual(5)
    expect(most.reads).toBeGreaterThan(1)
  })

  it('A9: gets half of the calls at one time after a 615', async () => {
    let open = 0
    let refused = 0
    let most = 0
    const { endpoint } = await stage(async ({ path }) => {
      if (!path.includes(partitions)) return undefined
      open += 1
      const now = open
      await new Promise((resolve) => setTimeout(resolve, 2))
      open -= 1
      if (refused > 0) most = Math.max(most, now)
      if (now <= 3) return undefined
      refused += 1
      return bad('615', "Concurrent access limit '3' reached")
    })
    const { marketo } = client(endpoint, {
      budget: { callsPerDay: 20_000, callsPer20s: 100, concurrency: 6 },
      timeScale: 100,
    })
    await Promise.all(Array.from({ length: 40 }, () => marketo.partitions()))
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThanOrEqual(6)
  })

  it('A10: is left alone after a 607 until the reset', async () => {
    const { endpoint, count } = await stage(({ path }) =>
      path.includes(partitions) ? bad('607', 'Daily quota reached') : undefined,
    )
    const { marketo } = client(endpoint)
    const error = await failure(marketo.partitions())
    expect(error).toMatchObject({ code: 'daily_quota', exit: 4 })
    expect(error.message).toMatch(/resets at \d{4}-\d\d-\d\dT06:00:00.000Z/)
    const merge = marketo.mergeLeads('1', ['2'], { mergeInCrm: false })
    expect(await failure(merge)).toMatchObject({
      code: 'daily_quota',
      outcome: 'not_sent',
    })
    expect([count(partitions), count('merge')]).toEqual([1, 0])
  })

  it('A11: gives half of what others leave, read by the usage call', async () => {
    const { endpoint, seen } = await stage(({ path }) =>
      path.includes('stats') ? good([{ total: 49_900 }]) : undefined,
    )
    const { marketo, calls } = client(endpoint)
    const results = await Promise.allSettled(
      Array.from({ length: 80 }, () => marketo.partitions()),
    )
    const failed = results.flatMap((each) =>
      each.status === 'rejected' ? [each.reason as unknown] : [],
    )
    expect(failed[0]).toMatchObject({ code: 'budget', exit: 4 })
    const counted = seen.filter(({ path }) => !path.includes('identity'))
    expect(counted).toHaveLength(50)
    expect(calls.filter((call) => call.counted)).toHaveLength(50)
    expect(marketo.calls).toBe(50)
  })

  it('counts retries, and not what Marketo does not count', async () => {
    const { endpoint } = await stage(({ path }, nth) => {
      if (!path.includes(partitions)) return undefined
      return [bad('608'), bad('713'), bad('611'), undefined][nth - 1]
    })
    const { marketo } = client(endpoint)
    await marketo.partitions()
    // The usage call, the 713 and the good one.
    expect(marketo.calls).toBe(3)
  })

  it('continues the count of earlier runs', async () => {
    const { endpoint, count } = await stage(() => undefined)
    const { marketo } = client(endpoint, {
      budget: { callsPerDay: 100, callsPer20s: 50, concurrency: 5 },
      initialCalls: 98,
    })
    await marketo.partitions()
    expect(await failure(marketo.partitions())).toMatchObject({
      code: 'budget',
      outcome: 'not_sent',
    })
    expect(count(partitions)).toBe(1)
  })

  it('tells the usage of all and of this client', async () => {
    const users = [{ count: 70 }, { count: 30 }]
    const { endpoint } = await stage(({ path }) =>
      path.includes('stats') ? good([{ date: 'x', users }]) : undefined,
    )
    const { marketo } = client(endpoint)
    const usage = await marketo.usage()
    expect(usage).toMatchObject({ today: 100, own: 1, budget: 20_000 })
  })

  it('works where the usage cannot be read', async () => {
    const { endpoint } = await stage(({ path }) =>
      path.includes('stats') ? bad('610') : undefined,
    )
    await expect(client(endpoint).marketo.partitions()).resolves.toEqual([])
  })

  it('holds the place of a call that gets no answer', async () => {
    const { endpoint } = await stage(({ path }, nth) =>
      path.includes(partitions) && nth === 1 ? handled : undefined,
    )
    const { marketo, calls } = client(endpoint, { timeoutFloor: 50 })
    await marketo.partitions()
    const [lost] = calls.filter(({ endpoint: name }) => name.includes('parti'))
    expect(lost).toMatchObject({
      outcome: 'ambiguous',
      counted: true,
      http: null,
    })
  })
})

import { describe, expect, it } from 'vitest'
import { answerOf, codeOf, visit, visitFile } from './caller.js'
import type { Caller } from './caller.js'

const path = '/rest/v1/leads/partitions.json'

async function codes(caller: Caller, calls: number): Promise<unknown[]> {
  const found: unknown[] = []
  for (let i = 0; i < calls; i++) found.push(codeOf(await caller.get(path)))
  return found
}

describe('the rate limit', () => {
  it('refuses the 101st call in 20 s by 606', async () => {
    const { caller } = await visit()
    const found = await codes(caller, 101)
    expect(found.slice(0, 100).every((code) => code === undefined)).toBe(true)
    expect(found[100]).toBe('606')
  })

  it('slides: each call is free 20 s after an earlier one', async () => {
    const { caller, clock } = await visit({ limits: { callsPer20s: 4 } })
    expect(await codes(caller, 2)).toEqual([undefined, undefined])
    clock.advance(15_000)
    expect(await codes(caller, 2)).toEqual([undefined, undefined])
    clock.advance(5001)
    expect(await codes(caller, 3)).toEqual([undefined, undefined, '606'])
  })

  it('counts refused calls, so calling on prolongs the refusal', async () => {
    const { caller, clock } = await visit({ limits: { callsPer20s: 3 } })
    await codes(caller, 3)
    for (let i = 0; i < 5; i++) {
      clock.advance(6000)
      const [code] = await codes(caller, 1)
      if (i < 3) expect(code).toBe('606')
    }
    clock.advance(20_001)
    expect(await codes(caller, 1)).toEqual([undefined])
  })

  it('leaves less where others use the subscription too', async () => {
    const limits = { callsPer20s: 10, noise: 0.6 }
    const { caller } = await visit({ limits })
    const found = await codes(caller, 5)
    expect(found).toEqual([undefined, undefined, undefined, undefined, '606'])
  })
})

describe('the daily limit', () => {
  it('answers 607 until midnight in Chicago', async () => {
    const { caller, clock } = await visit({ limits: { callsPerDay: 3 } })
    expect(await codes(caller, 4)).toEqual([
      undefined,
      undefined,
      undefined,
      '607',
    ])
    clock.set('2026-11-21T05:59:59Z')
    caller.forgetToken()
    expect(await codes(caller, 1)).toEqual(['607'])
    clock.set('2026-11-21T06:00:00Z')
    expect(await codes(caller, 1)).toEqual([undefined])
  })

  it('follows daylight saving time', async () => {
    const { caller, clock } = await visit({ limits: { callsPerDay: 1 } })
    clock.set('2027-07-01T04:00:00Z')
    expect(await codes(caller, 2)).toEqual([undefined, '607'])
    clock.set('2027-07-01T05:00:00Z')
    caller.forgetToken()
    expect(await codes(caller, 1)).toEqual([undefined])
  })

  it('does not count identity and 601, 605; does count 610 and 606', async () => {
    const { caller } = await visit({ limits: { callsPer20s: 6 } })
    await caller.identity()
    await caller.raw('GET', path, undefined, { authorization: 'Bearer x' })
    expect(codeOf(await caller.post(path))).toBe('605')
    const used = await caller.get('/rest/v1/stats/usage.json')
    expect(used.result?.[0]?.['total']).toBe(0)
    expect(codeOf(await caller.get('/rest/v1/nothing.json'))).toBe('610')
    await codes(caller, 4)
    const after = await visitUsage(caller)
    expect(after).toEqual({
      counted: 6,
      errors: { 601: 1, 605: 1, 606: 1, 610: 1 },
    })
  })
})

/** From the state, because asking costs a call. */
async function visitUsage(caller: Caller): Promise<object> {
  const response = await fetch(`${caller.sandbox.endpoint}/sandbox/usage`)
  const { days = {} } = await answerOf(response)
  const [day] = Object.values(days)
  const counts = Object.values(day?.users ?? {})
  const counted = counts.reduce((sum, count) => sum + count, 0)
  return { counted, errors: day?.errors }
}

describe('usage', () => {
  it('names calls per user and errors per code, of seven days', async () => {
    const { caller, clock } = await visit()
    await codes(caller, 3)
    await caller.get('/rest/v1/nothing.json')
    clock.advance(86_400_000)
    caller.forgetToken()
    await codes(caller, 2)
    const usage = await caller.get('/rest/v1/stats/usage/last7days.json')
    expect(usage.result?.length).toBe(7)
    expect(usage.result?.[0]).toEqual({
      date: '2026-11-21',
      total: 2,
      users: [{ userId: 'pipeline-api@sandbox.example', count: 2 }],
    })
    expect(usage.result?.[1]).toMatchObject({ date: '2026-11-20', total: 4 })
    const errors = await caller.get('/rest/v1/stats/errors/last7days.json')
    expect(errors.result?.[1]).toMatchObject({
      total: 1,
      errors: [{ errorCode: '610', count: 1 }],
    })
  })
})

describe('the concurrency limit', () => {
  it('answers 615 to the eleventh open call', async () => {
    const { caller, clock } = await visit({ timing: { readLatency: [50, 50] } })
    await caller.token()
    const open = Array.from({ length: 11 }, () => caller.get(path))
    const late = await Promise.race(open)
    expect(codeOf(late)).toBe('615')
    clock.advance(60)
    const all = await Promise.all(open)
    expect(all.filter((answer) => answer.success).length).toBe(10)
    const next = caller.get(path)
    await new Promise((resolve) => setTimeout(resolve, 50))
    clock.advance(60)
    expect((await next).success).toBe(true)
  })
})

describe('sizes', () => {
  it('refuses a longer target by 414 and a bigger body by 413', async () => {
    const { caller } = await visit()
    const long = await caller.raw('GET', `${path}?x=${'a'.repeat(9000)}`)
    expect(long.status).toBe(414)
    const big = await caller.raw('POST', '/rest/v1/leads.json', {
      input: [{ email: 'a'.repeat(1_100_000) }],
    })
    expect(big.status).toBe(413)
  })

  it('takes a long query as a form by POST with _method=GET', async () => {
    const { caller } = await visitFile(
      'id,email\n1,a@x.example\n2,b@x.example\n',
    )
    const form = new URLSearchParams({
      filterType: 'email',
      filterValues: [
        'a@x.example',
        ...Array.from({ length: 295 }, () => 'nobody@x.example'),
      ].join(','),
    })
    const response = await caller.raw(
      'POST',
      '/rest/v1/leads.json?_method=GET',
      form.toString(),
      { 'content-type': 'application/x-www-form-urlencoded' },
    )
    const answer = await answerOf(response)
    expect(answer.result?.map(({ id }) => id)).toEqual([1])
  })
})

describe('every answer', () => {
  it('carries the sandbox’s own time', async () => {
    const { caller, clock } = await visit()
    clock.set('2027-01-05T06:07:08Z')
    const response = await caller.raw('GET', path)
    expect(response.headers.get('date')).toBe('Tue, 05 Jan 2027 06:07:08 GMT')
  })

  it('is compressed when asked for, when long and not bulk', async () => {
    const { caller } = await visit()
    const gzip = { 'accept-encoding': 'gzip' }
    const encoding = async (where: string) => {
      const response = await caller.raw('GET', where, undefined, gzip)
      await response.arrayBuffer()
      return response.headers.get('content-encoding')
    }
    expect(await encoding('/rest/v1/leads/describe2.json')).toBe('gzip')
    expect(await encoding(path)).toBeNull()
    expect(await encoding('/bulk/v1/leads/export.json')).toBeNull()
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/fault.js'
import { answerOf, codeOf, visit, visitFile, type Caller } from './caller.js'

const path = '/rest/v1/leads/partitions.json'
const mergePath = '/rest/v1/leads/1/merge.json?leadIds=2'
const csv = 'id,email\n1,a@x.example\n2,b@x.example\n3,c@x.example\n'

async function withFaults(faults: readonly Fault[]) {
  return await visitFile(csv, { faults })
}

async function leads(caller: Caller): Promise<number> {
  return (await caller.state()).leads.length
}

describe('a fault', () => {
  it('hits the calls it names, by path, number, and count', async () => {
    const { caller } = await withFaults([
      { kind: 'error', code: '713', match: { endpoint: 'partitions', nth: 2 } },
      {
        kind: 'error',
        code: '611',
        match: { endpoint: 'lists', after: 1, count: 1 },
      },
    ])
    const codes: unknown[] = []
    for (let i = 0; i < 3; i++) {
      codes.push(codeOf(await caller.get(path)))
      codes.push(codeOf(await caller.get('/rest/v1/lists.json')))
    }
    expect(codes).toEqual([
      undefined,
      undefined,
      '713',
      '611',
      undefined,
      undefined,
    ])
  })

  it('comes with its probability, the same for the same seed', async () => {
    const fault: Fault = {
      kind: 'error',
      code: '604',
      match: { probability: 0.3 },
    }
    const run = async () => {
      const { caller } = await withFaults([
        { ...fault, match: { ...fault.match, endpoint: 'partitions' } },
      ])
      const hits: boolean[] = []
      for (let i = 0; i < 60; i++)
        hits.push(codeOf(await caller.get(path)) === '604')
      return hits
    }
    const first = await run()
    expect(await run()).toEqual(first)
    const share = first.filter(Boolean).length / 60
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(0.5)
  })

  it('is added while the sandbox runs; a misspelt one is refused', async () => {
    const { caller } = await withFaults([])
    expect(await caller.faults([{ kind: 'empty-bodi' }])).toBe(400)
    expect(
      await caller.faults([
        { kind: 'empty-body', match: { endpoint: 'partitions' } },
      ]),
    ).toBe(200)
    expect(await (await caller.raw('GET', path)).text()).toBe('')
    const url = `${caller.sandbox.endpoint}/sandbox/faults`
    await fetch(url, { method: 'DELETE' })
    expect((await caller.get(path)).success).toBe(true)
    // As `curl -d` sends it.
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = JSON.stringify({ kind: 'empty-body' })
    const typed = await fetch(url, { method: 'POST', headers: form, body })
    expect(typed.status).toBe(200)
  })

  it('of transport breaks the answer in its own way', async () => {
    const { caller } = await withFaults([
      { kind: 'truncated-json', match: { endpoint: 'partitions', nth: 1 } },
      { kind: 'no-result', match: { endpoint: 'partitions', nth: 2 } },
      { kind: 'http', status: 502, match: { endpoint: 'partitions', nth: 3 } },
      { kind: 'empty-errors', match: { endpoint: 'partitions', nth: 4 } },
      {
        kind: 'numeric-codes',
        code: '606',
        match: { endpoint: 'partitions', nth: 5 },
      },
    ])
    const text = await (await caller.raw('GET', path)).text()
    expect(text.length).toBeGreaterThan(10)
    expect(() => void JSON.parse(text)).toThrow(SyntaxError)
    expect(Object.keys(await caller.get(path))).toEqual([
      'requestId',
      'success',
    ])
    const gateway = await caller.raw('GET', path)
    expect(gateway.status).toBe(502)
    expect(await gateway.text()).toMatch(/^<html>/)
    expect(await caller.get(path)).toMatchObject({ success: false, errors: [] })
    expect((await caller.get(path)).errors?.[0]?.code).toBe(606)
  })
})

describe('a write that goes wrong', () => {
  it('before it is applied changes nothing, and the log says so', async () => {
    const { caller } = await withFaults([
      { kind: 'reset-before', match: { endpoint: 'merge' } },
    ])
    await caller.token()
    await expect(caller.post(mergePath)).rejects.toThrow()
    expect(await leads(caller)).toBe(3)
    expect(await caller.writes()).toMatchObject([
      { endpoint: 'leads/{id}/merge', applied: false, fault: 'reset-before' },
    ])
  })

  it('after it is applied has changed the world once', async () => {
    for (const fault of [
      { kind: 'reset-after' },
      { kind: 'http-after', status: 504 },
      { kind: 'error-after', code: '604' },
      { kind: 'empty-body' },
      { kind: 'truncated-json' },
    ] satisfies Fault[]) {
      const { caller } = await withFaults([
        { ...fault, match: { endpoint: 'merge' } },
      ])
      await caller.token()
      await caller.raw('POST', mergePath).catch(() => null)
      expect(await leads(caller)).toBe(2)
      expect(await caller.writes()).toMatchObject([
        { applied: true, fault: fault.kind },
      ])
    }
  })

  it('is applied late, after the caller was told of a time-out', async () => {
    const { caller, clock } = await withFaults([
      {
        kind: 'late',
        seconds: 100,
        answer: '604',
        match: { endpoint: 'merge' },
      },
    ])
    expect(codeOf(await caller.post(mergePath))).toBe('604')
    expect(await leads(caller)).toBe(3)
    clock.advance(99_000)
    expect(await leads(caller)).toBe(3)
    clock.advance(1000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await leads(caller)).toBe(2)
    expect(await caller.writes()).toMatchObject([
      { applied: true, fault: 'late' },
    ])
  })

  it('answers too few records, or in another order, though all were applied', async () => {
    const { caller } = await withFaults([
      {
        kind: 'rows-missing',
        match: { endpoint: 'POST /rest/v1/leads.json', nth: 1 },
      },
      {
        kind: 'rows-shuffled',
        match: { endpoint: 'POST /rest/v1/leads.json', nth: 2 },
      },
    ])
    const input = [1, 2, 3].map((id) => ({ id, emailMd5: 'x' }))
    const body = { action: 'updateOnly', lookupField: 'id', input }
    const first = await caller.post('/rest/v1/leads.json', body)
    expect(first.result?.length).toBe(2)
    const second = await caller.post('/rest/v1/leads.json', body)
    expect(second.result?.map(({ id }) => id)).toHaveLength(3)
    expect(new Set(second.result?.map(({ id }) => id))).toEqual(
      new Set([1, 2, 3]),
    )
    expect(
      (await caller.state()).leads.every((lead) => lead['emailMd5'] === 'x'),
    ).toBe(true)
  })
})

describe('a token fault', () => {
  it('ends all tokens at once by 602, or 601 when revoked', async () => {
    const { caller } = await withFaults([
      { kind: 'token-expired', match: { endpoint: 'partitions', nth: 2 } },
      { kind: 'token-revoked', match: { endpoint: 'partitions', nth: 3 } },
    ])
    expect(codeOf(await caller.get(path))).toBeUndefined()
    expect(codeOf(await caller.get(path))).toBe('602')
    caller.forgetToken()
    expect(codeOf(await caller.get(path))).toBe('601')
    caller.forgetToken()
    expect(codeOf(await caller.get(path))).toBeUndefined()
  })

  it('gives a token that is about to die', async () => {
    const { caller } = await withFaults([
      {
        kind: 'token-short',
        seconds: 1,
        match: { endpoint: 'identity', nth: 1 },
      },
    ])
    expect((await answerOf(await caller.identity())).expires_in).toBe(0)
  })
})

const base = '/bulk/v1/leads/export'
const request = {
  fields: ['id', 'email', 'company'],
  filter: { staticListName: 'Newsletter' },
}

async function finished(faults: readonly Fault[]) {
  const { caller, clock } = await visit({ faults })
  const id = await caller.export(request)
  clock.advance(200_000)
  const { result } = await caller.get(`${base}/${id}/status.json`)
  return { caller, clock, id, job: result?.[0] }
}

function isWhole(bytes: Buffer, job: { [name: string]: unknown } | undefined) {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return job?.['fileChecksum'] === `sha256:${sha256}`
}

describe('an export that goes wrong', () => {
  it('fails, with and without a message, or never ends', async () => {
    const failed = await finished([
      { kind: 'job-failed', message: 'disk', match: { endpoint: 'enqueue' } },
    ])
    expect(failed.job).toMatchObject({ status: 'Failed', errorMsg: 'disk' })
    expect((await failed.caller.file(failed.id)).status).toBe(404)
    const silent = await finished([
      { kind: 'job-failed', match: { endpoint: 'enqueue' } },
    ])
    expect(silent.job).not.toHaveProperty('errorMsg')
    const stuck = await finished([
      { kind: 'job-stuck', match: { endpoint: 'enqueue' } },
    ])
    stuck.clock.advance(86_400_000)
    stuck.caller.forgetToken()
    const later = await stuck.caller.get(`${base}/${stuck.id}/status.json`)
    expect(later.result?.[0]?.['status']).toBe('Processing')
  })

  it('has a file that is missing, short, corrupt or cut, and then whole', async () => {
    const endpoint = 'file.json'
    const { caller, id, job } = await finished([
      { kind: 'file-missing', match: { endpoint, nth: 1 } },
      { kind: 'file-short', bytes: 7, match: { endpoint, nth: 2 } },
      { kind: 'file-corrupt', match: { endpoint, nth: 3 } },
      { kind: 'file-cut', bytes: 100, match: { endpoint, nth: 4 } },
    ])
    const size = Number(job?.['fileSize'])
    expect((await caller.file(id)).status).toBe(404)
    const short = await (await caller.file(id)).arrayBuffer()
    expect(short.byteLength).toBe(size - 7)
    const corrupt = Buffer.from(await (await caller.file(id)).arrayBuffer())
    expect(corrupt.length).toBe(size)
    expect(isWhole(corrupt, job)).toBe(false)
    await expect((await caller.file(id)).arrayBuffer()).rejects.toThrow()
    const whole = Buffer.from(await (await caller.file(id)).arrayBuffer())
    expect(isWhole(whole, job)).toBe(true)
  })

  it('ignores a range, or leaves out its last byte', async () => {
    const endpoint = 'file.json'
    const { caller, id, job } = await finished([
      { kind: 'range-ignored', match: { endpoint, nth: 1 } },
      { kind: 'range-short', match: { endpoint, nth: 2 } },
    ])
    const ignored = await caller.file(id, 'bytes=10-')
    expect(ignored.status).toBe(200)
    expect((await ignored.arrayBuffer()).byteLength).toBe(job?.['fileSize'])
    const short = await caller.file(id, 'bytes=10-19')
    expect((await short.arrayBuffer()).byteLength).toBe(9)
  })

  it('has dirt in its rows that its checksum confirms', async () => {
    for (const dirt of [
      'duplicate-row',
      'missing-column',
      'bare-quote',
      'row-count',
    ] as const) {
      const { caller, id, job } = await finished([
        { kind: 'job-dirty', dirt, match: { endpoint: 'enqueue' } },
      ])
      const bytes = Buffer.from(await (await caller.file(id)).arrayBuffer())
      expect(isWhole(bytes, job)).toBe(true)
      const lines = bytes.toString().split('\n')
      const second = lines[1] ?? ''
      if (dirt === 'duplicate-row') expect(lines[2]).toBe(second)
      if (dirt === 'missing-column')
        expect(second.split(',').length).toBeLessThan(3)
      if (dirt === 'bare-quote') expect(second).toContain('"a "b" c"')
    }
  })
})

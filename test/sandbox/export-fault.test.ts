import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dirts, type Dirt } from '../../src/sandbox/dirt.js'
import type { Fault } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { codeOf, visit, visitFile, type Caller } from './caller.js'
import type { ManualClock } from './manual-clock.js'

const base = '/bulk/v1/leads/export'

const csv = `id,email,leadScore,createdAt,lastName
1,a@x.example,3,2026-11-01T00:00:00Z,Ann
2,b@x.example,4,2026-11-02T00:00:00Z,Bob
3,c@x.example,5,2026-11-03T00:00:00Z,Cid
`

const request = {
  fields: ['id', 'email', 'leadScore', 'lastName'],
  filter: {
    createdAt: {
      startAt: '2026-11-01T00:00:00Z',
      endAt: '2026-11-03T00:00:00Z',
    },
  },
}

interface Done {
  readonly caller: Caller
  readonly clock: ManualClock
  readonly id: string
  readonly job: Readonly<Record<string, unknown>>
}

async function status(caller: Caller, id: string) {
  const answer = await caller.get(`${base}/${id}/status.json`)
  return answer.result?.[0] ?? {}
}

/** One export, four minutes later. */
async function finished(
  faults: readonly Fault[],
  options: Partial<SandboxOptions> = {},
): Promise<Done> {
  const { caller, clock } = await visitFile(csv, { faults, ...options })
  const id = await caller.export(request)
  clock.advance(240_000)
  return { caller, clock, id, job: await status(caller, id) }
}

async function hits(caller: Caller): Promise<unknown> {
  const response = await fetch(`${caller.sandbox.endpoint}/sandbox/faults`)
  const body: unknown = await response.json()
  return typeof body === 'object' && body !== null && 'hits' in body
    ? body.hits
    : null
}

describe('a job that goes wrong', () => {
  it('is cancelled by somebody in the middle', async () => {
    const { caller, id, job } = await finished([{ kind: 'job-cancelled' }])
    expect(job).toMatchObject({ status: 'Cancelled' })
    expect((await caller.file(id)).status).toBe(404)
    expect(await hits(caller)).toEqual({ 'job-cancelled': 1 })
  })

  it('vanishes from the status and from the list, and takes no slot', async () => {
    const limits = { exportsQueued: 1 }
    const faults: Fault[] = [{ kind: 'job-vanished', match: { nth: 1 } }]
    const { caller, clock } = await visitFile(csv, { faults, limits })
    const gone = await caller.export(request)
    const path = `${base}/${gone}/status.json`
    expect(codeOf(await caller.get(path))).toBe('1013')
    const kept = await caller.export(request)
    clock.advance(240_000)
    expect((await caller.get(`${base}.json`)).result).toMatchObject([
      { exportId: kept, status: 'Completed' },
    ])
  })

  it('completes without ever having a file', async () => {
    const { caller, clock, id, job } = await finished([
      { kind: 'job-fileless' },
    ])
    expect(job).toMatchObject({ status: 'Completed', numberOfRecords: 3 })
    clock.advance(3_000_000)
    expect((await caller.file(id)).status).toBe(404)
  })

  it('stays queued while the next ones pass, for a time or for good', async () => {
    const { caller, clock, id } = await finished([
      { kind: 'job-stuck', state: 'Queued', seconds: 600, match: { nth: 1 } },
      { kind: 'job-stuck', state: 'Queued', match: { nth: 2 } },
    ])
    const never = await caller.export(request)
    const passing = await caller.export(request)
    clock.advance(240_000)
    expect(await status(caller, passing)).toMatchObject({ status: 'Completed' })
    expect(await status(caller, id)).toMatchObject({ status: 'Queued' })
    clock.advance(600_000)
    expect(await status(caller, id)).toMatchObject({ status: 'Completed' })
    expect(await status(caller, never)).toMatchObject({ status: 'Queued' })
  })

  it('stays in processing for a time', async () => {
    const { caller, clock, id, job } = await finished([
      { kind: 'job-stuck', seconds: 1000 },
    ])
    expect(job).toMatchObject({ status: 'Processing' })
    clock.advance(1_000_000)
    expect(await status(caller, id)).toMatchObject({ status: 'Completed' })
  })
})

/** The header, the first row and all bytes of a file with this dirt. */
async function dirty(dirt: Dirt) {
  const done = await finished([{ kind: 'job-dirty', dirt }])
  const bytes = Buffer.from(
    await (await done.caller.file(done.id)).arrayBuffer(),
  )
  const text = bytes.toString('latin1')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { ...done, bytes, text, sha256 }
}

const shapes: Partial<Record<Dirt, RegExp>> = {
  'row-twin': /(\d),(.*),(.*)\n\1,\2,another\n/,
  'row-twice': /(\d.*)\n\1\n/,
  'extra-column': /^\d,.*,.*,.*,extra$/m,
  'open-quote': /^\d,.*,"never closed\n\d/m,
  nul: /^\d,.*,nul\0byte$/m,
  'bare-cr': /^\d,.*,bare\rreturn\n/m,
  'line-separator': /a\xe2\x80\xa8b/,
  newline: /"two\nlines, ""one"" cell\r\nthree"/,
  'long-cell': /,x{30000}\n/,
  'null-text': /^\d,.*,NULL$/m,
  'invalid-utf8': /,bad\xffbyte\n/,
  decimal: /^\d,.*,12\.50,.*$/m,
  crlf: /^\d,.*\r\n\d/m,
  bom: /^\xef\xbb\xbfid,/,
  'reordered-columns': /^lastName,leadScore,email,id\n(?:Ann|Bob|Cid),/,
  'dropped-column': /^id,email,leadScore\n\d,.*,\d\n/,
  'no-header': /^\d,/,
}

describe('a file with dirt', () => {
  it('has it where it is asked for, with size and digest that agree', async () => {
    for (const dirt of dirts) {
      const shape = shapes[dirt]
      if (shape === undefined) continue
      const { text, job, bytes, sha256 } = await dirty(dirt)
      expect(text, dirt).toMatch(shape)
      expect(job).toMatchObject({
        numberOfRecords: dirt.startsWith('row-tw') ? 4 : 3,
        fileSize: bytes.length,
        fileChecksum: `sha256:${sha256}`,
      })
    }
  })

  it('has a status that tells another size or digest, or none', async () => {
    const size = await dirty('size')
    expect(size.job['fileSize']).toBe(size.bytes.length + 1)
    const checksum = await dirty('checksum')
    expect(checksum.job['fileChecksum']).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(checksum.job['fileChecksum']).not.toBe(`sha256:${checksum.sha256}`)
    expect((await dirty('no-checksum')).job).not.toHaveProperty('fileChecksum')
    const md5 = await dirty('md5-checksum')
    expect(md5.job['fileChecksum']).toMatch(/^md5:[0-9a-f]{32}$/)
    expect(await hits(md5.caller)).toEqual({ 'job-dirty md5-checksum': 1 })
  })
})

describe('a download that goes wrong', () => {
  it('ends in the middle, and so does every token', async () => {
    const { caller, id, job } = await finished([
      { kind: 'file-expired', bytes: 10, match: { nth: 1 } },
    ])
    await expect((await caller.file(id)).arrayBuffer()).rejects.toThrow()
    const refused = await caller.get(`${base}/${id}/status.json`)
    expect(codeOf(refused)).toBe('602')
    caller.forgetToken()
    const rest = await caller.file(id, 'bytes=10-')
    expect((await rest.arrayBuffer()).byteLength).toBe(
      Number(job['fileSize']) - 10,
    )
  })

  it('has a forged range', async () => {
    const { caller, id } = await finished([
      { kind: 'range-forged', start: 3, match: { nth: 1 } },
      { kind: 'range-forged', total: 9999, match: { nth: 2 } },
    ])
    // Whole files do not count: the fault is of ranges.
    await (await caller.file(id)).arrayBuffer()
    const start = await caller.file(id, 'bytes=5-9')
    expect(start.headers.get('content-range')).toMatch(/^bytes 3-7\//)
    const total = await caller.file(id, 'bytes=5-9')
    expect(total.headers.get('content-range')).toBe('bytes 5-9/9999')
  })

  it('drips at the pace that is asked for', async () => {
    const { caller, clock, id } = await finished([
      { kind: 'drip', bytesPerSecond: 20, match: { endpoint: 'file', nth: 1 } },
    ])
    const reader = (await caller.file(id)).body?.getReader()
    const first = await reader?.read()
    expect(Buffer.from(first?.value ?? []).length).toBe(20)
    clock.advance(1000)
    const second = await reader?.read()
    expect(Buffer.from(second?.value ?? []).length).toBe(20)
    await reader?.cancel()
  })
})

describe('the hits of faults', () => {
  it('are of calls that could be hit, and stay when faults are removed', async () => {
    const { caller, clock } = await visit({
      limits: { exportsQueued: 1 },
      faults: [
        { kind: 'job-failed', match: { nth: 2 } },
        { kind: 'file-cut', bytes: 5, match: { count: 1 } },
        { kind: 'range-ignored' },
      ],
    })
    const first = await caller.export(request)
    // Refused because the queue is full, so the second is still to come.
    await caller.export(request)
    expect(await hits(caller)).toMatchObject({ 'job-failed': 0 })
    clock.advance(240_000)
    await (await caller.file('unknown')).arrayBuffer()
    await expect((await caller.file(first)).arrayBuffer()).rejects.toThrow()
    const second = await caller.export(request)
    clock.advance(240_000)
    expect(await status(caller, second)).toMatchObject({ status: 'Failed' })
    const control = `${caller.sandbox.endpoint}/sandbox/faults`
    await fetch(control, { method: 'DELETE' })
    expect(await hits(caller)).toEqual({ 'job-failed': 1, 'file-cut': 1 })
  })

  it('name an answer of 429 with its wait', async () => {
    const { caller } = await visit({
      faults: [
        {
          kind: 'http',
          status: 429,
          retryAfter: 7,
          match: { endpoint: 'partitions' },
        },
      ],
    })
    const path = '/rest/v1/leads/partitions.json'
    const answer = await caller.raw('GET', path)
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('7')
  })
})

describe('a page of activities', () => {
  it('may be empty although there are more', async () => {
    const { caller } = await visit({
      faults: [{ kind: 'empty-page', match: { count: 2 } }],
    })
    const since =
      '/rest/v1/activities/pagingtoken.json?sinceDatetime=2020-01-01'
    const { nextPageToken = '' } = await caller.get(since)
    let token = nextPageToken
    for (let i = 0; i < 2; i++) {
      const empty = await caller.get(`${activities}${token}`)
      expect(empty).toMatchObject({ success: true, moreResult: true })
      expect(empty.result).toBeUndefined()
      expect(empty.nextPageToken).not.toBe(token)
      token = empty.nextPageToken ?? ''
    }
    const full = await caller.get(`${activities}${token}`)
    expect(full.result).toHaveLength(200)
  })
})

const activities = '/rest/v1/activities.json?activityTypeIds=12&nextPageToken='

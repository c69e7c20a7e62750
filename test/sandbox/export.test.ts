import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { answerOf, codeOf, visit, visitFile, type Caller } from './caller.js'

const base = '/bulk/v1/leads/export'
const all = {
  createdAt: { startAt: '2026-10-25T00:00:00Z', endAt: '2026-11-20T00:00:00Z' },
}
const request = { fields: ['id', 'email', 'firstName'], filter: all }

function times(count: number, text: string): string[] {
  return Array.from({ length: count }, () => text)
}

function range(startAt: string, endAt: string): object {
  return { createdAt: { startAt, endAt } }
}

async function status(caller: Caller, id: string) {
  return (await caller.get(`${base}/${id}/status.json`)).result?.[0]
}

const csv = `id,email,lastName,unsubscribed,leadScore,createdAt,updatedAt
1,a@x.example,"O""Brien, Ann",true,7,2026-11-01T00:00:00Z,2026-11-01T00:00:00Z
2,null,null,null,null,2026-11-02T00:00:00Z,2026-11-05T00:00:00Z
3,c@x.example,"two
lines",false,0,2026-11-03T00:00:00Z,2026-11-06T00:00:00Z
`

describe('the life of an export job', () => {
  it('goes from created over queued and processing to completed', async () => {
    const { caller, clock } = await visitFile(csv)
    const created = await caller.post(`${base}/create.json`, request)
    const job = created.result?.[0]
    expect(Object.keys(job ?? {})).toEqual([
      'exportId',
      'format',
      'status',
      'createdAt',
    ])
    const id = String(job?.['exportId'])
    const queued = await caller.post(`${base}/${id}/enqueue.json`)
    expect(queued.result?.[0]).toMatchObject({
      status: 'Queued',
      queuedAt: '2026-11-20T15:00:00Z',
    })
    expect((await caller.file(id)).status).toBe(404)
    clock.advance(60_000)
    expect(await status(caller, id)).toMatchObject({ status: 'Processing' })
    clock.advance(60_000)
    const done = await status(caller, id)
    expect(done).toMatchObject({ status: 'Completed', numberOfRecords: 3 })
    const bytes = Buffer.from(await (await caller.file(id)).arrayBuffer())
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(done?.['fileSize']).toBe(bytes.length)
    expect(done?.['fileChecksum']).toBe(`sha256:${sha256}`)
  })

  it('shows a status that is up to 60 s old', async () => {
    const { caller, clock } = await visitFile(csv)
    const id = await caller.export(request)
    clock.advance(59_000)
    expect((await status(caller, id))?.['status']).toBe('Created')
    const list = await caller.get(`${base}.json`)
    expect(list.result?.[0]?.['status']).toBe('Created')
    const again = await caller.post(`${base}/${id}/enqueue.json`)
    expect(again.errors?.[0]).toEqual({
      code: '1029',
      message: 'Job already queued',
    })
    clock.advance(1000)
    expect((await status(caller, id))?.['status']).toBe('Processing')
  })

  it('processes two at a time, queues ten, and refuses the eleventh', async () => {
    const { caller, clock } = await visitFile(csv, {
      limits: { callsPer20s: 1000 },
    })
    const ids: string[] = []
    for (let i = 0; i < 10; i++) ids.push(await caller.export(request))
    const more = await caller.post(`${base}/create.json`, request)
    const last = String(more.result?.[0]?.['exportId'])
    const refused = await caller.post(`${base}/${last}/enqueue.json`)
    expect(refused.errors?.[0]).toEqual({
      code: '1029',
      message: 'Too many jobs in queue',
    })
    clock.advance(60_000)
    const states = await Promise.all(
      ids.map(async (id) => (await status(caller, id))?.['status']),
    )
    expect(states).toEqual(['Processing', 'Processing', ...times(8, 'Queued')])
    expect(
      (await caller.post(`${base}/${ids[0]}/cancel.json`)).result?.[0],
    ).toMatchObject({ status: 'Cancelled' })
    expect((await caller.post(`${base}/${last}/enqueue.json`)).success).toBe(
      true,
    )
    clock.advance(600_000)
    const ended = await Promise.all(
      [...ids, last].map(async (id) => (await status(caller, id))?.['status']),
    )
    expect(ended).toEqual(['Cancelled', ...times(10, 'Completed')])
  })

  it('refuses create and enqueue by 1029 when the day’s bytes are used', async () => {
    const { caller, clock } = await visitFile(csv, {
      limits: { exportBytesPerDay: 50 },
    })
    const waiting = await caller.post(`${base}/create.json`, request)
    await caller.export(request)
    clock.advance(200_000)
    const refused = await caller.post(`${base}/create.json`, request)
    expect(refused.errors?.[0]).toMatchObject({ code: '1029' })
    expect(refused.errors?.[0]?.message).toMatch(/daily quota/)
    const id = String(waiting.result?.[0]?.['exportId'])
    expect(codeOf(await caller.post(`${base}/${id}/enqueue.json`))).toBe('1029')
    clock.set('2026-11-21T06:00:00Z')
    caller.forgetToken()
    expect((await caller.post(`${base}/${id}/enqueue.json`)).success).toBe(true)
  })

  it('reads leads and lists as they are when processing starts', async () => {
    const { caller, clock } = await visitFile(csv)
    const filter = { staticListName: 'Empty list' }
    const id = await caller.export({ fields: ['id', 'leadScore'], filter })
    await caller.post('/rest/v1/lists/1004/leads.json?id=1,3')
    clock.advance(30_000)
    await caller.get(`${base}.json`)
    const input = [{ id: 1, leadScore: 99 }]
    await caller.post('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input,
    })
    clock.advance(100_000)
    const text = await (await caller.file(id)).text()
    expect(text.trim().split('\n').toSorted()).toEqual([
      '1,7',
      '3,0',
      'id,leadScore',
    ])
  })

  it('is seen by its own API user only', async () => {
    const clients = [
      { id: 'a', secret: 'x', user: 'a@example.com' },
      { id: 'b', secret: 'y', user: 'b@example.com' },
    ]
    const { caller, clock } = await visitFile(csv, { clients })
    const id = await caller.export(request)
    clock.advance(200_000)
    const other = { client_id: 'b', client_secret: 'y' }
    const { access_token } = await answerOf(await caller.identity(other))
    const headers = { authorization: `Bearer ${access_token}` }
    const ask = (path: string) => caller.raw('GET', path, undefined, headers)
    expect(codeOf(await answerOf(await ask(`${base}/${id}/status.json`)))).toBe(
      '1013',
    )
    expect((await ask(`${base}/${id}/file.json`)).status).toBe(404)
    expect((await answerOf(await ask(`${base}.json`))).result).toEqual([])
  })

  it('keeps its file for seven days and its list entry too', async () => {
    const { caller, clock } = await visitFile(csv)
    const id = await caller.export(request)
    clock.advance(6 * 86_400_000)
    caller.forgetToken()
    expect((await caller.file(id)).status).toBe(200)
    expect(
      (await caller.get(`${base}.json?status=completed`)).result?.length,
    ).toBe(1)
    clock.advance(2 * 86_400_000)
    caller.forgetToken()
    expect((await caller.file(id)).status).toBe(404)
    expect((await caller.get(`${base}.json`)).result).toEqual([])
  })
})

describe('what an export may ask for', () => {
  it('is exactly one filter, known fields, at most 31 days, Z or offset', async () => {
    const { caller } = await visitFile(csv)
    const create = async (body: object) =>
      codeOf(await caller.post(`${base}/create.json`, body))
    const from = '2026-10-01T00:00:00Z'
    expect(await create({ fields: ['id'] })).toBe('1003')
    expect(
      await create({ fields: ['id'], filter: { ...all, staticListId: 1001 } }),
    ).toBe('1003')
    expect(await create({ fields: ['id', 'nonsense'], filter: all })).toBe(
      '1003',
    )
    expect(await create({ filter: all })).toBe('1002')
    expect(
      await create({
        fields: ['id'],
        filter: range(from, '2026-11-01T00:00:01Z'),
      }),
    ).toBe('1003')
    expect(
      await create({
        fields: ['id'],
        filter: range(from, '2026-11-01T00:00:00Z'),
      }),
    ).toBeUndefined()
    expect(
      await create({
        fields: ['id'],
        filter: range(from, '2026-09-01T00:00:00Z'),
      }),
    ).toBe('1003')
    expect(
      await create({ fields: ['id'], filter: { staticListName: 'Nobody' } }),
    ).toBe('1013')
    expect(
      await create({
        fields: ['id'],
        filter: range('2026-11-01T00:00:00+02:00', '2026-11-02'),
      }),
    ).toBeUndefined()
  })

  it('leaves out updatedAt and smart lists where they are not enabled', async () => {
    const { caller } = await visitFile(csv, {
      behaviour: { updatedAtFilter: false, smartListFilter: false },
    })
    const create = async (filter: object) =>
      codeOf(
        await caller.post(`${base}/create.json`, { fields: ['id'], filter }),
      )
    expect(await create({ updatedAt: all.createdAt })).toBe('1035')
    expect(await create({ smartListId: 1045 })).toBe('1035')
    expect(await create(all)).toBeUndefined()
  })
})

async function rows(caller: Caller, id: string): Promise<string[]> {
  const text = await (await caller.file(id)).text()
  return text.trim().split('\n')
}

describe('an export’s file', () => {
  it('writes null for empty, quotes what needs it, and keeps newlines', async () => {
    const { caller, clock } = await visitFile(csv)
    const fields = [
      'id',
      'email',
      'lastName',
      'unsubscribed',
      'leadScore',
      'createdAt',
    ]
    const id = await caller.export({
      fields,
      filter: all,
      columnHeaderNames: { email: 'Email Address' },
    })
    clock.advance(200_000)
    const text = await (await caller.file(id)).text()
    expect(text.split('\n')[0]).toBe(
      'id,Email Address,lastName,unsubscribed,leadScore,createdAt',
    )
    expect(text).toContain(
      '1,a@x.example,"O""Brien, Ann",true,7,2026-11-01T00:00:00Z\n',
    )
    expect(text).toContain('2,null,null,null,null,2026-11-02T00:00:00Z\n')
    expect(text).toContain(
      '3,c@x.example,"two\nlines",false,0,2026-11-03T00:00:00Z\n',
    )
    expect(text.endsWith('\n')).toBe(true)
  })

  it('holds both ends of its window, by whole seconds', async () => {
    const { caller, clock } = await visitFile(csv)
    const filter = {
      createdAt: {
        startAt: '2026-11-01T00:00:00Z',
        endAt: '2026-11-02T00:00:00Z',
      },
    }
    const id = await caller.export({ fields: ['id'], filter })
    clock.advance(200_000)
    expect((await rows(caller, id)).toSorted()).toEqual(['1', '2', 'id'])
  })

  it('finds by updatedAt the latest change of any field, custom ones too', async () => {
    const { caller, clock } = await visitFile(csv)
    clock.advance(1000)
    const input = [{ id: 1, emailSha256: 'abc' }]
    await caller.post('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input,
    })
    const filter = {
      updatedAt: {
        startAt: '2026-11-20T15:00:00Z',
        endAt: '2026-11-20T16:00:00Z',
      },
    }
    const id = await caller.export({ fields: ['id', 'updatedAt'], filter })
    clock.advance(200_000)
    expect(await rows(caller, id)).toEqual([
      'id,updatedAt',
      '1,2026-11-01T00:00:00Z',
    ])
  })

  it('of no leads is its header', async () => {
    const { caller, clock } = await visitFile(csv)
    const id = await caller.export({
      fields: ['id', 'email'],
      filter: { staticListId: 1004 },
    })
    clock.advance(200_000)
    expect(await rows(caller, id)).toEqual(['id,email'])
    expect(await status(caller, id)).toMatchObject({
      numberOfRecords: 0,
      fileSize: 9,
    })
  })

  it('comes in ranges that join to the whole', async () => {
    const { caller, clock } = await visit()
    const id = await caller.export({
      fields: ['id', 'email', 'company'],
      filter: { staticListName: 'Newsletter' },
    })
    clock.advance(200_000)
    const whole = Buffer.from(await (await caller.file(id)).arrayBuffer())
    const first = await caller.file(id, 'bytes=0-99')
    expect(first.status).toBe(206)
    expect(first.headers.get('content-range')).toBe(
      `bytes 0-99/${whole.length}`,
    )
    expect(first.headers.get('accept-ranges')).toBe('bytes')
    const rest = await caller.file(id, 'bytes=100-')
    const joined = Buffer.concat([
      Buffer.from(await first.arrayBuffer()),
      Buffer.from(await rest.arrayBuffer()),
    ])
    expect(joined.equals(whole)).toBe(true)
    const tail = await caller.file(id, 'bytes=-5')
    expect(await tail.text()).toBe(whole.subarray(-5).toString())
    expect((await caller.file(id, `bytes=${whole.length}-`)).status).toBe(416)
  })
})

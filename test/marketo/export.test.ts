import { describe, expect, it } from 'vitest'
import { bad, client, failure, good, handled, stage } from './stage.js'

const exportId = '4f2b9115-0000-4000-8000-000000000001'
const created = {
  exportId,
  format: 'CSV',
  status: 'Created',
  createdAt: '2026-11-20T20:10:43Z',
}
const completed = {
  ...created,
  status: 'Completed',
  startedAt: '2026-11-20T20:13:49Z',
  finishedAt: '2026-11-20T20:15:28Z+0000',
  numberOfRecords: 59,
  fileSize: 74_436,
  fileChecksum: `sha256:${'AB'.repeat(32)}`,
}
const window = {
  kind: 'updatedAt',
  startAt: '2026-11-01T00:00:00.000Z',
  endAt: '2026-11-30T23:59:59.999Z',
} as const

describe('export jobs', () => {
  it('are created with times without a fraction', async () => {
    const { endpoint, seen } = await stage(({ path }) =>
      path.endsWith('create.json') ? good([created]) : undefined,
    )
    const fields = ['id', 'email']
    const { marketo } = client(endpoint)
    const job = await marketo.createExport({ fields, filter: window })
    expect(job).toMatchObject({ exportId, state: 'created', rows: null })
    const sent = seen.find(({ path }) => path.includes('create'))
    expect(sent?.path).toBe('/bulk/v1/leads/export/create.json')
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      fields,
      format: 'CSV',
      filter: {
        updatedAt: {
          startAt: '2026-11-01T00:00:00Z',
          endAt: '2026-11-30T23:59:59Z',
        },
      },
    })
  })

  it('are asked for by the id of a list', async () => {
    const { endpoint, seen } = await stage(({ path }) =>
      path.endsWith('create.json') ? good([created]) : undefined,
    )
    const { marketo } = client(endpoint)
    for (const kind of ['staticList', 'smartList'] as const) {
      const filter = { kind, listId: '1045' }
      await marketo.createExport({ fields: ['id'], filter })
      expect(JSON.parse(seen.at(-1)?.body ?? '')).toMatchObject({
        filter: { [`${kind}Id`]: 1045 },
      })
    }
  })

  it('B1: are not created again after a lost answer', async () => {
    const { endpoint, count } = await stage(({ path, response }) => {
      if (!path.endsWith('create.json')) return undefined
      response.destroy()
      return handled
    })
    const { marketo } = client(endpoint)
    const create = marketo.createExport({ fields: ['id'], filter: window })
    expect(await failure(create)).toMatchObject({ outcome: 'ambiguous' })
    expect(count('create')).toBe(1)
  })

  it('are created again where Marketo says that it did not', async () => {
    const answers = [bad('606'), bad('615'), good([created])]
    const { endpoint } = await stage(({ path }, nth) =>
      path.endsWith('create.json') ? answers[nth - 1] : undefined,
    )
    const { marketo } = client(endpoint)
    const job = await marketo.createExport({ fields: ['id'], filter: window })
    expect(job.exportId).toBe(exportId)
  })

  it.each([
    [
      bad('1035', 'Unsupported filter type'),
      'filter_unsupported',
      'row_failed',
    ],
    [
      bad('1029', 'Export daily quota 500MB exceeded.'),
      'export_quota',
      'rejected',
    ],
    [bad('1003', 'Invalid fields'), 'refused', 'row_failed'],
    [bad('1013', 'List not found'), 'not_found', 'row_failed'],
    [{ success: true }, 'unavailable', 'ambiguous'],
  ])('are refused as %j by the name %s', async (answer, code, outcome) => {
    const { endpoint } = await stage(({ path }) =>
      path.endsWith('create.json') ? answer : undefined,
    )
    const { marketo } = client(endpoint)
    const create = marketo.createExport({ fields: ['id'], filter: window })
    expect(await failure(create)).toMatchObject({ code, outcome })
  })

  it('B2: are enqueued again after a lost answer, and queued once', async () => {
    const { endpoint, count } = await stage(({ path, response }, nth) => {
      if (path.endsWith('status.json')) return good([created])
      if (!path.endsWith('enqueue.json')) return undefined
      if (nth > 1) return bad('1029', 'Job already queued')
      response.destroy()
      return handled
    })
    const job = await client(endpoint).marketo.enqueueExport(exportId)
    // The status is a snapshot and lags; the queue has the job.
    expect(job.state).toBe('queued')
    expect(count('enqueue')).toBe(2)
  })

  it('B3: are left to the caller where the queue is full', async () => {
    const { endpoint, count } = await stage(({ path }) =>
      path.endsWith('enqueue.json')
        ? bad('1029', 'Too many jobs in queue')
        : undefined,
    )
    const error = await failure(
      client(endpoint).marketo.enqueueExport(exportId),
    )
    expect(error).toMatchObject({ code: 'queue_full', recovery: 'wait' })
    expect(count('enqueue')).toBe(1)
  })

  it('are read when completed', async () => {
    const { endpoint } = await stage(({ path }) =>
      path.endsWith('status.json') ? good([completed]) : undefined,
    )
    expect(await client(endpoint).marketo.exportJob(exportId)).toEqual({
      exportId,
      state: 'completed',
      createdAt: '2026-11-20T20:10:43.000Z',
      startedAt: '2026-11-20T20:13:49.000Z',
      finishedAt: '2026-11-20T20:15:28.000Z',
      rows: 59,
      bytes: 74_436,
      sha256: 'ab'.repeat(32),
      error: null,
    })
  })

  it('C6: have no checksum where the algorithm is another', async () => {
    const other = { ...completed, fileChecksum: `md5:${'ab'.repeat(16)}` }
    const { endpoint } = await stage(({ path }) =>
      path.endsWith('status.json') ? good([other]) : undefined,
    )
    const job = await client(endpoint).marketo.exportJob(exportId)
    expect(job.sha256).toBeNull()
  })

  it('B6: are cancelled in either spelling, on any page of the list', async () => {
    const { endpoint } = await stage(({ path, query }) => {
      if (!path.endsWith('/export.json')) return undefined
      return query.get('nextPageToken')
        ? good([{ ...created, status: 'Canceled' }])
        : good([{ ...created, status: 'cancelled' }], {
            nextPageToken: 'N==',
            moreResult: true,
          })
    })
    const jobs = await client(endpoint).marketo.exportJobs()
    expect(jobs.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  })

  it('are asked for again where the list comes without a result', async () => {
    const { endpoint } = await stage(({ path }, nth) => {
      if (!path.endsWith('/export.json')) return undefined
      return nth < 3 ? { success: true } : good([created])
    })
    const jobs = await client(endpoint).marketo.exportJobs()
    expect(jobs.map(({ state }) => state)).toEqual(['created'])
  })

  it('are as good as cancelled when they are over', async () => {
    const { endpoint } = await stage(({ path }) => {
      if (path.endsWith('cancel.json')) return bad('1003', 'Not cancellable')
      return path.endsWith('status.json') ? good([completed]) : undefined
    })
    const cancel = client(endpoint).marketo.cancelExport(exportId)
    await expect(cancel).resolves.toBeUndefined()
  })

  it('are not believed in a state that is not known', async () => {
    const { endpoint } = await stage(({ path }, nth) => {
      if (!path.endsWith('status.json')) return undefined
      return good([{ ...created, status: nth < 3 ? 'Baking' : 'Queued' }])
    })
    const job = await client(endpoint).marketo.exportJob(exportId)
    expect(job.state).toBe('queued')
  })
})

describe('activities', () => {
  const merge = {
    marketoGUID: 'g1',
    leadId: 9,
    activityDate: '2026-11-20T20:10:43+0000',
    activityTypeId: 32,
    primaryAttributeValueId: 9,
    attributes: [{ name: 'Merge IDs', value: '[8]' }],
  }

  it('come in pages that may be empty while more is to come', async () => {
    const { endpoint, seen } = await stage(({ path, query }) => {
      if (path.includes('pagingtoken'))
        return good(undefined, { nextPageToken: 'A+/=' })
      if (!path.includes('/activities.json')) return undefined
      return query.get('nextPageToken') === 'A+/='
        ? { success: true, nextPageToken: 'B==', moreResult: true }
        : good([merge], { nextPageToken: 'C==', moreResult: false })
    })
    const { marketo } = client(endpoint)
    const since = '2026-11-01T00:00:00+02:00'
    const token = await marketo.pagingToken(since)
    const first = await marketo.activities(token, [12, 32])
    expect(first).toEqual({ activities: [], nextPageToken: 'B==', more: true })
    const second = await marketo.activities(first.nextPageToken, [12, 32])
    expect(second).toEqual({
      nextPageToken: 'C==',
      more: false,
      activities: [
        {
          guid: 'g1',
          leadId: '9',
          date: '2026-11-20T20:10:43.000Z',
          typeId: 32,
          primaryValue: null,
          attributes: { 'Merge IDs': '[8]' },
        },
      ],
    })
    const asked = seen.filter(({ path }) => path.includes('activities'))
    expect(asked[0]?.query.get('sinceDatetime')).toBe(since)
    expect(asked[1]?.query.get('activityTypeIds')).toBe('12,32')
  })

  it('are asked for again where an answer tells neither of any nor of more', async () => {
    const { endpoint, count } = await stage(({ path }, nth) => {
      if (!path.includes('deletedleads')) return undefined
      return nth < 2
        ? { success: true }
        : { success: true, nextPageToken: 'E==', moreResult: false }
    })
    const page = await client(endpoint).marketo.deletedLeads('A')
    expect(page).toEqual({ activities: [], nextPageToken: 'E==', more: false })
    expect(count('deletedleads')).toBeGreaterThan(1)
  })

  it('tell of deleted leads', async () => {
    const { endpoint } = await stage(({ path }) =>
      path.includes('deletedleads')
        ? good(
            [{ ...merge, id: 5, marketoGUID: undefined, activityTypeId: 37 }],
            {
              nextPageToken: 'D==',
              moreResult: false,
            },
          )
        : undefined,
    )
    const page = await client(endpoint).marketo.deletedLeads('A')
    expect(page.activities).toMatchObject([
      { guid: '5', leadId: '9', typeId: 37 },
    ])
  })
})

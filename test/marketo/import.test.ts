import { describe, expect, it } from 'vitest'
import {
  bad,
  client as connected,
  failure,
  good,
  handled,
  stage,
} from './stage.js'

const client = (endpoint: string) => connected(endpoint).marketo

const file = { text: 'id,title\n1,Boss\n', hidden: ['Boss'] }
const queued = good([{ batchId: 3404, importId: '3404', status: 'Queued' }])

describe('the client of bulk imports', () => {
  it('sends the file as a form, for updates by id alone', async () => {
    const { endpoint, seen } = await stage(({ path }) =>
      path === '/bulk/v1/leads.json' ? queued : undefined,
    )
    const job = await client(endpoint).submitImport(file)
    expect(job).toEqual({
      batchId: '3404',
      state: 'queued',
      imported: null,
      failed: null,
      warned: null,
    })
    const call = seen.find(({ path }) => path === '/bulk/v1/leads.json')
    expect([...(call?.query ?? [])]).toEqual([
      ['format', 'csv'],
      ['lookupField', 'id'],
    ])
    expect(call?.headers['content-type']).toBe(
      'multipart/form-data; boundary=pipeline-file',
    )
    expect(call?.body).toBe(
      `--pipeline-file\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\nContent-Type: text/csv\r\n\r\n${file.text}\r\n--pipeline-file--\r\n`,
    )
  })

  it('takes another boundary where the file holds the usual one', async () => {
    const { endpoint, seen } = await stage(({ path }) =>
      path.startsWith('/bulk') ? queued : undefined,
    )
    const text = 'id,title\n1,--pipeline-file--\n'
    await client(endpoint).submitImport({ text, hidden: [] })
    const type = seen.at(-1)?.headers['content-type']
    expect(type).toBe('multipart/form-data; boundary=pipeline-file-x')
  })

  it.each([
    ['1016', 'queue_full', 'rejected'],
    ['1019', 'queue_full', 'rejected'],
    ['610', 'bad_request', 'rejected'],
    ['1003', 'refused', 'row_failed'],
    ['604', 'unavailable', 'ambiguous'],
  ])(
    'knows %s for %s: %s, and never repeats it',
    async (code, problem, outcome) => {
      const { endpoint, count } = await stage(({ path }) =>
        path.startsWith('/bulk') ? bad(code, 'no Boss') : undefined,
      )
      const error = await failure(client(endpoint).submitImport(file))
      expect(error).toMatchObject({ problem, outcome })
      expect(error.message).not.toContain('Boss')
      expect(count('/bulk/')).toBe(1)
    },
  )

  it('I6: leaves open what became of a file whose answer is lost', async () => {
    const { endpoint, count } = await stage(({ path, response }) => {
      if (!path.startsWith('/bulk')) return undefined
      response.destroy()
      return handled
    })
    const error = await failure(client(endpoint).submitImport(file))
    expect(error.outcome).toBe('ambiguous')
    expect(count('/bulk/')).toBe(1)
  })

  it('I8: refuses a file of 10 MB before it is sent, by its bytes', async () => {
    const { endpoint, count } = await stage(() => undefined)
    const text = 'ä'.repeat(5_000_000)
    const error = await failure(
      client(endpoint).submitImport({ text, hidden: [] }),
    )
    expect(error).toMatchObject({ problem: 'too_large', outcome: 'not_sent' })
    expect(count('/bulk/')).toBe(0)
  })

  it('reads how far an import is, and its file of failures', async () => {
    const { endpoint } = await stage(({ path, response }) => {
      if (path.endsWith('/failures.json')) {
        response.setHeader('content-type', 'text/csv;charset=UTF-8')
        return 'id,title,Import Failure Reason\n1,Boss,none\n'
      }
      if (!path.startsWith('/bulk/v1/leads/batch/3404')) return undefined
      const counts = { numOfLeadsProcessed: 2, numOfRowsFailed: 1 }
      return good([{ batchId: 3404, status: 'Complete', ...counts }])
    })
    const marketo = client(endpoint)
    expect(await marketo.importJob('3404')).toEqual({
      batchId: '3404',
      state: 'complete',
      imported: 2,
      failed: 1,
      warned: null,
    })
    expect(await marketo.importNotes('3404', 'failures')).toContain(
      '1,Boss,none',
    )
  })
})

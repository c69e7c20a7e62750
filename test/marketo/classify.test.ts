import { describe, expect, it } from 'vitest'
import { judge } from '../../src/marketo/answer.js'
import { classify, isCounted } from '../../src/marketo/classify.js'

const code = (number: number, message = '') =>
  ({ kind: 'code', code: String(number), message }) as const

/** The failure model's table, written down again by hand. */
const table: readonly [codes: number[], merge: string, update: string][] = [
  [[600, 601, 602, 603, 606, 607, 615], 'rejected', 'rejected'],
  [[604, 608, 611, 614, 713, 719], 'ambiguous', 'ambiguous'],
  [[605, 609, 610, 612, 613, 616], 'rejected', 'rejected'],
  [[701, 703, 704, 709, 413, 414], 'rejected', 'rejected'],
  [[712, 714, 1076, 1077, 1078, 1079, 1080, 1018], 'row_failed', 'ambiguous'],
  [[1001, 1002, 1003, 1006, 1011, 1021, 1025, 1036], 'ambiguous', 'row_failed'],
  [[1004, 1007, 1008, 1009, 1010], 'row_failed', 'row_failed'],
  [[1016, 1019], 'ambiguous', 'rejected'],
  [[500, 502, 503, 504, 702, 799, 1005, 9999], 'ambiguous', 'ambiguous'],
]

describe('classification', () => {
  it.each(table)('of %j is %s for a merge and %s for an update', (...row) => {
    const [codes, merge, update] = row
    for (const each of codes) {
      expect(classify('merge', code(each)).outcome).toBe(merge)
      expect(classify('update', code(each)).outcome).toBe(update)
    }
  })

  it.each([
    ['Export daily quota 500MB exceeded.', 'export_quota', 'rejected'],
    ['Too many jobs in queue', 'queue_full', 'rejected'],
    ['Job already queued', 'already_queued', 'rejected'],
    ['Something new', 'unknown_answer', 'ambiguous'],
  ])('of 1029 goes by its message: %s', (message, problem, outcome) => {
    expect(classify('job', code(1029, message))).toEqual({ problem, outcome })
  })

  it('is not_sent only where no byte can have left', () => {
    const [unsent, sent] = [false, true].map((each) =>
      classify('merge', { kind: 'connection', sent: each }),
    )
    expect(unsent?.outcome).toBe('not_sent')
    expect(sent?.outcome).toBe('ambiguous')
  })

  it.each([200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503])(
    'A16: of a page of HTML with status %i is ambiguous for a write',
    (status) => {
      const judged = judge('merge', { status, text: '<html>sorry</html>' })
      expect(judged).toMatchObject({ verdict: { outcome: 'ambiguous' } })
    },
  )

  it.each([
    ['', 'ambiguous'],
    ['{"success":tru', 'ambiguous'],
    ['{"requestId":"a#1"}', 'ambiguous'],
    ['{"success":false}', 'ambiguous'],
    ['{"success":false,"errors":[]}', 'ambiguous'],
    ['{"success":true,"errors":[{"code":"606"}]}', 'ambiguous'],
    ['{"success":false,"errors":[{"message":"odd"}]}', 'ambiguous'],
    ['{"success":false,"errors":[{"code":606}]}', 'rejected'],
    ['{"success":false,"errors":[{"code":"606"},{"code":"611"}]}', 'ambiguous'],
    [
      '{"success":true,"result":[{"status":"skipped","reasons":[{"code":"1004"}]}]}',
      'row_failed',
    ],
    ['{"success":true,"result":[{"status":"skipped"}]}', 'ambiguous'],
  ])('of a merge that is answered %s is %s', (text, outcome) => {
    const judged = judge('merge', { status: 200, text })
    expect(judged).toMatchObject({ isGood: false, verdict: { outcome } })
  })

  it('takes a merge as done only on its plain success', () => {
    const text = '{"requestId":"a#1","success":true}'
    expect(judge('merge', { status: 200, text }).isGood).toBe(true)
    expect(judge('merge', { status: 500, text }).isGood).toBe(false)
  })

  it('takes 702 as an empty answer to a question, never of a write', () => {
    const text = '{"success":false,"errors":[{"code":"702","message":"none"}]}'
    const read = judge('none', { status: 200, text })
    expect(read).toMatchObject({ isGood: true, envelope: { result: [] } })
    expect(judge('update', { status: 200, text }).isGood).toBe(false)
  })

  it('counts every call but those that Marketo lets go', () => {
    const free = [600, 601, 602, 604, 605, 608, 611]
    expect(free.map((each) => isCounted(code(each)))).not.toContain(true)
    const counted = [603, 606, 607, 610, 614, 615, 713, 1003, 1029]
    expect(counted.map((each) => isCounted(code(each)))).not.toContain(false)
    expect(isCounted({ kind: 'connection', sent: true })).toBe(true)
    expect(isCounted({ kind: 'connection', sent: false })).toBe(false)
  })
})

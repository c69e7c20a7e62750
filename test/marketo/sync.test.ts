import { describe, expect, it } from 'vitest'
import { matchSync, syncBody } from '../../src/marketo/sync.js'

const updates = ['11', '12', '13'].map((id) => ({
  id,
  values: { firstName: 'Ann', note: `of ${id}` },
}))

const updated = (id: number | string) => ({ id, status: 'updated' })
const skipped = (code: string, message = 'no', id?: number) => ({
  ...(id === undefined ? {} : { id }),
  status: 'skipped',
  reasons: [{ code, message }],
})

/** Statuses by id; a wrong order of the outcome would show. */
function statuses(result: readonly Record<string, unknown>[]) {
  return matchSync(updates, result).map(({ id, status }) => `${id} ${status}`)
}

describe('matching the answers of a sync call', () => {
  it('takes each record for the lead that it names', () => {
    const result = [updated(11), updated('12'), updated(13)]
    expect(statuses(result)).toEqual(['11 updated', '12 updated', '13 updated'])
  })

  it('I3: puts no status on another lead, in any order and any subset', () => {
    const records = [updated(11), skipped('1008', 'no', 12), updated(13)]
    const truth = ['11 updated', '12 skipped', '13 updated']
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0],
      [1],
      [],
      [0, 1, 2, 2],
    ]) {
      const result = order.flatMap((at) => records[at] ?? [])
      for (const [at, status] of statuses(result).entries()) {
        const given = order.filter((each) => each === at).length
        const id = updates[at]?.id
        expect(status).toBe(given === 1 ? truth[at] : `${id} missing`)
      }
    }
  })

  it('takes a record without an id for its position where all others fit', () => {
    const result = [updated(11), skipped('1004'), updated(13)]
    expect(statuses(result)).toEqual(['11 updated', '12 skipped', '13 updated'])
  })

  it('A17: leaves open what has no id when counts or ids disagree', () => {
    expect(statuses([updated(11), skipped('1004')])).toEqual([
      '11 updated',
      '12 missing',
      '13 missing',
    ])
    expect(statuses([updated(12), skipped('1004'), updated(13)])).toEqual([
      '11 missing',
      '12 updated',
      '13 updated',
    ])
    expect(statuses([updated(11), skipped('1004'), updated(99)])).toEqual([
      '11 updated',
      '12 missing',
      '13 missing',
    ])
  })

  it('believes neither of two records for one lead', () => {
    const result = [updated(11), skipped('1004', 'no', 11), updated(13)]
    expect(statuses(result)[0]).toBe('11 missing')
  })

  it.each([
    [{ id: 11, status: 'created' }],
    [{ id: 11, status: 'skipped' }],
    [{ status: 'updated' }],
    [{ id: 11 }],
    [skipped('611', 'no', 11)],
    [skipped('31337', 'no', 11)],
  ])('proves nothing by %j', (record) => {
    const result = [record, updated(12), updated(13)]
    expect(statuses(result)[0]).toBe('11 missing')
  })

  it('keeps the values of the lead out of the reason', () => {
    const values = { email: 'ann@example.com', city: 'Rome', code: 'X1' }
    const message = "Invalid value 'Rome' or X1 of ann@example.com in field X12"
    const [outcome] = matchSync(
      [{ id: '11', values }],
      [skipped('1001', message, 11)],
    )
    expect(outcome).toMatchObject({
      code: '1001',
      message: "Invalid value '…' or … of … in field X12",
    })
  })
})

describe('the body of a sync call', () => {
  it('updates by id only, with ids that a double cannot hold', () => {
    const id = '9007199254740993'
    const body = syncBody([
      { id, values: { a: null, b: '=1"\u2028' } },
      { id: '12', values: {} },
    ])
    expect(body).toContain(`{"id":${id},"a":null,`)
    expect(JSON.parse(body)).toMatchObject({
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ a: null, b: '=1"\u2028' }, { id: 12 }],
    })
  })
})

import { expect, it } from 'vitest'
import { base } from './base.js'

const pipeline = `marketo: sandbox
services:
  people: { type: dedupe, match: [{ same: [email] }] }
`

const lead = (id: number) => ({
  id: String(id),
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
})

const at = (day: number) => `2026-11-0${day}T00:00:00Z`

it('follows merges through chains, breaks circles at their oldest merge, and takes missing leads for gone', async () => {
  const warehouse = await base({
    pipeline,
    models: ['lead_fate'],
    leads: Array.from({ length: 14 }, (_, index) => lead(index + 1)),
    merges: [
      // A chain, told in any order of time: the last one holds all.
      ['1', '2', at(3)],
      ['2', '3', at(1)],
      ['3', '4', at(2)],
      // A circle: 5 was merged first and found alive later.
      ['5', '6', at(1)],
      ['6', '7', at(2)],
      ['7', '5', at(3)],
      ['8', '7', at(1)],
      // Two at one time: the lower id is taken to have come back.
      ['9', '10', at(1)],
      ['10', '9', at(1)],
      // Told twice with different winners: the later one holds.
      ['11', '12', at(1)],
      ['11', '13', at(2)],
    ],
    missing: ['13', '14'],
  })
  const fates = await warehouse.rows<{ id: number; into: number | null }>(
    `select id::int as id, merged_into_id::int as into
    from dedupe.lead_fate order by id`,
  )
  expect(fates.map(({ id, into }) => [id, into])).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
    [6, 5],
    [7, 5],
    [8, 5],
    [10, 9],
    [11, 13],
    [13, null],
    [14, null],
  ])
})

it('unites the lists of merged leads on the one that remains', async () => {
  const warehouse = await base({
    pipeline,
    models: ['list_member'],
    leads: Array.from({ length: 5 }, (_, index) => lead(index + 1)),
    lists: { Fair: ['1', '3', '5'], News: ['2'] },
    merges: [
      ['1', '2', at(1)],
      ['2', '3', at(2)],
    ],
  })
  const members = await warehouse.rows<{ list: string; id: number }>(
    `select list, lead_id::int as id from dedupe.list_member
    order by list, id`,
  )
  expect(members.map(({ list, id }) => [list, id])).toEqual([
    ['Fair', 3],
    ['Fair', 5],
    ['News', 3],
  ])
})

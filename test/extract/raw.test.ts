import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Extract } from '../../src/extract/landed.js'
import { loadRaw } from '../../src/extract/raw.js'
import { landReadBack } from '../../src/extract/readback.js'
import { literal } from '../../src/warehouse/quote.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { memoryWarehouse, pipelineOf, Setup, temporaryFolder } from './setup.js'

const schema = {
  fields: [
    {
      name: 'email',
      displayName: "Email 'Address'",
      dataType: 'email',
      length: 255,
      updateable: true,
      crmManaged: false,
    },
  ],
  searchable: [],
}

type Lead = readonly [id: string, email: string | null, updatedAt: string]

let number = 0

/** An extract whose windows hold these leads, written as landing does. */
async function extractOf(
  warehouse: Warehouse,
  windows: readonly (readonly Lead[])[],
  change: Partial<Extract> = {},
): Promise<Extract> {
  number += 1
  const folder = temporaryFolder()
  const leads: string[] = []
  for (const [index, rows] of windows.entries()) {
    const path = join(folder, `${index}.parquet`)
    const values = rows.map(
      (row) =>
        `(${row.map((text) => (text === null ? 'null::varchar' : literal(text))).join(', ')})`,
    )
    await warehouse.run(
      `copy (from (values ${values.join(', ')}) t(id, email, "updatedAt")
        select *, "updatedAt" as "createdAt")
      to ${literal(path)} (format parquet)`,
    )
    leads.push(path)
  }
  return {
    id: `20261121-0500${String(number).padStart(2, '0')}-0000`,
    kind: 'full',
    why: '',
    route: null,
    instance: 'x',
    asOf: `2026-11-21T05:00:${String(number).padStart(2, '0')}Z`,
    start: '2006-01-01T00:00:00Z',
    fields: ['createdAt', 'email', 'id', 'updatedAt'],
    isComplete: true,
    leads,
    members: [],
    rejects: [],
    changes: null,
    census: null,
    rows: windows.flat().length,
    bytes: 1,
    jobs: leads.length,
    rejected: 0,
    unverified: 0,
    ...change,
  }
}

async function emails(warehouse: Warehouse): Promise<Record<string, unknown>> {
  const rows = await warehouse.rows<{ id: string; email: string | null }>(
    'select id, email from raw.lead order by id',
  )
  return Object.fromEntries(rows.map(({ id, email }) => [id, email]))
}

describe('the raw tables', () => {
  it('hold a lead of two windows once, as it was updated last', async () => {
    const warehouse = await memoryWarehouse()
    const extract = await extractOf(warehouse, [
      [
        ['1', 'new@x', '2026-11-02T00:00:00Z'],
        ['2', 'same@x', '2026-01-01T00:00:00Z'],
      ],
      [
        ['1', 'old@x', '2026-11-01T00:00:00Z'],
        ['2', 'same@x', '2026-01-01T00:00:00Z'],
        ['3', '', '2026-01-01T00:00:00Z'],
      ],
    ])
    await loadRaw(warehouse, extract, { schema })
    expect(await emails(warehouse)).toEqual({
      1: 'new@x',
      2: 'same@x',
      3: null,
    })
  })

  it('keep the values of a field that has another name now', async () => {
    const warehouse = await memoryWarehouse()
    const at = '2026-01-01T00:00:00Z'
    const first = await extractOf(warehouse, [[['1', 'a@x', at]]])
    await loadRaw(warehouse, first, { schema })
    const renamed = new Map([
      ['email', 'mail'],
      ['never', 'seen'],
    ])
    const fields = ['createdAt', 'id', 'updatedAt']
    const next = await extractOf(warehouse, [[['2', null, at]]], { fields })
    await loadRaw(warehouse, next, { schema, renamed })
    await loadRaw(warehouse, next, { schema, renamed })
    expect(
      await warehouse.rows('select id, mail from raw.lead order by id'),
    ).toEqual([
      { id: '1', mail: 'a@x' },
      { id: '2', mail: null },
    ])
  })

  it('keep a lead that is gone, and tell the extract that saw it', async () => {
    const warehouse = await memoryWarehouse()
    const at = '2026-01-01T00:00:00Z'
    const first = await extractOf(warehouse, [
      [
        ['1', 'a@x', at],
        ['2', 'b@x', at],
      ],
    ])
    const second = await extractOf(warehouse, [[['1', 'c@x', at]]])
    await loadRaw(warehouse, first, { schema })
    await loadRaw(warehouse, second, { schema })
    expect(await emails(warehouse)).toEqual({ 1: 'c@x', 2: 'b@x' })
    const gone = await warehouse.rows(
      `select id, _seen_at from raw.lead where _extract <> (
        select max_by(id, as_of) from raw.extract where is_complete)`,
    )
    expect(gone).toEqual([
      { id: '2', _seen_at: first.asOf.replace('Z', '.000Z') },
    ])
  })

  it('are the same however often an extract is loaded', async () => {
    const warehouse = await memoryWarehouse()
    const folder = temporaryFolder()
    const rejects = join(folder, 'r.jsonl')
    const changes = join(folder, 'c.jsonl')
    const hostile = 'a\0b\n"\u2028'
    writeFileSync(
      rejects,
      `${JSON.stringify({ line: 7, offset: 90, reason: 'why', text: hostile })}\n`,
    )
    writeFileSync(
      changes,
      '{"kind":"delete","id":"8","at":"2026-11-01T00:00:00Z"}\n{"kind":"merge","loser":"9","winner":"1","at":"2026-11-02T00:00:00Z"}\n{"kind":"merge","loser":"9","winner":"1","at":"2026-11-03T00:00:00Z"}\n',
    )
    const extract = await extractOf(
      warehouse,
      [[['1', 'a@x', '2026-01-01T00:00:00Z']]],
      { changes, rejects: [{ key: 'created-1', path: rejects }] },
    )
    await loadRaw(warehouse, extract, { schema })
    const all = async () =>
      await Promise.all(
        [
          'lead',
          'lead_delete',
          'lead_merge',
          'list_member',
          'reject',
          'field',
          'lead_missing',
          'extract',
        ].map((table) => warehouse.rows(`from raw.${table} order by all`)),
      )
    const once = await all()
    await loadRaw(warehouse, extract, { schema })
    expect(await all()).toEqual(once)
    expect(once[1]).toEqual([{ id: '8', deleted_at: '2026-11-01T00:00:00Z' }])
    expect(once[2]).toEqual([
      { loser_id: '9', winner_id: '1', merged_at: '2026-11-02T00:00:00Z' },
    ])
    expect(once[4]).toEqual([
      {
        extract: extract.id,
        file: 'created-1',
        line: 7,
        byte_offset: 90,
        reason: 'why',
        text: hostile,
      },
    ])
    expect(once[5]).toMatchObject([{ display_name: "Email 'Address'" }])
  })

  it('gain a column with a new field, and lose none with an old one', async () => {
    const warehouse = await memoryWarehouse()
    const at = '2026-01-01T00:00:00Z'
    const extract = await extractOf(warehouse, [[['1', 'a@x', at]]])
    await loadRaw(warehouse, extract, { schema })
    await warehouse.run('alter table raw.lead add column phone varchar')
    await loadRaw(warehouse, extract, { schema })
    const rows = await warehouse.rows('select id, email, phone from raw.lead')
    expect(rows).toEqual([{ id: '1', email: 'a@x', phone: null }])
  })

  it('do not call an extract complete that starts after a known lead', async () => {
    const setup = await Setup.start()
    const warehouse = await memoryWarehouse()
    const described = await setup.marketo.schema()
    const all = await setup.extract()
    await loadRaw(warehouse, all, { schema: described })
    const pipeline = pipelineOf({
      extract: { fields: [], start: '2026-10-01' },
    })
    const late = await setup.extract({ pipeline })
    await loadRaw(warehouse, late, { schema: described })
    const rows = await warehouse.rows(
      'select id, is_complete from raw.extract order by as_of',
    )
    expect(rows).toEqual([
      { id: all.id, is_complete: true },
      { id: late.id, is_complete: false },
    ])
  })
})

describe('a read-back', () => {
  it('changes the leads that were read, field by field, and adds the merges', async () => {
    const warehouse = await memoryWarehouse()
    const at = '2026-01-01T00:00:00Z'
    const extract = await extractOf(warehouse, [
      [
        ['1', 'a@x', at],
        ['2', 'b@x', at],
        ['3', 'c@x', at],
      ],
    ])
    await loadRaw(warehouse, extract, { schema })
    const path = join(temporaryFolder(), 'back.jsonl')
    const lines = [
      { id: '1', values: { email: 'first@x', unknown: 'x', id: '77' } },
      { id: '1', values: { email: `it's "x"` } },
      { id: '2', values: { email: null } },
      { id: '99', values: { email: 'nobody@x' } },
      { loser: '3', winner: '1', at },
    ]
    writeFileSync(
      path,
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    )
    await landReadBack(warehouse, path)
    await landReadBack(warehouse, path)
    expect(await emails(warehouse)).toEqual({
      1: `it's "x"`,
      2: null,
      3: 'c@x',
    })
    expect(await warehouse.rows('from raw.lead_merge')).toEqual([
      { loser_id: '3', winner_id: '1', merged_at: at },
    ])
  })
})

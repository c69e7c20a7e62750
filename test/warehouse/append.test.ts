import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Warehouse } from '../../src/warehouse/warehouse.js'

let folder = ''
let warehouse: Warehouse

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'append-'))
  warehouse = await Warehouse.open({
    path: join(folder, 'w.duckdb'),
    temp: join(folder, 'temp'),
    sealed: true,
  })
  await warehouse.run('create schema raw')
  await warehouse.run(
    `create table raw.t (seen timestamp, extra varchar default 'd', "odd ""name" varchar, n bigint, x double, ok boolean)`,
  )
})

afterEach(async () => {
  await warehouse.close()
  rmSync(folder, { recursive: true, force: true })
})

const columns = {
  'odd "name': 'varchar',
  n: 'bigint',
  ok: 'boolean',
  x: 'double',
  seen: 'timestamp',
} as const

describe('append', () => {
  it('matches columns by name and fills defaults', async () => {
    await warehouse.append('raw.t', columns, [
      ["a'\0b", 2n ** 53n, true, 0.5, '2026-11-21T10:00:00.123456Z'],
      ['\u{1f600}', 7, false, 1, new Date('2026-01-02T03:04:05.006Z')],
      [null, null, null, undefined, null],
    ])
    const rows = await warehouse.rows(
      'select * replace (n::varchar as n) from raw.t',
    )
    const first = { 'odd "name': "a'\0b", n: '9007199254740992' }
    expect(rows).toEqual([
      {
        ...first,
        seen: '2026-11-21T10:00:00.123456Z',
        extra: 'd',
        x: 0.5,
        ok: true,
      },
      {
        'odd "name': '\u{1f600}',
        n: '7',
        seen: '2026-01-02T03:04:05.006Z',
        extra: 'd',
        x: 1,
        ok: false,
      },
      { 'odd "name': null, n: null, seen: null, extra: 'd', x: null, ok: null },
    ])
  })

  it('adds every row of many chunks', async () => {
    const rows = Array.from({ length: 10_001 }, (_, n) => [`${n}`, n])
    await warehouse.append('raw.t', { extra: 'varchar', n: 'bigint' }, rows)
    expect(
      await warehouse.one(
        'select count(*) as c, sum(n) as s, count(distinct extra) as d from raw.t',
      ),
    ).toEqual({ c: 10_001, s: 50_005_000, d: 10_001 })
  })

  it.each([
    ['a value of another type', [['a', 1.5]]],
    ['a row of another length', [['a', 1], ['b']]],
  ])('adds nothing of a batch with %s', async (_what, bad) => {
    const rows = [...Array.from({ length: 3000 }, () => ['a', 1]), ...bad]
    const appending = warehouse.append(
      'raw.t',
      { extra: 'varchar', n: 'bigint' },
      rows,
    )
    await expect(appending).rejects.toMatchObject({ code: 'unfit_row' })
    await expect(appending).rejects.toThrow('Row 300')
    expect(await warehouse.rows('from raw.t')).toEqual([])
    await warehouse.append('raw.t', { n: 'bigint' }, [[1]])
  })

  it('adds nothing when the table refuses a row', async () => {
    const rows = [['2026-01-01'], ['not a time']]
    await expect(
      warehouse.append('raw.t', { seen: 'timestamp' }, rows),
    ).rejects.toThrow('Conversion Error')
    expect(await warehouse.rows('from raw.t')).toEqual([])
  })
})

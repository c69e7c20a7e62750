import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scanCsv } from '../../src/extract/csv-scan.js'
import { landSources } from '../../src/extract/source.js'
import type { Path } from '../../src/pipeline/problem.js'
import { PipelineError } from '../../src/error.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { parse } from '../pipeline/parse.js'
import { memoryWarehouse, temporaryFolder } from './setup.js'

interface Place {
  readonly warehouse: Warehouse
  readonly folder: string
}

async function place(
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<Place> {
  const folder = join(temporaryFolder(), 'pipelines')
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text)
  }
  return { warehouse: await memoryWarehouse(), folder }
}

/** `lines` stand under `source:`, each a source. */
async function land(
  { warehouse, folder }: Place,
  lines: readonly string[],
  missingOnly = false,
) {
  const declared = lines.map((line) => `  ${line}\n`).join('')
  const loaded = parse(
    `marketo: sandbox\n${declared === '' ? '' : `source:\n${declared}`}`,
  )
  const { pipeline } = loaded
  const locate = (path: Path) => loaded.locate(path)
  return await landSources(warehouse, {
    pipeline,
    locate,
    folder,
    missingOnly,
  })
}

async function refusal(
  at: Place,
  lines: readonly string[],
): Promise<readonly string[]> {
  const thrown: unknown = await land(at, lines).catch((error: unknown) => error)
  if (!(thrown instanceof PipelineError)) throw new Error('nothing was refused')
  expect(thrown).toMatchObject({ code: 'source', exit: 3 })
  return thrown.message.split('\n')
}

async function types({ warehouse }: Place, table: string) {
  const rows = await warehouse.rows<{ name: string; type: string }>(
    `select column_name as name, data_type as type from duckdb_columns()
     where schema_name = 'source' and table_name = $1 order by column_index`,
    [table],
  )
  return Object.fromEntries(rows.map(({ name, type }) => [name, type]))
}

async function tables({ warehouse }: Place): Promise<string[]> {
  const rows = await warehouse.rows<{ name: string }>(
    `select table_name as name from duckdb_tables()
     where schema_name = 'source' order by name`,
  )
  return rows.map(({ name }) => name)
}

describe('a CSV source', () => {
  it('gets the types of its cells, and keeps codes and money as they are', async () => {
    const at = await place({
      'order.csv':
        'no,paid,total,rate,day,moment,zoned,postcode,phone,nothing,Text\n' +
        '1,true,12.50,1e3,2026-01-31,2026-01-31 10:00:00,2026-01-31T10:00:00+02:00,00420,+46701234567,,a\n' +
        '-2,FALSE,-3,0.5,2026-02-28,2026-02-28T10:00:00.5,2026-02-28 10:00:00Z,11122,070,,"b, ""c""\nd"\n',
    })
    expect(await land(at, ['order: { csv: order.csv }'])).toEqual([
      { name: 'order', rows: 2 },
    ])
    expect(await types(at, 'order')).toEqual({
      no: 'BIGINT',
      paid: 'BOOLEAN',
      total: 'DECIMAL(18,2)',
      rate: 'DOUBLE',
      day: 'DATE',
      moment: 'TIMESTAMP',
      zoned: 'TIMESTAMP',
      postcode: 'VARCHAR',
      phone: 'VARCHAR',
      nothing: 'VARCHAR',
      Text: 'VARCHAR',
    })
    const rows = await at.warehouse.rows(
      `select total::varchar as total, zoned, postcode, nothing, "Text" as text
       from source."order" order by no desc`,
    )
    expect(rows).toEqual([
      {
        total: '12.50',
        zoned: '2026-01-31T08:00:00.000Z',
        postcode: '00420',
        nothing: null,
        text: 'a',
      },
      {
        total: '-3.00',
        zoned: '2026-02-28T10:00:00.000Z',
        postcode: '11122',
        nothing: null,
        text: 'b, "c"\nd',
      },
    ])
  })

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])(
    'is read whole with %s, a byte order mark and semicolons',
    async (_, end) => {
      const lines = [
        'a;b',
        ...Array.from({ length: 5000 }, (_each, i) => `${i};"x;${i}"`),
      ]
      const at = await place({
        'x.csv': `\uFEFF${lines.join(end)}${end}${end}`,
      })
      await land(at, ['x: { csv: x.csv, delimiter: ";" }'])
      expect(
        await at.warehouse.one(
          'select count(*) as n, sum(a) as sum from source.x',
        ),
      ).toEqual({ n: 5000, sum: 12_497_500 })
    },
  )

  it('has a type that holds every cell, however late one is different', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},${i}.5,,t`)
    const late = ['x,1e9,2026-01-31,1', '30001,2.125,,2']
    const at = await place({
      'x.csv': `a,b,c,d\n${[...rows, ...late].join('\n')}\n`,
    })
    await land(at, ['x: { csv: x.csv }'])
    expect(await types(at, 'x')).toEqual({
      a: 'VARCHAR',
      b: 'DOUBLE',
      c: 'DATE',
      d: 'VARCHAR',
    })
  })

  it('gets the types that are declared, and the names of its header', async () => {
    const at = await place({
      'x.csv': 'Order no,total,day\n007,1.5,\n8,,2026-01-31\n',
    })
    await land(at, [
      'x: { csv: x.csv, columns: { Order no: integer, total: "decimal(9, 3)", day: date } }',
    ])
    expect(await types(at, 'x')).toEqual({
      'Order no': 'INTEGER',
      total: 'DECIMAL(9,3)',
      day: 'DATE',
    })
  })

  const faults: readonly [string, string | Buffer, string][] = [
    [
      'a row with too many cells',
      'a,b\n1,2\n1,2,3\n',
      'x.csv:3  is not CSV that can be read: it has 3 cells and the header 2.',
    ],
    [
      'a row with too few cells after a cell of two lines',
      'a,b\n"1\n1",2\n1\n',
      'x.csv:4  is not CSV that can be read: it has 1 cells and the header 2.',
    ],
    [
      'a quote that is never closed',
      'a,b\n1,2\n"1,2\n3,4\n',
      'x.csv:3  is not CSV that can be read: a quote opens here and is never closed.',
    ],
    [
      'text after a closing quote',
      'a,b\n"1"x,2\n',
      'x.csv:2  is not CSV that can be read: text follows a closing quote.',
    ],
    [
      'two kinds of line ends',
      'a,b\r\n1,2\n',
      'x.csv:2  is not CSV that can be read: the line ends with LF and the first one with CRLF; save the file with one kind of line end.',
    ],
    [
      'another encoding',
      Buffer.from('a,b\n1,2\n1,\xe9\n', 'latin1'),
      'x.csv:3  is not CSV that can be read: it is not UTF-8 text; save the file as UTF-8.',
    ],
    ['no header', '', 'x.csv:1  is empty, without even a header.'],
    [
      'a column named twice',
      'a,A\n1,2\n',
      'x.csv:1  names the column A twice in its header; give every column one name.',
    ],
    [
      'a column without a name',
      'a,,c\n1,2,3\n',
      'x.csv:1  has no name for column 2 in its header; give every column one name.',
    ],
  ]
  it.each(faults)(
    'is refused with file and line for %s',
    async (_, text, line) => {
      const at = await place({ 'x.csv': text })
      expect(await refusal(at, ['x: { csv: x.csv }'])).toEqual([
        `pipelines/${line}`,
      ])
      expect(await tables(at)).toEqual([])
    },
  )

  it('is refused where a declared type does not hold, without its value', async () => {
    const at = await place({
      'x.csv':
        'no,day,total\n1,2026-01-31,1\n2,31.01.2026,1.234\n12.5,2026-02-30,2\n',
    })
    expect(
      await refusal(at, [
        'x: { csv: x.csv, columns: { no: bigint, day: date, total: "decimal(9,2)" } }',
      ]),
    ).toEqual([
      'pipelines/x.csv:4  column no is not bigint there; correct the file, or declare source.x.columns.no as varchar.',
      'pipelines/x.csv:3  column day is not date there (and 1 more); correct the file, or declare source.x.columns.day as varchar.',
      'pipelines/x.csv:3  column total is not decimal(9,2) there; correct the file, or declare source.x.columns.total as varchar.',
    ])
  })
})

describe('a source of tables', () => {
  it('is read from Parquet with its types, and with those declared', async () => {
    const at = await place()
    const file = join(at.folder, 'p.parquet')
    await at.warehouse.run(
      `copy (select i::integer as id, (i * 1.5)::decimal(9,2) as price, [i] as list
         from range(3) as r(i)) to '${file}' (format parquet)`,
    )
    await land(at, ['p: { parquet: p.parquet, columns: { id: bigint } }'])
    expect(await types(at, 'p')).toEqual({
      id: 'BIGINT',
      price: 'DECIMAL(9,2)',
      list: 'BIGINT[]',
    })
  })

  it('is read from a table of a DuckDB file, never from a view of one', async () => {
    const at = await place({ 'secret.csv': 'a\n1\n' })
    const file = join(at.folder, 'crm.duckdb')
    await at.warehouse.run(`attach '${file}' as crm`)
    await at.warehouse.run('create schema crm.sales')
    await at.warehouse.run('create table crm.sales.account as select 1 as id')
    await at.warehouse.run('create table crm.person as select 2 as id')
    await at.warehouse.run(
      `create view crm.leak as from read_csv('${join(at.folder, 'secret.csv')}')`,
    )
    await at.warehouse.run('detach crm')
    await land(at, [
      'account: { duckdb: crm.duckdb, table: sales.account }',
      'person: { duckdb: crm.duckdb, table: person }',
    ])
    expect(await tables(at)).toEqual(['account', 'person'])
    expect(
      await refusal(at, [
        'x: { duckdb: crm.duckdb, table: leak }',
        'y: { duckdb: crm.duckdb, table: persn }',
      ]),
    ).toEqual([
      'pipelines/acme.yml:3:16  source.x.duckdb names pipelines/crm.duckdb, which has no table leak; views are not read. Its tables are person, sales.account.',
      'pipelines/acme.yml:4:16  source.y.duckdb names pipelines/crm.duckdb, which has no table persn; views are not read. Did you mean "person"?',
    ])
  })

  it('is refused where it is no such file', async () => {
    const at = await place({ 'x.parquet': 'a,b\n1,2\n', 'y.duckdb': 'no\n' })
    const lines = await refusal(at, [
      'x: { parquet: x.parquet }',
      'y: { duckdb: y.duckdb, table: t }',
      'z: { csv: gone.csv }',
    ])
    expect(lines[0]).toMatch(
      /^pipelines\/acme\.yml:3:17 {2}source\.x\.parquet names pipelines\/x\.parquet, which cannot be read as parquet: .*too small to be a Parquet file\.$/,
    )
    expect(lines[1]).toBe(
      'pipelines/acme.yml:4:16  source.y.duckdb names pipelines/y.duckdb, which is no DuckDB file that can be read.',
    )
    expect(lines[2]).toBe(
      'pipelines/acme.yml:5:13  source.z.csv names pipelines/gone.csv, which does not exist; paths go from the folder of the pipeline file.',
    )
    expect(lines).toHaveLength(3)
  })
})

describe('the sources of a pipeline', () => {
  it('stay as they were when one of them is refused', async () => {
    const at = await place({ 'a.csv': 'n\n1\n', 'b.csv': 'n\n1\n' })
    const both = ['a: { csv: a.csv }', 'b: { csv: b.csv }']
    await land(at, both)
    writeFileSync(join(at.folder, 'a.csv'), 'n\n2\n')
    writeFileSync(join(at.folder, 'b.csv'), 'n\n"2\n')
    await refusal(at, both)
    expect(await at.warehouse.one('select n from source.a')).toEqual({ n: 1 })
    expect(await tables(at)).toEqual(['a', 'b'])
  })

  it('are read anew by every run, and go when they are declared no longer', async () => {
    const at = await place({ 'a.csv': 'n\n1\n', 'b.csv': 'n\n1\n' })
    await land(at, ['a: { csv: a.csv }', 'b: { csv: b.csv }'])
    writeFileSync(join(at.folder, 'a.csv'), 'n\n2\n')
    await land(at, ['a: { csv: a.csv }'], true)
    expect(await at.warehouse.one('select n from source.a')).toEqual({ n: 1 })
    await land(at, ['a: { csv: a.csv }'])
    expect(await at.warehouse.one('select n from source.a')).toEqual({ n: 2 })
    expect(await tables(at)).toEqual(['a'])
  })

  it('must have the columns that are declared', async () => {
    const at = await place({ 'a.csv': 'order_id,email\n1,x\n' })
    expect(
      await refusal(at, ['a: { csv: a.csv, columns: { orderid: bigint } }']),
    ).toEqual([
      'pipelines/acme.yml:3:13  source.a.csv names pipelines/a.csv, which has no column "orderid". Did you mean "order_id"?',
    ])
  })
})

it('finds records, lines and faults alike wherever the file is cut', async () => {
  const cells = ['1', '"a,b"', '"a ""b"" c"', '"two\nlines"', 'é', '']
  const lines = Array.from({ length: 40 }, (_, i) =>
    [0, 1, 2].map((at) => cells[(i * 7 + at * 5) % cells.length]).join(','),
  )
  const text = `a,b,c\n${lines.join('\n')}\n`
  const { folder } = await place({ 'x.csv': text, 'cut.csv': `${text}1,2` })
  const whole = await scanCsv(join(folder, 'x.csv'), ',', 39)
  const before = text.split('\n')
  expect(whole.records < 39 || whole.wantedLine !== null).toBe(true)
  expect(whole.fault).toBeNull()
  const line = whole.wantedLine ?? 0
  expect(
    before
      .slice(line - 1)
      .join('\n')
      .startsWith(lines[38] ?? '-'),
  ).toBe(true)
  const cut = await scanCsv(join(folder, 'cut.csv'), ',')
  expect(cut.fault).toEqual({
    line: before.length,
    reason: 'it has 2 cells and the header 3',
  })
})

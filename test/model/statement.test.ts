import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examine, refusal } from '../../src/model/statement.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

let folder = ''
let warehouse: Warehouse

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'statement-'))
  warehouse = await Warehouse.open({
    path: join(folder, 'w.duckdb'),
    temp: join(folder, 'temp'),
    sealed: true,
  })
})

afterAll(async () => {
  await warehouse.close()
  rmSync(folder, { recursive: true, force: true })
})

const readers = [
  "from read_csv('a.csv')",
  "from main.read_csv('a.csv')",
  "from read_text('/etc/hostname')",
  "from parquet_scan('a.parquet')",
  "from glob('*')",
  "from sniff_csv('a.csv')",
  "with a as (from read_blob('a')) from a",
  "select (select count(*) from read_json('a.json'))",
  "select x from s.t order by (select count(*) from read_text('a'))",
  "select * from range(3) where exists (from read_csv_auto('a.csv'))",
  "from query('select 1')",
  "from query_table('x')",
  "from json_execute_serialized_sql('{}')",
  'from duckdb_settings()',
  'from duckdb_secrets()',
  'from enable_logging()',
  "from pragma_table_info('t')",
]

const tables = [
  "from 'file.csv'",
  'from "s3://bucket/file.parquet"',
  'from lead',
  'from duckdb_secrets',
  'from other.main.lead',
  'with a as (select 1) from b',
]

const statements = [
  "copy s.t to 'a.csv'",
  "attach 'a.duckdb'",
  'detach a',
  'use a',
  'set threads = 1',
  'reset threads',
  'pragma database_list',
  'install httpfs',
  'load httpfs',
  'call enable_logging()',
  "export database 'a'",
  "import database 'a'",
  'create table s.a as select 1',
  'create secret (type s3)',
  'insert into s.t select 1',
  'update s.t set a = 1',
  'delete from s.t',
  'drop table s.t',
  'with a as (select 1) insert into s.t from a',
  'select 1; drop table s.t',
  'explain select 1',
  'begin',
  'checkpoint',
]

describe('SQL of a model', () => {
  it.each(readers)('does not read by a function: %s', async (sql) => {
    expect(await refusal(warehouse, sql)).toMatch(
      /^reads from \w+\(\), which reaches beyond the models; read \{\{ref/,
    )
  })

  it.each(tables)('reads models and sources only: %s', async (sql) => {
    expect(await refusal(warehouse, sql)).toMatch(/^reads from .* only\.$/)
  })

  it.each(statements)('is a select: %s', async (sql) => {
    expect(await refusal(warehouse, sql)).toMatch(/^is not a select;/)
  })

  it.each([
    ["select getenv('HOME')", 'calls getenv()'],
    ["select current_setting('threads')", 'calls current_setting()'],
    ["select write_log('a')", 'calls write_log()'],
    ['select $1', 'has a parameter'],
    ['select ?', 'has a parameter'],
    ['describe s.t', 'describes or shows'],
    ['from (show all tables)', 'describes or shows'],
    ['select 1; select 2', 'is 2 statements'],
    ['select 1;', 'ends in a semicolon'],
    ['', 'is empty'],
    ['-- nothing', 'is empty'],
    ['selec 1', 'is not SQL that can be read: syntax error'],
    ['select 1) as a, (select 2', 'is not SQL that can be read'],
    ["select 'a", 'is not SQL that can be read: unterminated'],
    ['select 1 /* a', 'is not SQL that can be read: unterminated'],
  ])('is refused with a reason: %s', async (sql, reason) => {
    expect(await refusal(warehouse, sql)).toContain(reason)
  })

  it.each([
    'select 1 -- a comment at the end',
    'with a as (select 1 as x) select x from A',
    'with recursive t as (select 1 as n union all select n + 1 from t where n < 3) from t',
    'select * from s.t as t, unnest(t.list) as u(x)',
    'from range(3)',
    'values (1), (2)',
    'select * from (values (1)) as v(a)',
    'select list_transform([1], lambda x: x + 1)',
    'select * from s.t asof join s.u using (a)',
    'from (pivot s.t on y in (1, 2) using sum(z))',
    'select count(*) filter (where a) over (partition by b) from s.t qualify a',
    'select \'attach; set; copy\' as "read_csv" from s.t',
  ])('may be any select over tables: %s', async (sql) => {
    expect(await refusal(warehouse, sql)).toBeNull()
  })

  it('is refused as well while so many others are looked at that it is forgotten', async () => {
    const bad = "from read_text('/etc/hostname')"
    await refusal(warehouse, bad)
    const many = Array.from({ length: 5001 }, (_, n) => `select ${n}`)
    const [why] = await Promise.all([
      refusal(warehouse, bad),
      examine(warehouse, many),
    ])
    expect(why).toContain('reads from')
    expect(await refusal(warehouse, bad)).toContain('reads from')
  })
})

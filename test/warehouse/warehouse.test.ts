import { spawn, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Warehouse } from '../../src/warehouse/warehouse.js'

let folder = ''
const opened: Warehouse[] = []

async function open(
  options: Partial<Parameters<typeof Warehouse.open>[0]> = {},
): Promise<Warehouse> {
  const warehouse = await Warehouse.open({
    path: join(folder, 'w.duckdb'),
    temp: join(folder, 'temp'),
    sealed: false,
    ...options,
  })
  opened.push(warehouse)
  return warehouse
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warehouse-'))
})

afterEach(async () => {
  for (const warehouse of opened.splice(0)) await warehouse.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a warehouse', () => {
  it('gives rows as plain data', async () => {
    const warehouse = await open()
    const row = await warehouse.one(
      `select 7::bigint as whole, 1.5 as part, sum(3::bigint) as total,
        timestamp '2026-11-21 10:00:00.25' as at,
        timestamptz '2026-11-21 10:00:00.123456+02' as zoned,
        date '2026-02-03' as day, [1::bigint, 2] as list,
        {'a': 'x', 'b': null} as pair, null as nothing, true as yes`,
    )
    expect(row).toEqual({
      whole: 7,
      part: 1.5,
      total: 3,
      at: '2026-11-21T10:00:00.250Z',
      zoned: '2026-11-21T08:00:00.123456Z',
      day: '2026-02-03',
      list: [1, 2],
      pair: { a: 'x', b: null },
      nothing: null,
      yes: true,
    })
  })

  it('binds values by number and keeps them as they are', async () => {
    const warehouse = await open()
    const hostile = `a'b"; drop table x; -- \0 {{ \u{1f600}`
    const row = await warehouse.one(
      'select $1 as a, $2 as b, $3 as c, $4 as d, typeof($5) as e',
      [hostile, 5, null, true, 9_007_199_254_740_993n],
    )
    expect(row).toEqual({ a: hostile, b: 5, c: null, d: true, e: 'BIGINT' })
  })

  it('keeps a byte order mark at the start of a text', async () => {
    const warehouse = await open()
    warehouse.registerFunction('same', 1, (text) => text)
    const short = '\ufeffa'
    const long = '\ufeffa text too long to be kept in place'
    expect(
      await warehouse.one(
        'select $1 as short, $2 as long, [$1] as list, same($2) as called',
        [short, long],
      ),
    ).toEqual({ short, long, list: [short], called: long })
  })

  it('refuses a whole number that a double would round', async () => {
    const warehouse = await open()
    await expect(
      warehouse.rows('select 9007199254740993::bigint as big'),
    ).rejects.toMatchObject({ code: 'imprecise_number' })
  })

  it('refuses two statements and runs neither', async () => {
    const warehouse = await open()
    await expect(
      warehouse.run('create table a (i int); create table b (i int)'),
    ).rejects.toMatchObject({ code: 'not_one_statement' })
    expect(await warehouse.rows('from duckdb_tables()')).toEqual([])
  })

  it('says how many rows came where one was due', async () => {
    const warehouse = await open()
    await expect(warehouse.one('from range(2)')).rejects.toThrow('returned 2')
    await expect(warehouse.one('from range(0)')).rejects.toThrow('returned 0')
  })

  it('runs in UTC whatever the machine says', async () => {
    const warehouse = await open()
    const session = await warehouse.session()
    for (const queries of [warehouse, session.queries]) {
      expect(
        await queries.one(`select current_setting('TimeZone') as zone`),
      ).toEqual({ zone: 'UTC' })
    }
  })

  it('rolls a transaction back when its work throws', async () => {
    const warehouse = await open()
    await warehouse.run('create table t (i int)')
    const failing = warehouse.transaction(async ({ run }) => {
      await run('insert into t values (1)')
      throw new Error('no')
    })
    const other = warehouse.run('insert into t values (2)')
    await expect(failing).rejects.toThrow('no')
    await other
    expect(await warehouse.rows('from t')).toEqual([{ i: 2 }])
  })

  it('interrupts a running query and stays usable', async () => {
    const warehouse = await open()
    const slow = warehouse.run(
      'create table t as select sum(a.range * b.range) from range(1000000) a, range(1000000) b',
    )
    const timer = setInterval(() => warehouse.interrupt(), 20)
    await expect(slow).rejects.toMatchObject({ code: 'interrupted' })
    clearInterval(timer)
    expect(await warehouse.one('select 1 as i')).toEqual({ i: 1 })
  })
})

describe('the file of a warehouse', () => {
  it('is private to the user', async () => {
    const path = join(folder, 'deep', 'w.duckdb')
    await open({ path })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'temp')).mode & 0o777).toBe(0o700)
  })

  it('opens once per process', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({ code: 'already_open' })
    await expect(
      open({ path: join(folder, '.', 'x', '..', 'w.duckdb') }),
    ).rejects.toMatchObject({ code: 'already_open' })
    await first.close()
    await open()
  })

  it('names the process that holds it, with exit code 9', async () => {
    const holder = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { DuckDBInstance } from '@duckdb/node-api'
       const instance = await DuckDBInstance.create(${JSON.stringify(join(folder, 'w.duckdb'))})
       await instance.connect()
       console.log('ready')
       setInterval(() => instance, 1000)`,
    ])
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve))
      await expect(open()).rejects.toThrow(`pid ${holder.pid}`)
      await expect(open()).rejects.toMatchObject({
        code: 'locked',
        exit: 9,
        details: { pid: holder.pid },
      })
    } finally {
      holder.kill('SIGKILL')
      await new Promise((resolve) => holder.once('exit', resolve))
    }
    await open()
  })

  it.each([
    ['of text', (path: string) => writeFileSync(path, 'not a database\n')],
    ['that is empty', (path: string) => writeFileSync(path, '')],
    ['cut short', (path: string) => truncateSync(path, 8192)],
    [
      'with a broken header',
      (path: string) => {
        const bytes = readFileSync(path)
        bytes.fill(7, 4096, 8192 + 4096)
        writeFileSync(path, bytes)
      },
    ],
  ])('%s is reported as damaged', async (_what, damage) => {
    const first = await open()
    await first.run('create table t as from range(100000)')
    await first.close()
    damage(join(folder, 'w.duckdb'))
    await expect(open()).rejects.toMatchObject({
      code: 'warehouse_damaged',
      exit: 1,
    })
  })

  it('reports damage in a block when that is read', async () => {
    const first = await open()
    await first.run(
      'create table t as select hash(range) as h from range(500000)',
    )
    await first.close()
    const path = join(folder, 'w.duckdb')
    const bytes = readFileSync(path)
    bytes.fill(9, bytes.length / 2, bytes.length / 2 + 50_000)
    writeFileSync(path, bytes)
    const reading = open().then((again) =>
      again.rows('select sum(h % 7) from t'),
    )
    await expect(reading).rejects.toMatchObject({ code: 'warehouse_damaged' })
  })

  it('that no folder can hold is the machine, exit code 6', async () => {
    writeFileSync(join(folder, 'file'), '')
    mkdirSync(join(folder, 'taken.duckdb'))
    for (const path of ['file/w.duckdb', 'taken.duckdb']) {
      await expect(open({ path: join(folder, path) })).rejects.toMatchObject({
        code: 'machine',
        exit: 6,
      })
    }
  })

  it('keeps no value of a failed conversion in the message', async () => {
    const warehouse = await open()
    const failing = warehouse.rows(
      `select cast(v as int) from (values ('secret@x.example')) t(v)`,
    )
    await expect(failing).rejects.toThrow('Conversion Error')
    await expect(failing).rejects.not.toThrow('secret')
  })
})

describe('spilling', () => {
  const big =
    'create table big as select range as i, repeat(md5(range::varchar), 12) as s from range(400000)'

  it.each([true, false])(
    'works with sealed = %s and leaves nothing',
    async (sealed) => {
      const warehouse = await open({ sealed, memoryLimit: '110MB', threads: 1 })
      await warehouse.run(big)
      let seen = 0
      const timer = setInterval(() => {
        for (const name of readdirSync(join(folder, 'temp'))) {
          seen += readdirSync(join(folder, 'temp', name)).length
        }
      }, 5)
      await warehouse.run('create table sorted as from big order by s')
      clearInterval(timer)
      expect(seen).toBeGreaterThan(0)
      await warehouse.close()
      expect(readdirSync(join(folder, 'temp'))).toEqual([])
    },
  )

  it('sweeps what a killed process left and nothing else', async () => {
    const temp = join(folder, 'temp')
    const dead = spawnSync('true').pid
    mkdirSync(join(temp, `spill-${dead}-x`), { recursive: true })
    writeFileSync(join(temp, `spill-${dead}-x`, 'duckdb_temp_0.tmp'), 'pii')
    mkdirSync(join(temp, `spill-${process.ppid}-x`))
    writeFileSync(join(temp, 'mine.txt'), '')
    await open()
    const left = readdirSync(temp).filter(
      (name) => !name.startsWith(`spill-${process.pid}-`),
    )
    expect(left.toSorted()).toEqual(['mine.txt', `spill-${process.ppid}-x`])
  })
})

describe('a sealed warehouse', () => {
  it.each([
    `copy (select 1) to 'x.csv'`,
    `from read_text('/etc/hostname')`,
    `from '/etc/hostname.csv'`,
    `attach 'other.duckdb' as other`,
    'install httpfs',
    'load httpfs',
    'set threads = 1',
    'set global enable_external_access = true',
    'reset lock_configuration',
  ])('refuses %s', async (sql) => {
    const warehouse = await open({ sealed: true })
    await expect(warehouse.run(sql)).rejects.toThrow()
  })
})

describe('a function registered from JavaScript', () => {
  it('is pure text to text, with null for null, on every connection', async () => {
    const warehouse = await open({ sealed: true })
    let calls = 0
    warehouse.registerFunction('glue', 2, (a, b) => {
      calls += 1
      return a === 'none' ? null : `${a}+${b}`
    })
    await warehouse.run(
      `create table t as select * from (values ('a', 'b'), (null, 'c'), ('none', 'd'), ('x\u00e9', '\u{1f600}')) v(p, q)`,
    )
    const rows = await warehouse.rows<{ g: string }>(
      'select glue(p, q) as g from t',
    )
    expect(rows.map((row) => row.g)).toEqual([
      'a+b',
      null,
      null,
      'x\u00e9+\u{1f600}',
    ])
    expect(calls).toBe(3)
    const session = await warehouse.session()
    expect(await session.queries.one(`select glue('1', '2') as g`)).toEqual({
      g: '1+2',
    })
  })

  it('fails the statement, without the value, when it throws', async () => {
    const warehouse = await open()
    warehouse.registerFunction('bad', 1, (a) => {
      throw new RangeError(`cannot take ${a}`)
    })
    const failing = warehouse.rows(
      `select bad('secret' || range::varchar) from range(3)`,
    )
    await expect(failing).rejects.toThrow('bad() failed with RangeError')
    await expect(failing).rejects.not.toThrow('cannot take')
  })
})

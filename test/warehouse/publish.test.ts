import { spawn } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { publish } from '../../src/warehouse/publish.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

let folder = ''
let build: Warehouse
let target = ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'publish-'))
  target = join(folder, 'acme.duckdb')
  build = await Warehouse.open({
    path: join(folder, 'acme', 'build.duckdb'),
    temp: join(folder, 'acme', 'temp'),
    sealed: false,
  })
  await build.run('create schema mart')
  await build.run('create table mart.lead as select range as id from range(3)')
  await build.run(
    'create view mart.big as select id from mart.lead where id > 1',
  )
})

afterEach(async () => {
  await build.close()
  rmSync(folder, { recursive: true, force: true })
})

const lead = {
  schema: 'mart',
  name: 'lead',
  as: { schema: 'main', name: 'lead' },
  comment: "Everybody's lead; one row per lead",
  columns: { id: "Marketo's id", absent: 'Of other pipelines' },
}
const big = {
  schema: 'mart',
  name: 'big',
  as: { schema: 'extra', name: 'big_lead' },
  comment: 'Big leads',
  columns: {},
}

async function read<T>(sql: string): Promise<T[]> {
  const reader = await Warehouse.open({
    path: target,
    temp: join(folder, 'read'),
    sealed: true,
    readOnly: true,
  })
  try {
    return await reader.rows<T>(sql)
  } finally {
    await reader.close()
  }
}

describe('publish', () => {
  it('copies tables and views with their comments into one private file', async () => {
    await publish({ from: build, target, tables: [lead, big] })
    expect(await read('select count(*) as n from main.lead')).toEqual([
      { n: 3 },
    ])
    expect(await read('from extra.big_lead')).toEqual([{ id: 2 }])
    expect(
      await read(
        `select table_name, comment from duckdb_tables() order by all`,
      ),
    ).toEqual([
      { table_name: 'big_lead', comment: 'Big leads' },
      { table_name: 'lead', comment: "Everybody's lead; one row per lead" },
    ])
    expect(
      await read(
        `select comment from duckdb_columns() where table_name = 'lead'`,
      ),
    ).toEqual([{ comment: "Marketo's id" }])
    expect(statSync(target).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).toSorted()).toEqual([
      'acme',
      'acme.duckdb',
      'read',
    ])
  })

  it('takes a closed build file as well', async () => {
    const path = build.path
    await build.close()
    await publish({ from: path, target, tables: [lead] })
    expect(await read('select count(*) as n from lead')).toEqual([{ n: 3 }])
  })

  it('leaves the old file and nothing else when a table is missing', async () => {
    await publish({ from: build, target, tables: [lead] })
    const wrong = { ...big, name: 'absent' }
    await expect(
      publish({ from: build, target, tables: [lead, wrong] }),
    ).rejects.toThrow('absent')
    expect(await read('select count(*) as n from lead')).toEqual([{ n: 3 }])
    expect(readdirSync(folder).toSorted()).toEqual([
      'acme',
      'acme.duckdb',
      'read',
    ])
    expect(
      await build.rows(
        'select database_name from duckdb_databases() where not internal',
      ),
    ).toHaveLength(1)
  })

  it('sweeps what killed publications left and the log of the old file', async () => {
    writeFileSync(join(folder, '.acme.duckdb.new-4194303-x'), 'half')
    writeFileSync(join(folder, '.acme.duckdb.new-4194303-x.wal'), 'half')
    writeFileSync(join(folder, '.other.duckdb.new-4194303-x'), 'not ours')
    writeFileSync(`${target}.wal`, 'somebody wrote here')
    await publish({ from: build, target, tables: [lead] })
    expect(await read('select count(*) as n from lead')).toEqual([{ n: 3 }])
    expect(readdirSync(folder).toSorted()).toEqual([
      '.other.duckdb.new-4194303-x',
      'acme',
      'acme.duckdb',
      'read',
    ])
  })

  it('never blocks a reader in another process or shows it two runs at once', async () => {
    await build.run('create table mart.run as select 0 as run')
    const run = {
      schema: 'mart',
      name: 'run',
      as: { schema: 'main', name: 'run' },
      comment: '',
      columns: {},
    }
    const stamped = { ...lead, columns: {} }
    const next = async (number: number) => {
      await build.run(
        `create or replace table mart.run as select ${number} as run`,
      )
      await build.run(
        `create or replace table mart.lead as select ${number} as run from range(20000)`,
      )
      await publish({ from: build, target, tables: [stamped, run] })
    }
    await next(1)
    const reader = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      readLoop(target),
    ])
    let said = ''
    let wrong = ''
    reader.stdout.on('data', (data: Buffer) => (said += data.toString()))
    reader.stderr.on('data', (data: Buffer) => (wrong += data.toString()))
    await new Promise((resolve) => reader.stdout.once('data', resolve))
    for (let number = 2; number <= 11; number += 1) await next(number)
    reader.stdin.end()
    await new Promise((resolve) => reader.once('exit', resolve))
    expect(wrong).toBe('')
    const seen = said.trim().split('\n')
    expect(seen.filter((line) => !/^(\d+) \1 \1 20000$/.test(line))).toEqual([])
    expect(new Set(seen).size).toBeGreaterThan(2)
  })
})

/** Reads the file over and over until its input ends. */
function readLoop(path: string): string {
  return `
    import { DuckDBInstance } from '@duckdb/node-api'
    let more = true
    process.stdin.on('end', () => { more = false }).resume()
    while (more) {
      const instance = await DuckDBInstance.create(${JSON.stringify(path)}, { access_mode: 'READ_ONLY' })
      const connection = await instance.connect()
      const reader = await connection.runAndReadAll('select (select run from run), min(run), max(run), count(*) from lead')
      console.log(reader.getRows()[0].join(' '))
      connection.closeSync()
      instance.closeSync()
    }`
}

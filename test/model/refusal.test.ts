import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { buildModels } from '../../src/model/build.js'
import { testModels } from '../../src/model/check.js'
import { type Compiled, compileProject } from '../../src/model/compile.js'
import { loadProject } from '../../src/model/project.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

let folder = ''
let opened: Warehouse | null = null

async function open(sealed: boolean): Promise<Warehouse> {
  opened = await Warehouse.open({
    path: join(folder, 'w.duckdb'),
    temp: join(folder, 'temp'),
    sealed,
  })
  return opened
}

function write(name: string, sql: string, tests = ''): void {
  const path = join(folder, 'models', 'mart', name)
  mkdirSync(join(folder, 'models', 'mart'), { recursive: true })
  writeFileSync(`${path}.sql`, sql)
  writeFileSync(
    `${path}.yml`,
    `description: Made for a test. One row per row.\nmaterialized: table\n${tests}`,
  )
}

async function compiled(): Promise<Compiled> {
  const project = await loadProject(join(folder, 'models'), folder)
  return compileProject(project, { context: {}, helpers: {} })
}

const options = () => ({
  names: null,
  emit: () => {},
  signal: new AbortController().signal,
  clock: systemClock,
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refusal-'))
})

afterEach(async () => {
  await opened?.close()
  opened = null
  rmSync(folder, { recursive: true, force: true })
})

describe('a build', () => {
  it.each([
    'select 1 as x from enable_logging()',
    'from duckdb_settings()',
    "from read_csv('x.csv')",
    "from 'x.csv'",
    'select 1) ; drop table main.kept; select (1',
    'select 1 as x) union all (select 2',
    "attach ':memory:' as m",
    'select 1;',
  ])('makes no table of %s and leaves the others', async (sql) => {
    write('bad', sql)
    write('reader', 'select * from {{ref "bad"}}')
    write('sound', 'select 1 as x')
    const warehouse = await open(true)
    await warehouse.run('create table main.kept (i int)')
    const results = await buildModels(warehouse, await compiled(), options())
    expect(
      Object.fromEntries(results.map(({ model, status }) => [model, status])),
    ).toEqual({ bad: 'error', reader: 'skipped', sound: 'success' })
    expect(results[0]?.message).toMatch(/^models\/mart\/bad\.sql \w+/)
    expect(
      await warehouse.rows(
        `select table_name as t from duckdb_tables() where schema_name = 'main' order by 1`,
      ),
    ).toEqual([{ t: 'kept' }, { t: 'sound' }])
  })

  it('refuses a test that reaches a file', async () => {
    write(
      'sound',
      'select 1 as x',
      "tests:\n  - name: peeks\n    sql: from read_text('/etc/hostname')\n",
    )
    const warehouse = await open(true)
    const project = await compiled()
    await buildModels(warehouse, project, options())
    const results = await testModels(warehouse, project, {
      ...options(),
      broken: new Set(),
    })
    expect(results).toMatchObject([{ test: 'peeks', status: 'error' }])
    expect(results[0]?.message).toContain('reads from read_text()')
  })

  it('never runs where files can be reached', async () => {
    write('sound', 'select 1 as x')
    const warehouse = await open(false)
    await expect(
      buildModels(warehouse, await compiled(), options()),
    ).rejects.toMatchObject({ code: 'not_sealed' })
    await expect(
      testModels(warehouse, await compiled(), {
        ...options(),
        broken: new Set(),
      }),
    ).rejects.toMatchObject({ code: 'not_sealed' })
  })
})

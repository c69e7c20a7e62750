import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Generated, Migrator, sql, type Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kyselyFor } from '../../src/warehouse/dialect.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

interface Database {
  'meta.run': {
    id: string
    rows: number | null
    started_at: string
    is_done: Generated<boolean>
  }
}

let folder = ''
let warehouse: Warehouse
let db: Kysely<Database>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dialect-'))
  warehouse = await Warehouse.open({
    path: join(folder, 'w.duckdb'),
    temp: join(folder, 'temp'),
    sealed: true,
  })
  db = kyselyFor<Database>(warehouse)
  await warehouse.run('create schema meta')
  await warehouse.run(
    'create table meta.run (id varchar primary key, rows bigint, started_at timestamp, is_done boolean default false)',
  )
})

afterEach(async () => {
  await db.destroy()
  await warehouse.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = (id: string, rows: number | null = null) => ({
  id,
  rows,
  started_at: '2026-11-21T10:00:00.000Z',
})

const migrate = async (broken: boolean) =>
  await new Migrator({
    db,
    migrationTableSchema: 'meta',
    provider: {
      getMigrations: async () => ({
        '1_good': {
          up: async (on: Kysely<unknown>) => {
            await on.schema
              .createTable('meta.step')
              .addColumn('id', 'bigint')
              .execute()
          },
        },
        '2_second': {
          up: async (on: Kysely<unknown>) => {
            await on.schema
              .createTable('meta.half')
              .addColumn('id', 'bigint')
              .execute()
            if (broken) await sql`select nonsense`.execute(on)
          },
        },
      }),
    },
  }).migrateToLatest()
const tables = async () =>
  (
    await warehouse.rows<{ name: string }>(
      `select table_name as name from duckdb_tables() where schema_name = 'meta' order by 1`,
    )
  ).map((table) => table.name)

describe('kysely over a warehouse', () => {
  it('inserts, returns, updates and counts', async () => {
    const made = await db
      .insertInto('meta.run')
      .values([run("a'; --", 5), run('b')])
      .returning(['id', 'started_at', 'is_done'])
      .execute()
    expect(made[0]).toEqual({
      id: "a'; --",
      started_at: '2026-11-21T10:00:00.000Z',
      is_done: false,
    })
    const changed = await db
      .updateTable('meta.run')
      .set({ rows: 6 })
      .where('rows', 'is', null)
      .executeTakeFirst()
    expect(changed.numUpdatedRows).toBe(1n)
    expect(
      await db
        .selectFrom('meta.run')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .execute(),
    ).toEqual([{ count: 2 }])
  })

  it('replaces on conflict', async () => {
    for (const rows of [1, 2]) {
      await db
        .insertInto('meta.run')
        .values(run('a', rows))
        .onConflict((on) => on.column('id').doUpdateSet({ rows }))
        .execute()
    }
    expect(await db.selectFrom('meta.run').select('rows').execute()).toEqual([
      { rows: 2 },
    ])
  })

  it('rolls back, and keeps others out of a transaction', async () => {
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('meta.run').values(run('a')).execute()
      throw new Error('no')
    })
    const other = db.insertInto('meta.run').values(run('b')).execute()
    await expect(failing).rejects.toThrow('no')
    await other
    expect(await db.selectFrom('meta.run').select('id').execute()).toEqual([
      { id: 'b' },
    ])
  })

  it('leaves nothing of a failed migration', async () => {
    const failed = await migrate(true)
    expect(String(failed.error)).toContain('nonsense')
    expect(await tables()).not.toContain('half')
    const done = await migrate(false)
    expect(done.error).toBeUndefined()
    expect(await tables()).toEqual(
      expect.arrayContaining(['half', 'run', 'step']),
    )
    expect((await migrate(false)).results).toEqual([])
  })
})

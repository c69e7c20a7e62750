/**
 * Whether clusters depend on the order of rows or on threads, on tables so
 * large that two threads meet: `npm run bench:match-order [leads]`. Fails
 * where the trained model, a pair's weight or a cluster differs.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { literal } from '../../src/warehouse/quote.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { places } from './lead.js'
import { match, pipeline, say } from './match-phase.js'
import { generate, land, load } from './ours.js'

async function opened<T>(
  folder: string,
  path: string,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const { temp } = places(folder)
  const warehouse = await Warehouse.open({ path, temp, sealed: false })
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
  }
}

/** The raw tables hold the leads in another order. */
async function shuffle(folder: string): Promise<void> {
  await opened(folder, places(folder).loaded, async (warehouse) => {
    const tables = await warehouse.rows<{ name: string }>(
      `select table_name as name from duckdb_tables()
       where schema_name = 'raw' and table_name in (
         select table_name from duckdb_columns()
         where schema_name = 'raw' and column_name = 'id'
       )`,
    )
    for (const { name } of tables) {
      await warehouse.run(
        `create or replace temp table other as
         select * from raw."${name}" order by md5(cast(id as varchar) || 'other')`,
      )
      await warehouse.run(`delete from raw."${name}"`)
      await warehouse.run(`insert into raw."${name}" select * from temp.other`)
    }
  })
}

interface Found {
  readonly model: string
  /** One number for each table, whatever the order of its rows. */
  readonly tables: Readonly<Record<string, unknown>>
}

const compared = ['auto_pattern', 'auto_random', 'scored_pair', 'cluster']

async function found(folder: string): Promise<Found> {
  return await opened(folder, places(folder).build, async (warehouse) => {
    const tables: Record<string, unknown> = {}
    for (const name of compared) {
      tables[name] = await warehouse.one(
        `select count(*) as rows, cast(sum(hash(t)) as varchar) as sum
         from (select * from dedupe.${name}) as t`,
      )
    }
    const file = readFileSync(join(folder, 'pipelines', 'bench.match.json'))
    const model = file.toString().replace(/"trained_at": "[^"]*"/, '')
    return { model, tables }
  })
}

async function run(folder: string, threads: number): Promise<Found> {
  rmSync(join(folder, 'pipelines', 'bench.match.json'), { force: true })
  await match(folder, threads)
  const result = await found(folder)
  say(`${threads} threads: ${JSON.stringify(result.tables)}`)
  return result
}

async function rowGroups(folder: string): Promise<number> {
  const { build } = places(folder)
  const { groups } = await opened(folder, build, (warehouse) =>
    warehouse.one<{ groups: number }>(
      `select count(distinct row_group_id) as groups
       from pragma_storage_info(${literal('dedupe.auto_pattern')})`,
    ),
  )
  return groups
}

async function main(): Promise<void> {
  const leads = Number(process.argv[2] ?? 200_000)
  const folder = mkdtempSync(join(tmpdir(), 'match-order-'))
  mkdirSync(join(folder, 'pipelines'))
  try {
    await generate(folder, leads)
    await land(folder, leads)
    await load(folder, leads, pipeline(folder))
    const two = await run(folder, 2)
    say(`${leads} leads, ${await rowGroups(folder)} row groups of pairs`)
    await shuffle(folder)
    const one = await run(folder, 1)
    if (JSON.stringify(one) !== JSON.stringify(two)) {
      throw new Error('Another order or another thread gave other clusters')
    }
    say('one thread and another order: the same model, pairs and clusters')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()

/** The phases as the product does them. */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { scaledClock } from '../../src/clock.js'
import { landCsv } from '../../src/extract/landing.js'
import { withWarehouse } from '../../src/extract/memory.js'
import { loadRaw } from '../../src/extract/raw.js'
import { makeRawTables } from '../../src/extract/raw-table.js'
import { registerFunctions } from '../../src/model/function.js'
import { loadSeeds } from '../../src/model/seed.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import type { MetaDatabase } from '../../src/run/meta.js'
import { migrateMeta } from '../../src/run/migration.js'
import { type Built, buildAll, testAll } from '../../src/run/model.js'
import { compileModels } from '../../src/run/project.js'
import { generatedColumns, writeGenerated } from '../sandbox/generated-file.js'
import { kyselyFor } from '../../src/warehouse/dialect.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import {
  demo,
  extractOf,
  places,
  projectDir,
  schema,
  seed,
  until,
  wanted,
} from './lead.js'
import { type Measured, timed } from './measure.js'
import { statementsOf } from './statement.js'

const { signal } = new AbortController()

export async function generate(
  folder: string,
  count: number,
): Promise<Measured> {
  const { csv, truth } = places(folder)
  const options = { count, seed, until: Date.parse(until) }
  return await timed(async () => writeGenerated(csv, truth, options))
}

export async function land(folder: string, rows: number): Promise<Measured> {
  const { csv, parquet, temp } = places(folder)
  const limit = { rows: 10, share: 0.001 }
  const fields = [...generatedColumns]
  const request = { csv, parquet, fields, rows, limit }
  return await timed(async () => {
    await withWarehouse(temp, signal, async (warehouse) => {
      await landCsv(warehouse, request)
    })
  })
}

async function opened<T>(
  options: { path: string; temp: string; sealed: boolean },
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const warehouse = await Warehouse.open(options)
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
  }
}

export async function load(
  folder: string,
  rows: number,
  pipeline: Pipeline = demo(),
): Promise<Measured> {
  const { loaded: path, temp, parquet } = places(folder)
  const options = { path, temp, sealed: false }
  rmSync(path, { force: true })
  await opened(options, async (warehouse) => {
    await migrateMeta(kyselyFor<MetaDatabase>(warehouse))
    await loadSeeds(warehouse)
    // The columns that the file lacks, empty.
    await warehouse.transaction((queries) =>
      makeRawTables(queries, wanted(pipeline)),
    )
  })
  return await timed(() =>
    opened(options, (warehouse) =>
      loadRaw(warehouse, extractOf(parquet, rows, pipeline), { schema }),
    ),
  )
}

export interface ModelDetail extends Built {
  readonly testSeconds: number
  /** Found duplicates, to see that both sides did the same work. */
  readonly clusters: number
}

/** Times of work that failed would mean nothing. */
function refuseBad({ models, tests }: Built): void {
  const broken = models.find(({ status }) => status !== 'success')
  if (broken !== undefined) throw new Error(broken.message)
  const failed = tests.find(({ status }) => status !== 'pass')
  if (failed !== undefined) throw new Error(`${failed.test} ${failed.message}`)
}

/** Compiles, builds and tests every model, as a run does. */
export async function model(folder: string): Promise<Measured<ModelDetail>> {
  const { loaded, build: path, temp, compiled: file } = places(folder)
  copyFileSync(loaded, path)
  return await timed(() =>
    opened({ path, temp, sealed: true }, async (warehouse) => {
      registerFunctions(warehouse)
      const compiled = await compileModels(
        warehouse,
        { pipeline: demo(), locate: () => ({ line: 1, column: 1 }) },
        projectDir,
      )
      writeFileSync(file, JSON.stringify(statementsOf(compiled)))
      const request = {
        names: null,
        onModel: () => {},
        onTest: () => {},
        signal,
        clock: scaledClock(1),
      }
      const models = await buildAll(warehouse, compiled, request)
      const started = performance.now()
      const tests = await testAll(warehouse, compiled, request, models)
      refuseBad({ models, tests })
      const testSeconds = (performance.now() - started) / 1000
      const { clusters } = await warehouse.one<{ clusters: number }>(
        'select count(*) as clusters from dedupe."cluster"',
      )
      return { models, tests, testSeconds, clusters }
    }),
  )
}

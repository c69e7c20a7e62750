/** A few leads under the real models, so that every key is as a run has it. */
import { makeRawTables } from '../extract/raw-table.js'
import { registerFunctions } from '../model/function.js'
import { hashKeys } from '../model/hash-function.js'
import { loadSeeds } from '../model/seed.js'
import { buildModels } from '../model/build.js'
import { systemClock } from '../clock.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { Warehouse } from '../warehouse/warehouse.js'
import { refuseBroken } from './model.js'
import { compileModels } from './project.js'

export interface BenchLead {
  /** Marketo's fields as text. */
  readonly values: Readonly<Record<string, string | null>>
  /** Lists of the pipeline's services that it is on. */
  readonly lists: readonly { readonly kind: string; readonly list: string }[]
}

export interface BenchRequest {
  readonly loaded: Pick<LoadedPipeline, 'pipeline' | 'locate' | 'domainLists'>
  readonly projectDir: string
  readonly temp: string
  /** Marketo's lead fields that were exported. */
  readonly fields: readonly {
    readonly name: string
    readonly dataType: string
    readonly length: number | null
    readonly updateable: boolean
  }[]
  /** When the last run looked, ISO 8601. */
  readonly asOf: string
  /** They get the numbers 1, 2, … of their places. */
  readonly leads: readonly BenchLead[]
}

/** Models that tell what rules see of single leads and pairs. */
const wanted = ['key_gap', 'match_key', 'match_scope', 'pair_key', 'pair_apart']

/** Opens a warehouse in memory with these leads alone; close it. */
export async function openBench(request: BenchRequest): Promise<Warehouse> {
  const { loaded, projectDir, temp } = request
  const warehouse = await Warehouse.open({
    path: ':memory:',
    temp,
    sealed: true,
  })
  try {
    registerFunctions(warehouse, hashKeys(loaded.pipeline))
    await loadSeeds(warehouse, loaded.domainLists)
    await land(warehouse, request)
    const compiled = await compileModels(warehouse, loaded, projectDir)
    const known = wanted.filter((name) => compiled.models.has(name))
    const names = known.flatMap((name) => [
      name,
      ...compiled.graph.ancestors(name),
    ])
    const models = await buildModels(warehouse, compiled, {
      names,
      emit: () => {},
      signal: new AbortController().signal,
      clock: systemClock,
    })
    refuseBroken(models, loaded.pipeline.name, 'plan')
    return warehouse
  } catch (error) {
    await warehouse.close()
    throw error
  }
}

async function land(
  warehouse: Warehouse,
  { fields, asOf, leads }: BenchRequest,
): Promise<void> {
  const names = fields.map(({ name }) => name)
  await warehouse.transaction((queries) => makeRawTables(queries, names))
  await warehouse.append(
    'raw.field',
    {
      name: 'varchar',
      data_type: 'varchar',
      length: 'bigint',
      updateable: 'boolean',
    },
    fields.map(({ name, dataType, length, updateable }) => [
      name,
      dataType,
      length,
      updateable,
    ]),
  )
  await warehouse.run(
    'insert into raw.extract (id, as_of, is_complete) values ($1, $2, false)',
    ['why', asOf],
  )
  await warehouse.append(
    'raw.lead',
    Object.fromEntries(['id', ...names].map((name) => [name, 'varchar'])),
    leads.map(({ values }, at) => [
      String(at + 1),
      ...names.map((name) => values[name] ?? null),
    ]),
  )
  await warehouse.run(
    "update raw.lead set _extract = 'why', _seen_at = cast($1 as timestamp)",
    [asOf],
  )
  await warehouse.append(
    'raw.list_member',
    { list_kind: 'varchar', list: 'varchar', lead_id: 'varchar' },
    leads.flatMap(({ lists }, at) =>
      lists.map(({ kind, list }) => [kind, list, String(at + 1)]),
    ),
  )
}

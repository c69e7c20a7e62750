/** A base of leads in memory with this project's models built over it. */
import { systemClock } from '../../src/clock.js'
import { makeRawTables } from '../../src/extract/raw-table.js'
import { buildModels } from '../../src/model/build.js'
import { testModels } from '../../src/model/check.js'
import { type Compiled, compileProject } from '../../src/model/compile.js'
import { ownProject } from '../../src/model/own.js'
import { loadProject } from '../../src/model/project.js'
import { ruleContext } from '../../src/model/rule.js'
import { ruleHelpers } from '../../src/model/rule-helper.js'
import { parsePipeline } from '../../src/pipeline/load.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import type { Override } from '../../src/pipeline/override.js'
import type { MetaDatabase } from '../../src/run/meta.js'
import { migrateMeta } from '../../src/run/migration.js'
import { fillOverrides } from '../../src/run/override.js'
import { kyselyFor } from '../../src/warehouse/dialect.js'
import { decision } from './decision.js'
import { memory } from './memory.js'

/** Fields of a lead as Marketo exports them; id among them. */
export type BaseLead = Readonly<Record<string, string | null>>

export interface BaseRequest {
  /** The whole pipeline file. */
  readonly pipeline: string
  readonly leads: readonly BaseLead[]
  /** By the name of a static list: ids. */
  readonly lists?: Readonly<Record<string, readonly string[]>>
  /** Merges that Marketo reported: loser, winner, when. */
  readonly merges?: readonly (readonly [string, string, string])[]
  /** Ids that a census missed. */
  readonly missing?: readonly string[]
  readonly types?: Readonly<Record<string, string>>
  /** Of fields that hold fewer than 255 characters. */
  readonly lengths?: Readonly<Record<string, number>>
  /** Only these and what they read; else every model. */
  readonly models?: readonly string[]
  /** Decisions of people; what is left out is empty. */
  readonly overrides?: readonly Partial<Override>[]
}

const asOf = '2026-11-21T00:00:00Z'

export const noSecrets = {
  name: 'acme',
  file: 'pipelines/acme.yml',
  env: {},
  secrets: 'ignored',
} as const

/** Fields that no rule writes. */
const readOnly = ['id', 'createdAt', 'updatedAt']

function isWritable(name: string): boolean {
  return !readOnly.includes(name) && !name.startsWith('sfdc')
}

/** Exported by every run, where the instance has them. */
const always =
  'id email firstName lastName country createdAt updatedAt unsubscribed emailInvalid sfdcType sfdcContactId sfdcLeadId sfdcAccountId sfdcIsDeleted'

async function land(
  warehouse: Warehouse,
  { leads, lists = {}, merges = [], missing = [], overrides = [] }: BaseRequest,
): Promise<string[]> {
  const named = leads.flatMap((lead) => Object.keys(lead))
  const fields = [...new Set([...always.split(' '), ...named])]
  await warehouse.transaction((queries) => makeRawTables(queries, fields))
  await warehouse.append(
    'raw.lead',
    Object.fromEntries(fields.map((name) => [name, 'varchar'])),
    leads.map((lead) => fields.map((name) => lead[name] ?? null)),
  )
  await warehouse.run(
    `update raw.lead set _extract = 'e1', _seen_at = timestamp '2026-11-21'`,
  )
  await warehouse.run(
    `insert into raw.extract (id, as_of, rows, bytes, is_complete) values ('e1', '${asOf}', 0, 0, true)`,
  )
  const decisions = overrides.map(decision)
  await fillOverrides(warehouse, 'seed.override', decisions)
  await warehouse.append(
    'raw.lead_merge',
    { loser_id: 'varchar', winner_id: 'varchar', merged_at: 'varchar' },
    merges,
  )
  await warehouse.append(
    'raw.lead_missing',
    { id: 'varchar', missed_at: 'varchar' },
    missing.map((id) => [id, '2026-11-22T00:00:00Z']),
  )
  for (const [name, ids] of Object.entries(lists)) {
    await warehouse.append(
      'raw.list_member',
      { list_kind: 'varchar', list: 'varchar', lead_id: 'varchar' },
      ids.map((id) => ['static', name, id]),
    )
  }
  return fields.filter((name) => name !== 'id')
}

async function landContract(
  warehouse: Warehouse,
  names: readonly string[],
  { types, lengths }: BaseRequest,
): Promise<void> {
  await warehouse.append(
    'raw.field',
    {
      name: 'varchar',
      data_type: 'varchar',
      length: 'bigint',
      updateable: 'boolean',
    },
    names.map((name) => [
      name,
      types?.[name] ?? 'string',
      BigInt(lengths?.[name] ?? 255),
      isWritable(name),
    ]),
  )
}

/** Models and everything that they read. */
function above(compiled: Compiled, names: readonly string[]): string[] {
  const found = new Set(names)
  for (const name of found) {
    for (const ref of compiled.models.get(name)?.refs ?? []) found.add(ref)
  }
  return [...found]
}

/**
 * Builds and tests every model. Throws with the first one that fails.
 */
export async function base(request: BaseRequest): Promise<Warehouse> {
  const warehouse = await memory()
  await migrateMeta(kyselyFor<MetaDatabase>(warehouse))
  const names = await land(warehouse, request)
  await landContract(warehouse, names, request)
  const { pipeline } = parsePipeline(request.pipeline, noSecrets)
  const fields = names.map((name) => ({
    name,
    dataType: request.types?.[name] ?? 'string',
    length: request.lengths?.[name] ?? 255,
    writable: isWritable(name),
  }))
  const context = ruleContext({ pipeline, fields, asOf })
  const helpers = ruleHelpers(context)
  const project = ownProject(await loadProject('models'), pipeline)
  const compiled = compileProject(project, {
    context,
    helpers,
  })
  const wanted = request.models ?? [...compiled.models.keys()]
  const options = {
    names: above(compiled, wanted),
    emit: () => {},
    signal: new AbortController().signal,
    clock: systemClock,
  }
  const built = await buildModels(warehouse, compiled, options)
  const failed = built.find(({ status }) => status !== 'success')
  if (failed !== undefined) throw new Error(`${failed.model} ${failed.message}`)
  const broken = new Set<string>()
  const tests = await testModels(warehouse, compiled, { ...options, broken })
  const wrong = tests.find(({ status }) => status !== 'pass')
  if (wrong !== undefined) throw new Error(`${wrong.test} ${wrong.message}`)
  return warehouse
}

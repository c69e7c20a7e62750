/** Matching by probability over the real models, run after run. */
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.js'
import { makeRawTables } from '../../src/extract/raw-table.js'
import { compileProject, type Compiled } from '../../src/model/compile.js'
import { ownProject } from '../../src/model/own.js'
import { loadProject } from '../../src/model/project.js'
import { ruleContext } from '../../src/model/rule.js'
import { ruleHelpers } from '../../src/model/rule-helper.js'
import { parsePipeline } from '../../src/pipeline/load.js'
import type { Override } from '../../src/pipeline/override.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { buildMatched } from '../../src/run/match.js'
import { refuseBroken } from '../../src/run/model.js'
import { fillOverrides } from '../../src/run/override.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { noSecrets } from './base.js'
import { type Lead, leadFields } from './match-lead.js'
import { decision } from './decision.js'
import { memory } from './memory.js'

const asOf = '2026-11-21T00:00:00Z'

export interface StageRequest {
  readonly pipeline: string
  /** Limits other than the program's, so that few leads are many. */
  readonly limit?: Readonly<{ compare_all?: number; auto_block?: number }>
}

export interface Stage {
  readonly pipeline: Pipeline
  readonly compiled: Compiled
}

/** A folder with no trained model yet. */
export function projectFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'match-test-'))
  mkdirSync(join(folder, 'pipelines'))
  return folder
}

export function modelFile(folder: string): Record<string, unknown> {
  const text = readFileSync(
    join(folder, 'pipelines', 'acme.match.json'),
    'utf8',
  )
  const file: unknown = JSON.parse(text)
  if (typeof file !== 'object' || file === null) throw new Error('no model')
  return { ...file }
}

export async function stage(request: StageRequest): Promise<Stage> {
  const { pipeline } = parsePipeline(request.pipeline, noSecrets)
  const fields = leadFields.map((name) => ({
    name,
    dataType: name === 'leadScore' ? 'integer' : 'string',
    length: 255,
    writable: !['createdAt', 'updatedAt', 'sfdcAccountId'].includes(name),
  }))
  const usual = ruleContext({ pipeline, fields, asOf })
  const context = { ...usual, limit: { ...usual.limit, ...request.limit } }
  const project = ownProject(await loadProject('models'), pipeline)
  const helpers = ruleHelpers(context)
  return { pipeline, compiled: compileProject(project, { context, helpers }) }
}

export async function openBase(threads?: number): Promise<Warehouse> {
  const warehouse = await memory(threads)
  await warehouse.transaction((queries) => makeRawTables(queries, leadFields))
  await warehouse.run(
    `insert into raw.extract (id, as_of, rows, bytes, is_complete) values ('e1', '${asOf}', 0, 0, true)`,
  )
  return warehouse
}

export interface Landing {
  readonly leads: ReadonlyMap<number, Lead>
  readonly overrides?: readonly Partial<Override>[]
  /** By the name of a static list. */
  readonly lists?: Readonly<Record<string, Iterable<number>>>
}

/** These leads, and no others, in this order. */
export async function land(
  warehouse: Warehouse,
  { leads, overrides = [], lists = {} }: Landing,
): Promise<void> {
  await warehouse.run('delete from raw.list_member')
  await warehouse.append(
    'raw.list_member',
    { list_kind: 'varchar', list: 'varchar', lead_id: 'varchar' },
    Object.entries(lists).flatMap(([name, ids]) =>
      [...ids].map((id) => ['static', name, String(id)]),
    ),
  )
  await warehouse.run('delete from raw.lead')
  await warehouse.append(
    'raw.lead',
    Object.fromEntries(['id', ...leadFields].map((name) => [name, 'varchar'])),
    [...leads].map(([id, lead]) => [
      String(id),
      ...leadFields.map((name) => lead[name] ?? null),
    ]),
  )
  await warehouse.run(
    `update raw.lead set _extract = 'e1', _seen_at = timestamp '2026-11-21'`,
  )
  await warehouse.run('delete from seed.override')
  const decisions = overrides.map(decision)
  await fillOverrides(warehouse, 'seed.override', decisions)
}

/** As a run builds: trains where `folder` has no model, keeps patterns. */
export async function build(
  warehouse: Warehouse,
  { pipeline, compiled }: Stage,
  folder: string,
  models: readonly string[] = ['cluster'],
): Promise<void> {
  const names = models.flatMap((name) => [
    name,
    ...compiled.graph.ancestors(name),
  ])
  const built = await buildMatched(
    warehouse,
    compiled,
    {
      names,
      onModel: () => {},
      onTest: () => {},
      signal: new AbortController().signal,
      clock: systemClock,
    },
    { pipeline, projectDir: folder, clock: systemClock, note: () => {} },
  )
  refuseBroken(built, 'acme', 'plan')
}

/** As if no run had been: what was built and what was kept is gone. */
export async function forget(warehouse: Warehouse): Promise<void> {
  for (const schema of ['match', 'dedupe', 'staging']) {
    await warehouse.run(`drop schema if exists ${schema} cascade`)
  }
}

export const compared = [
  'auto_pattern',
  'scored_pair',
  'auto_person',
  'cluster',
]

/** All that matching found, in one order, by table. */
export async function found(
  warehouse: Warehouse,
  tables: readonly string[] = compared,
): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>()
  for (const table of tables) {
    const kept = table === 'auto_pattern' ? '* exclude (is_known)' : '*'
    const rows = await warehouse.rows<{ text: string }>(
      `select cast(row as varchar) as text
       from (select ${kept} from dedupe.${table}) as row order by text`,
    )
    all.set(
      table,
      rows.map(({ text }) => text),
    )
  }
  return all
}

/** The first rows that only one of the two has. */
export function differences(
  one: ReadonlyMap<string, readonly string[]>,
  other: ReadonlyMap<string, readonly string[]>,
): string[] {
  const beyond = (mine: typeof one, theirs: typeof one) =>
    [...mine].flatMap(([table, rows]) => {
      const known = new Set(theirs.get(table))
      return rows.filter((row) => !known.has(row)).slice(0, 2)
    })
  return [...beyond(one, other), ...beyond(other, one)]
}

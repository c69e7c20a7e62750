/**
 * Lists of domains and mailbox names. They come from packages that are kept
 * up to date, and load into schema `seed` whenever a package's version moved.
 */
import { createHash } from 'node:crypto'
import type { DomainList } from '../pipeline/domain-list.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import {
  type DomainSeed,
  domainSeeds,
  genuineProviders,
  suffixSource,
} from './domain-seed.js'
import { keyNeighbours } from './keyboard.js'
import { nicknames } from './nickname.js'
import { countryNames, stateCodes } from './place-name.js'

/** Empty until decisions are loaded; models read it either way. */
export const overrideTable =
  'seed.override (kind varchar, lead_id bigint, other_id bigint, field varchar, value varchar, author varchar, reason varchar, until date)'

interface NameSeed {
  readonly table: string
  readonly columns: readonly [string, string]
  readonly pairs: () => readonly (readonly [string, string])[]
}

/** Lists of two columns, the second the meaning of the first. */
const nameSeeds: readonly NameSeed[] = [
  { table: 'nickname', columns: ['name', 'root'], pairs: nicknames },
  { table: 'country_name', columns: ['name', 'code'], pairs: countryNames },
  { table: 'state_name', columns: ['name', 'code'], pairs: stateCodes },
  { table: 'key_neighbour', columns: ['a', 'b'], pairs: keyNeighbours },
]

/** Changes whenever any list does; own names are in the program. */
function seedVersion(seeds: readonly DomainSeed[]): string {
  const parts = [
    ...seeds.map(({ table, values, sources }) => [table, values, sources]),
    suffixSource(),
    'own lists 2026-11-22',
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

async function loadDomains(
  warehouse: Warehouse,
  { table, column, values }: Pick<DomainSeed, 'table' | 'column' | 'values'>,
): Promise<void> {
  await warehouse.run(
    `create or replace table seed.${table} (${column} varchar)`,
  )
  await warehouse.append(
    `seed.${table}`,
    { [column]: 'varchar' },
    values.map((value) => [value]),
  )
}

/** What the lists are made of, for people who ask how old they are. */
async function loadLists(
  warehouse: Warehouse,
  seeds: readonly DomainSeed[],
): Promise<void> {
  const columns = {
    list: 'varchar',
    source: 'varchar',
    version: 'varchar',
    dated: 'varchar',
    entries: 'bigint',
    change: 'varchar',
  } as const
  await warehouse.run(
    'create or replace table seed.domain_list (list varchar, source varchar, version varchar, dated date, entries bigint, change varchar)',
  )
  const sources = [
    ...seeds.flatMap((seed) =>
      seed.sources.map((source) => ({ list: seed.list, ...source })),
    ),
    { list: 'suffix', ...suffixSource() },
  ]
  await warehouse.append(
    'seed.domain_list',
    columns,
    sources.map(({ list, source, version, dated, entries, change }) => [
      list,
      source,
      version,
      dated,
      entries,
      change,
    ]),
  )
}

async function loadNames(warehouse: Warehouse, seed: NameSeed): Promise<void> {
  const [name, meaning] = seed.columns
  await warehouse.run(
    `create or replace table seed.${seed.table} (${name} varchar, ${meaning} varchar)`,
  )
  await warehouse.append(
    `seed.${seed.table}`,
    { [name]: 'varchar', [meaning]: 'varchar' },
    seed.pairs(),
  )
}

/**
 * Fills schema `seed` unless it already holds these versions.
 * @param own lists of the pipeline's own
 */
export async function loadSeeds(
  warehouse: Warehouse,
  own: readonly DomainList[] = [],
): Promise<void> {
  const seeds = domainSeeds(own)
  const version = seedVersion(seeds)
  await warehouse.run('create schema if not exists seed')
  await warehouse.run(`create table if not exists ${overrideTable}`)
  await warehouse.run(
    'create table if not exists seed.loaded (version varchar)',
  )
  const loaded = await warehouse.rows<{ version: string }>(
    'select version from seed.loaded',
  )
  if (loaded[0]?.version === version) return
  for (const seed of seeds) await loadDomains(warehouse, seed)
  await loadDomains(warehouse, {
    table: 'genuine_domain',
    column: 'domain',
    values: genuineProviders(own),
  })
  await loadLists(warehouse, seeds)
  for (const seed of nameSeeds) await loadNames(warehouse, seed)
  await warehouse.run('delete from seed.loaded')
  await warehouse.run('insert into seed.loaded values ($1)', [version])
}

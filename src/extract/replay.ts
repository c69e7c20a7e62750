import { join } from 'node:path'
import type { LeadSchema } from '../marketo/api.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { chainOf } from './chain.js'
import { newNames, readContract } from './contract-file.js'
import { describe, type Extract } from './landed.js'
import { loadRaw } from './raw.js'
import { makeRawTables } from './raw-table.js'
import { readStates } from './state.js'

export interface LoadOptions {
  readonly found: Extract
  readonly schema: LeadSchema
  /** Names of today of fields, by former ones. */
  readonly renamed?: ReadonlyMap<string, string>
}

/**
 * Brings the raw tables up to a finished extract of a pipeline's private
 * folder, the last one. What it builds on is loaded before it where the warehouse
 * does not have it: because a run was killed in between, or because the
 * warehouse was lost. Returns how many extracts were loaded.
 */
export async function loadLanded(
  warehouse: Warehouse,
  folder: string,
  { found, ...options }: LoadOptions,
): Promise<number> {
  const states = await readStates(join(folder, 'landing'))
  const chain = chainOf(states).map(describe)
  const isLast = chain.at(-1)?.id === found.id
  const missing = isLast ? await notLoaded(warehouse, chain) : [found]
  for (const extract of missing) await loadRaw(warehouse, extract, options)
  return missing.length
}

/**
 * Makes the raw tables what this version of the program reads, and loads the
 * landed extracts where a build file holds none. Returns how many.
 */
export async function reload(
  warehouse: Warehouse,
  folder: string,
): Promise<number> {
  await warehouse.transaction((queries) => makeRawTables(queries, []))
  const { loaded } = await warehouse.one<{ loaded: number }>(
    'select count(*) as loaded from raw.extract',
  )
  const found = await lastLanded(folder)
  const contract = await readContract(folder)
  if (loaded > 0 || found === null || contract === null) return 0
  const fields = contract.fields.filter(({ change }) => change !== 'removed')
  const schema = { fields, searchable: [] }
  const renamed = newNames(contract)
  return await loadLanded(warehouse, folder, { found, schema, renamed })
}

/** The last finished extract of a pipeline's private folder. */
export async function lastLanded(folder: string): Promise<Extract | null> {
  const last = chainOf(await readStates(join(folder, 'landing'))).at(-1)
  return last === undefined ? null : describe(last)
}

/**
 * Those after the last one that is loaded, and always the last: loading it
 * twice changes nothing. An older one must never come after a newer one.
 */
async function notLoaded(
  warehouse: Warehouse,
  chain: readonly Extract[],
): Promise<readonly Extract[]> {
  const { found } = await warehouse.one<{ found: number }>(
    `select count(*) as found from duckdb_tables()
    where database_name = current_database()
      and schema_name = 'raw' and table_name = 'extract'`,
  )
  const loaded =
    found === 0
      ? []
      : await warehouse.rows<{ id: string }>('select id from raw.extract')
  const ids = new Set(loaded.map(({ id }) => id))
  const last = chain.findLastIndex(({ id }) => ids.has(id))
  return chain.slice(Math.min(last + 1, chain.length - 1))
}

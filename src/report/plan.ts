/** What plans were made of and what became of them, from `meta`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Folders } from '../run/folder.js'
import { Warehouse } from '../warehouse/warehouse.js'

export interface Counted {
  readonly name: string
  readonly count: number
}

export interface PlanFacts {
  /** First characters of the plans' hashes. */
  readonly plans: readonly string[]
  readonly merges: number
  readonly losers: number
  readonly updates: number
  /** Merges that each match rule, in words, has a part in. */
  readonly rules: readonly Counted[]
  /** Leads updated, by field. */
  readonly fields: readonly Counted[]
  /** Rows by their final status. */
  readonly outcomes: readonly Counted[]
  /** Why rows did not end as planned; ids are left out. */
  readonly reasons: readonly Counted[]
}

/** Null where nothing was planned, or published since. */
export async function planFacts(
  folders: Pick<Folders, 'published' | 'temp'>,
  hashes: readonly string[],
): Promise<PlanFacts | null> {
  if (hashes.length === 0 || !existsSync(folders.published)) return null
  const warehouse = await Warehouse.open({
    path: folders.published,
    temp: join(folders.temp),
    sealed: true,
    readOnly: true,
  })
  try {
    return await read(warehouse, [...new Set(hashes)])
  } finally {
    await warehouse.close()
  }
}

async function read(
  warehouse: Warehouse,
  hashes: readonly string[],
): Promise<PlanFacts | null> {
  const wanted = hashes.map((_, index) => `$${index + 1}`).join(', ')
  const rows = async <Row>(sql: string) =>
    await warehouse.rows<Row>(sql.replaceAll('$wanted', wanted), hashes)
  const [size] = await rows<{
    plans: number
    merges: number
    losers: number
    updates: number
  }>(`select
    cast(count(*) as integer) as plans,
    cast(coalesce(sum(merges), 0) as double) as merges,
    cast(coalesce(sum(losers), 0) as double) as losers,
    cast(coalesce(sum(updates), 0) as double) as updates
    from meta.plan where plan_hash in ($wanted)`)
  if (size === undefined || size.plans === 0) return null
  const counted = async (names: string) =>
    await rows<Counted>(`select name, cast(count(*) as double) as count
      from (${names}) where name is not null
      group by name order by count desc, name limit 30`)
  const { merges, losers, updates } = size
  return {
    plans: hashes.map((hash) => hash.slice(0, 12)),
    merges,
    losers,
    updates,
    rules: await counted(`select
      unnest(from_json(json_extract(reason, '$.rules'), '["varchar"]')) as name
      from meta.plan_row where kind = 'merge' and plan_hash in ($wanted)`),
    fields: await counted(`select unnest(json_keys(after_values)) as name
      from meta.plan_row where kind = 'update' and plan_hash in ($wanted)`),
    outcomes: await counted(`select status as name
      from meta.outcome where plan_hash in ($wanted)`),
    reasons: await counted(`select
      status || ': ' || regexp_replace(reason, '[0-9]+', '#', 'g') as name
      from meta.outcome where plan_hash in ($wanted)
      and status not in ('done', 'no_effect') and reason <> ''`),
  }
}

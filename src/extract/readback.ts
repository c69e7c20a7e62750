import { identifier, literal } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { mergeInsert } from './raw.js'
import { jsonTable, leadColumns, makeRawTables } from './raw-table.js'

/**
 * Applies what a plan did to the raw tables, from a file of JSON lines:
 * `{"id","values":{field: text or null}}` for a lead that was read back, and
 * `{"loser","winner","at"}` for a merge. A lead that is new has its time as
 * `created`. The last value of a field counts;
 * fields that `raw.lead` lacks are left out. Applying twice changes nothing.
 */
export async function landReadBack(
  warehouse: Warehouse,
  path: string,
): Promise<void> {
  const lines = jsonTable(path, {
    id: 'VARCHAR',
    values: 'MAP(VARCHAR, VARCHAR)',
    created: 'VARCHAR',
    loser: 'VARCHAR',
    winner: 'VARCHAR',
    at: 'VARCHAR',
  })
  await warehouse.transaction(async (queries) => {
    await makeRawTables(queries, [])
    await queries.run(
      `create or replace temp table read_back as
      select row_number() over () as n, * from ${lines}`,
    )
    await addLeads(queries)
    await updateLeads(queries)
    await queries.run(
      mergeInsert(
        '(select loser, winner, "at" from temp.main.read_back where loser is not null)',
      ),
    )
    await queries.run('drop table temp.main.read_back')
  })
}

/** Seen when they were made, so that no export of before proves them gone. */
async function addLeads(queries: Queries): Promise<void> {
  await queries.run(
    `insert into raw.lead by name
    select
      id,
      (select id from raw.extract order by as_of desc, id limit 1) as _extract,
      max(cast(created as timestamp)) as _seen_at
    from temp.main.read_back
    where created is not null and id not in (select id from raw.lead)
    group by id`,
  )
}

async function updateLeads(queries: Queries): Promise<void> {
  await queries.run(
    `create or replace temp table read_value as
    with entry as (
      select n, id, unnest(map_entries("values")) as pair
      from temp.main.read_back where id is not null
    )
    select id, pair.key as field, pair.value as value
    from entry
    qualify row_number() over (partition by id, field order by n desc) = 1`,
  )
  const touched = await queries.rows<{ field: string }>(
    'select distinct field from temp.main.read_value order by field',
  )
  const columns = new Set(await leadColumns(queries))
  for (const { field } of touched) {
    if (columns.has(field) && field !== 'id') await update(queries, field)
  }
  await queries.run('drop table temp.main.read_value')
}

async function update(queries: Queries, field: string): Promise<void> {
  const column = identifier(field)
  await queries.run(
    `update raw.lead set ${column} = nullif(change.value, '')
    from temp.main.read_value as change
    where change.id = raw.lead.id and change.field = ${literal(field)}
      and raw.lead.${column} is distinct from nullif(change.value, '')`,
  )
}

import type { LeadField, LeadSchema } from '../marketo/api.js'
import { identifier, literal } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Extract } from './landed.js'
import { takeCensus } from './raw-census.js'
import { jsonTable, makeRawTables } from './raw-table.js'

/**
 * Brings the raw tables up to an extract, in one transaction and by SQL on
 * whole sets. A lead is replaced as a whole; one that is not in the extract
 * keeps its last values and its `_extract`, and so does one that was seen
 * later than a file that a person downloaded. Loading twice changes nothing.
 * The warehouse must be able to read files.
 */
export async function loadRaw(
  warehouse: Warehouse,
  extract: Extract,
  { schema }: { readonly schema: LeadSchema },
): Promise<void> {
  await warehouse.transaction(async (queries) => {
    await makeRawTables(queries, extract.fields)
    if (extract.leads.length > 0) await loadLeads(queries, extract)
    if (extract.census !== null) await takeCensus(queries, extract)
    await loadMembers(queries, extract)
    await loadRejects(queries, extract)
    if (extract.changes !== null) await loadChanges(queries, extract.changes)
    await loadFields(queries, schema.fields)
    await loadExtract(queries, extract)
  })
}

async function loadLeads(queries: Queries, extract: Extract): Promise<void> {
  const names = extract.fields.map(identifier)
  const files = parquet(extract.leads)
  await findOlderCopies(queries, extract, files)
  const asOf = `cast(${literal(extract.asOf)} as timestamptz) at time zone 'UTC'`
  await queries.run(
    `delete from raw.lead
    where id in (select id from ${files}) and _seen_at <= ${asOf}`,
  )
  // Marketo does not tell an empty text from none.
  const values = names.map((name) => `nullif(${name}, '')`)
  await queries.run(
    `insert into raw.lead (${names.join(', ')}, _extract, _seen_at)
    select ${values.join(', ')}, ${literal(extract.id)},
      ${asOf}
    from ${files} as lead
    where not exists (
      from temp.main.older_copy as older
      where older.filename = lead.filename
        and older.file_row_number = lead.file_row_number
    ) and id not in (select id from raw.lead where _seen_at > ${asOf})`,
  )
  await queries.run('drop table temp.main.older_copy')
}

/**
 * A lead may be in two windows, or twice in a file (Adobe's advice on daylight
 * saving): the copy with the latest update counts. Ties are broken by place,
 * so that every run chooses alike.
 */
async function findOlderCopies(
  queries: Queries,
  { fields }: Extract,
  files: string,
): Promise<void> {
  const updated = fields.includes('updatedAt')
    ? 'try_cast(updatedAt as timestamptz)'
    : 'null'
  await queries.run(
    `create or replace temp table older_copy as
    with repeated as (
      select id from ${files} group by id having count(*) > 1
    )
    select filename, file_row_number
    from ${files}
    where id in (from repeated)
    qualify row_number() over (
      partition by id
      order by ${updated} desc nulls last, filename desc, file_row_number desc
    ) > 1`,
  )
}

function parquet(paths: readonly string[]): string {
  return `read_parquet([${paths.map(literal).join(', ')}], union_by_name = true, filename = true, file_row_number = true)`
}

async function loadMembers(queries: Queries, extract: Extract): Promise<void> {
  await queries.run('delete from raw.list_member')
  for (const { name, parquet: path } of extract.members) {
    if (path === null) continue
    await queries.run(
      `insert into raw.list_member
      select distinct ${literal(name.kind)}, ${literal(name.list)}, id
      from read_parquet(${literal(path)})`,
    )
  }
}

async function loadRejects(queries: Queries, extract: Extract): Promise<void> {
  await queries.run('delete from raw.reject where extract = $1', [extract.id])
  for (const { key, path } of extract.rejects) {
    const columns = {
      line: 'BIGINT',
      offset: 'BIGINT',
      reason: 'VARCHAR',
      text: 'VARCHAR',
    }
    await queries.run(
      `insert into raw.reject by name
      select ${literal(extract.id)} as extract, ${literal(key)} as file, line,
        "offset" as byte_offset, reason, text
      from ${jsonTable(path, columns)}`,
    )
  }
}

async function loadChanges(queries: Queries, path: string): Promise<void> {
  const columns = ['kind', 'id', 'loser', 'winner', 'at']
  const lines = jsonTable(
    path,
    Object.fromEntries(columns.map((name) => [name, 'VARCHAR'])),
  )
  await queries.run(
    `insert into raw.lead_delete
    select id, max("at") from ${lines} where kind = 'delete'
      and id not in (select id from raw.lead_delete)
    group by id`,
  )
  await queries.run(mergeInsert(`(from ${lines} where kind = 'merge')`))
}

/** From rows of loser, winner and at; what is known already is left out. */
export function mergeInsert(lines: string): string {
  return `insert into raw.lead_merge
    select loser, winner, min("at") from ${lines} as line
    where not exists (
      from raw.lead_merge as known
      where known.loser_id = line.loser and known.winner_id = line.winner
    )
    group by all`
}

async function loadFields(
  queries: Queries,
  fields: readonly LeadField[],
): Promise<void> {
  await queries.run('delete from raw.field')
  const rows = fields.map((field) => {
    const texts = [field.name, field.displayName, field.dataType].map(literal)
    const { length, updateable, crmManaged } = field
    return `(${texts.join(', ')}, ${length}, ${updateable}, ${crmManaged})`
  })
  if (rows.length === 0) return
  await queries.run(`insert into raw.field values ${rows.join(', ')}`)
}

async function loadExtract(queries: Queries, extract: Extract): Promise<void> {
  const isComplete = extract.isComplete && (await reachesBack(queries, extract))
  await queries.run('delete from raw.extract where id = $1', [extract.id])
  await queries.run(
    `insert into raw.extract values ($1, $2, ${extract.rows}, ${extract.bytes}, ${isComplete})`,
    [extract.id, extract.asOf],
  )
}

/** False where leads are known that are older than this extract reaches. */
async function reachesBack(
  queries: Queries,
  { id, start, fields }: Extract,
): Promise<boolean> {
  if (start === null || !fields.includes('createdAt')) return false
  const { older } = await queries.one<{ older: number }>(
    `select count(*) as older from raw.lead
    where _extract <> $1
      and try_cast(createdAt as timestamptz) < cast($2 as timestamptz)`,
    [id, start],
  )
  return older === 0
}

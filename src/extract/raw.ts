import type { LeadField, LeadSchema } from '../marketo/api.js'
import { identifier, literal } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Extract } from './landed.js'
import { takeCensus } from './raw-census.js'
import {
  jsonTable,
  leadColumns,
  makeRawTables,
  renameColumns,
} from './raw-table.js'

/**
 * Brings the raw tables up to an extract, in one transaction and by SQL on
 * whole sets. A lead is replaced as a whole; one that is not in the extract
 * keeps its last values and its `_extract`, and so does one that was seen
 * later than a file that a person downloaded. Columns that an increment does
 * not have any more are emptied, as a full export would leave them. Loading
 * twice changes nothing.
 * The warehouse must be able to read files.
 */
export async function loadRaw(
  warehouse: Warehouse,
  extract: Extract,
  {
    schema,
    renamed = new Map(),
  }: {
    readonly schema: LeadSchema
    /** Names of today by former ones. */
    readonly renamed?: ReadonlyMap<string, string>
  },
): Promise<void> {
  await warehouse.transaction(async (queries) => {
    await renameColumns(queries, renamed)
    await makeRawTables(queries, extract.fields)
    const known = await difference(queries, extract)
    if (extract.leads.length > 0) await loadLeads(queries, extract)
    if (extract.kind === 'increment') await emptyOthers(queries, extract)
    if (extract.census !== null) await takeCensus(queries, extract)
    await loadMembers(queries, extract)
    await loadRejects(queries, extract)
    if (extract.changes !== null) await loadChanges(queries, extract.changes)
    await loadFields(queries, schema.fields)
    await loadExtract(queries, extract, known)
  })
}

interface Difference {
  /** Leads that were not known. */
  readonly created: number
  /** Leads of which any exported column is another. */
  readonly changed: number
}

/** What an extract brings; of one that is loaded already, what it brought. */
async function difference(
  queries: Queries,
  extract: Extract,
): Promise<Difference> {
  const [known] = await queries.rows<Difference>(
    `select coalesce(created, 0) as created, coalesce(changed, 0) as changed
    from raw.extract where id = $1`,
    [extract.id],
  )
  if (known !== undefined) return known
  if (extract.leads.length === 0) return { created: 0, changed: 0 }
  const names = extract.fields.map(identifier)
  const now = names.map((name) => `nullif(lead.${name}, '')`)
  const before = names.map((name) => `old.${name}`)
  return await queries.one<Difference>(
    `select
      count(distinct lead.id) filter (old.id is null) as created,
      count(distinct lead.id) filter (
        old.id is not null
        and row(${now.join(', ')}) is distinct from row(${before.join(', ')})
      ) as changed
    from ${filesOf(extract)} as lead
    left join raw.lead as old on old.id = lead.id`,
  )
}

async function loadLeads(queries: Queries, extract: Extract): Promise<void> {
  const names = extract.fields.map(identifier)
  const files = filesOf(extract)
  await findOlderCopies(queries, extract, files)
  const asOf = `cast(${literal(extract.asOf)} as timestamptz) at time zone 'UTC'`
  await queries.run(
    `delete from raw.lead
    where id in (select id from ${files} as lead) and _seen_at <= ${asOf}`,
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

function filesOf(extract: Extract): string {
  return `(select * from ${parquet(extract.leads)}${wanted(extract)})`
}

/** Changes of leads that are older than the pipeline wants are left out. */
function wanted({ kind, start, fields }: Extract): string {
  const isLimited = kind === 'increment' && start !== null
  if (!isLimited || !fields.includes('createdAt')) return ''
  return ` where coalesce(
    try_cast(createdAt as timestamptz) >= cast(${literal(start)} as timestamptz),
    true
  )`
}

async function emptyOthers(
  queries: Queries,
  { fields }: Extract,
): Promise<void> {
  const has = new Set(fields.map((name) => name.toLowerCase()))
  for (const column of await leadColumns(queries)) {
    if (has.has(column.toLowerCase())) continue
    const name = identifier(column)
    await queries.run(
      `update raw.lead set ${name} = null where ${name} is not null`,
    )
  }
}

/**
 * A lead may be in two windows, or twice in a file (Adobe's advice on daylight
 * saving). By time of change it moves to a later window, so the later one
 * counts; else the copy with the latest update. Ties are broken by place, so
 * that every run chooses alike.
 */
async function findOlderCopies(
  queries: Queries,
  { kind, leads, fields }: Extract,
  files: string,
): Promise<void> {
  const updated = fields.includes('updatedAt')
    ? 'try_cast(updatedAt as timestamptz)'
    : 'null'
  const place = `list_position([${leads.map(literal).join(', ')}], filename)`
  const order =
    kind === 'increment'
      ? `${place} desc, ${updated} desc nulls last`
      : `${updated} desc nulls last, ${place} desc`
  await queries.run(
    `create or replace temp table older_copy as
    with repeated as (
      select id from ${files} as lead group by id having count(*) > 1
    )
    select filename, file_row_number
    from ${files} as lead
    where id in (from repeated)
    qualify row_number() over (
      partition by id
      order by ${order}, file_row_number desc
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

async function loadExtract(
  queries: Queries,
  extract: Extract,
  { created, changed }: Difference,
): Promise<void> {
  const isComplete = extract.isComplete && (await reachesBack(queries, extract))
  await queries.run('delete from raw.extract where id = $1', [extract.id])
  await queries.run(
    `insert into raw.extract
      (id, as_of, "rows", bytes, is_complete, kind, why, created, changed)
    values ($1, $2, ${extract.rows}, ${extract.bytes}, ${isComplete}, $3, $4,
      ${created}, ${changed})`,
    [extract.id, extract.asOf, extract.kind, extract.why],
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

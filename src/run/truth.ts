/** A truth that somebody knows: which leads are one person. */
import { existsSync } from 'node:fs'
import { asError, badInput } from '../error.js'
import { didYouMean } from '../pipeline/problem.js'
import { identifier, literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/** What of a truth file could be used. */
export interface TruthReport {
  /** Lines of the file. */
  readonly rows: number
  /** Leads that the file and the warehouse both have. */
  readonly leads: number
  /** Clusters that these leads are in. */
  readonly entities: number
  /** Ids that no extract has seen. */
  readonly unknown: number
  readonly unknownSample: readonly string[]
  /** Leads that are deleted, and were not merged. */
  readonly deleted: number
  /** Lines without a cluster, or with an id that is no number. */
  readonly unreadable: number
  /** Live leads that the file does not name; they are left out. */
  readonly missing: number
}

/**
 * Makes the temporary table `truth` of the leads that can be judged: their
 * person in the truth (`entity`), and what `found` says of them. Needs `found` (see found.ts) and a warehouse that may read files.
 * @throws PipelineError (exit 3) where the file is not `id,cluster`
 */
export async function loadTruth(
  warehouse: Warehouse,
  file: string,
): Promise<TruthReport> {
  await readTruth(warehouse, file)
  await refuseTwice(warehouse, file)
  await warehouse.run(
    `create or replace temp table truth as
     with line as (
       select lead_id, any_value(entity) as entity
       from truth_line
       where entity is not null
       group by lead_id
     ),
     -- A number for each name: names are compared once, here.
     person as (
       select entity, min(lead_id) as id from line group by entity
     )
     select line.lead_id, person.id as entity, found.root_id, found.found_id,
     from line
     join person using (entity)
     join found using (lead_id)`,
  )
  const counts = await warehouse.one<Omit<TruthReport, 'unknownSample'>>(
    `select
       (select count(*) from truth_line) as rows,
       (select count(*) from truth) as leads,
       (select count(distinct entity) from truth) as entities,
       (select count(distinct lead_id) from truth_line
        where lead_id not in (select id from main.lead)) as unknown,
       (select count(distinct lead_id) from truth_line
        where lead_id in (select id from main.lead)
        and lead_id not in (select lead_id from found)) as deleted,
       (select count(*) from truth_line
        where lead_id is null or entity is null) as unreadable,
       (select count(*) from main.lead
        where not is_deleted
        and id not in (select lead_id from truth)) as missing`,
  )
  const unknown = await warehouse.rows<{ id: string }>(
    `select distinct cast(lead_id as varchar) as id, lead_id
     from truth_line
     where lead_id not in (select id from main.lead)
     order by lead_id limit 5`,
  )
  if (counts.leads === 0) throw nothingInCommon(file, counts)
  return { ...counts, unknownSample: unknown.map(({ id }) => id) }
}

async function readTruth(warehouse: Warehouse, file: string): Promise<void> {
  if (!existsSync(file)) {
    throw badInput(
      'no_truth',
      `There is no file ${file}; name a CSV with the columns id and cluster.`,
    )
  }
  const lines = `read_csv(${literal(file)}, header = true, all_varchar = true)`
  const described = await warehouse
    .rows<{ column_name: string }>(`describe from ${lines}`)
    .catch((thrown: unknown) => {
      throw unreadable(file, thrown)
    })
  const names = described.map(({ column_name }) => column_name)
  const [id, cluster] = ['id', 'cluster'].map((wanted) =>
    columnOf(wanted, names, file),
  )
  await warehouse
    .run(
      `create or replace temp table truth_line as
       select
         try_cast(trim(${identifier(id ?? '')}) as bigint) as lead_id,
         nullif(trim(${identifier(cluster ?? '')}), '') as entity,
       from ${lines}`,
    )
    .catch((thrown: unknown) => {
      throw unreadable(file, thrown)
    })
}

function columnOf(
  wanted: string,
  names: readonly string[],
  file: string,
): string {
  const found = names.find((name) => name.trim().toLowerCase() === wanted)
  if (found !== undefined) return found
  throw badInput(
    'truth_column',
    `${file} has no column ${wanted}; its first line must name id and cluster.${didYouMean(wanted, names)} It names ${names.slice(0, 8).join(', ')}.`,
  )
}

/** DuckDB quotes the line, which may hold values of people. */
function unreadable(file: string, thrown: unknown): Error {
  const error = asError(thrown)
  if (!/csv|sniff|parse|encod/i.test(error.message)) return error
  return badInput(
    'truth_unreadable',
    `${file} cannot be read as CSV; save it as UTF-8 with a first line id,cluster.`,
  )
}

async function refuseTwice(warehouse: Warehouse, file: string): Promise<void> {
  const twice = await warehouse.rows<{ id: string }>(
    `select cast(lead_id as varchar) as id
     from truth_line
     where lead_id is not null and entity is not null
     group by lead_id
     having count(distinct entity) > 1
     order by lead_id limit 3`,
  )
  if (twice.length === 0) return
  const ids = twice.map(({ id }) => id)
  throw badInput(
    'truth_twice',
    `${file} has lead ${ids.join(', ')} in more than one cluster; keep one line for each lead.`,
    { ids },
  )
}

function nothingInCommon(
  file: string,
  { rows, unknown }: Pick<TruthReport, 'rows' | 'unknown'>,
): Error {
  return badInput(
    'truth_foreign',
    `None of the ${rows} lines of ${file} is a lead of this pipeline (${unknown} ids are unknown); its ids must be Marketo's lead ids.`,
  )
}

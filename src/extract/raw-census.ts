import { exitCode, PipelineError } from '../error.js'
import { formatNumber } from '../format.js'
import { literal } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'
import type { Census, Extract } from './landed.js'

/** A census that lacks more than this of the known leads is not believed. */
const mostGone = 0.2

/**
 * Notes the known leads that an export of all ids does not hold: they are
 * gone, unless a later extract sees them. Throws `census_shrunk` (exit 7)
 * where that would be a fifth of them.
 */
export async function takeCensus(
  queries: Queries,
  { asOf, census, start, kind }: Extract,
): Promise<void> {
  if (census === null) return
  // Of a base of which only lists are exported, most leads are unknown.
  const isAll = kind !== 'list' && start !== null
  await queries.run(
    `create or replace temp table counted as
    select lead.id, lead._seen_at < ${timestamp(asOf)}
      and lead.id not in (${ids(census)}) as is_missed
    from raw.lead as lead
    where try_cast(lead.createdAt as timestamptz)
      between cast(${literal(census.start)} as timestamptz)
        and cast(${literal(asOf)} as timestamptz)
      and not exists (from raw.lead_delete as gone where gone.id = lead.id)
      and not exists (from raw.lead_merge as gone where gone.loser_id = lead.id)`,
  )
  const { missed, known } = await queries.one<{
    missed: number
    known: number
  }>(
    `select count(*) as known, count(*) filter (where is_missed) as missed
    from temp.main.counted`,
  )
  if (missed > known * mostGone) throw shrunk(missed, known)
  const gone = 'select id from temp.main.counted where is_missed'
  await queries.run(`delete from raw.lead_missing where id in (${gone})`)
  await queries.run(
    `insert into raw.lead_missing
    select id, ${literal(asOf)} from (${gone})`,
  )
  await queries.run('drop table temp.main.counted')
  if (isAll) await noteUnknown(queries, asOf, census)
}

/** Leads that Marketo has and no extract brought; the next full one will. */
async function noteUnknown(
  queries: Queries,
  asOf: string,
  census: Census,
): Promise<void> {
  await queries.run('delete from raw.lead_unknown')
  await queries.run(
    `insert into raw.lead_unknown
    select distinct id, ${literal(asOf)} from (${ids(census)})
    where id not in (from (select id from raw.lead))
    order by id`,
  )
}

function timestamp(iso: string): string {
  return `cast(${literal(iso)} as timestamptz) at time zone 'UTC'`
}

function ids({ parquet }: Census): string {
  if (parquet.length === 0) return `select '' where false`
  const files = parquet.map(literal).join(', ')
  return `select id from read_parquet([${files}])`
}

function shrunk(missed: number, known: number): PipelineError {
  return new PipelineError(
    'census_shrunk',
    `Of ${formatNumber(known)} known leads, Marketo's export of all ids lacks ${formatNumber(missed)}; that many deletions are not believed, so nothing was taken from it. Check which workspaces and partitions the API user may see; if they really are gone, export everything anew.`,
    { exit: exitCode.guardrail, details: { missed, known } },
  )
}

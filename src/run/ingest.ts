/** Fills schema `meta` from the files that are its source. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PipelineError } from '../error.js'
import type { PlanHeader } from '../load/plan.js'
import { openPlan, planHeader } from '../load/plan-file.js'
import { literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Folders } from './folder.js'
import { ingestContract } from './ingest-contract.js'
import { ingestWitnesses, longestRow } from './ingest-witness.js'
import type { Meta } from './meta.js'
import { type RunRecord, readRecords } from './record.js'

function runRow(record: RunRecord) {
  return {
    run_id: record.run_id,
    pipeline: record.pipeline,
    status: record.status,
    exit_code: record.exit_code,
    started_at: record.started_at,
    ended_at: record.ended_at,
    tool_version: record.tool_version,
    rules_hash: record.rules_hash,
    resumed_from: record.resumed_from,
    plan_hash: record.plan?.hash ?? null,
    leads: record.leads,
    review: record.review,
    merges: record.plan?.merges ?? null,
    merged_leads: record.apply?.merged_leads ?? null,
    updates: record.plan?.updates ?? null,
    opt_outs_kept: record.apply?.opt_outs_kept ?? null,
    calls_used: record.calls.used,
    calls_budget: record.calls.budget,
    export_bytes: record.extract?.bytes ?? null,
    message: record.message,
    error_code: record.error?.code ?? null,
    error: record.error?.message ?? null,
  }
}

function routeRows({ run_id, extract }: RunRecord) {
  const { offers = [], chosen = null } = extract?.route ?? {}
  return offers.map(({ route, calls, bytes }) => {
    return { run_id, route, is_chosen: route === chosen, calls, bytes }
  })
}

/** Replaces what is known of one run. */
async function ingestRun(meta: Meta, record: RunRecord): Promise<void> {
  const run_id = record.run_id
  const parts = [
    [
      'meta.step',
      record.steps
        .filter(({ status }) => status !== 'running')
        .map((step) => ({ run_id, ...step })),
    ],
    ['meta.export_job', record.exports.map((job) => ({ run_id, ...job }))],
    ['meta.route', routeRows(record)],
    ['meta.model_result', record.models.map((model) => ({ run_id, ...model }))],
    ['meta.test_result', record.tests.map((test) => ({ run_id, ...test }))],
  ] as const
  await meta.transaction().execute(async (write) => {
    await write.deleteFrom('meta.run').where('run_id', '=', run_id).execute()
    await write.insertInto('meta.run').values(runRow(record)).execute()
    for (const [table, rows] of parts) {
      await write.deleteFrom(table).where('run_id', '=', run_id).execute()
      if (rows.length > 0) {
        await write.insertInto(table).values(rows).execute()
      }
    }
  })
}

/**
 * Runs whose row is missing or says something else, and the last two: a run
 * ends after it was published, so its row was written before its last step.
 */
async function ingestRuns(meta: Meta, folders: Folders): Promise<string[]> {
  const known = await meta
    .selectFrom('meta.run')
    .select(['run_id', 'status'])
    .execute()
  const seen = new Map(known.map((run) => [run.run_id, run.status]))
  const { runs } = readRecords(folders.log)
  const records = runs.filter(
    ({ run_id, status }, index) =>
      index >= runs.length - 2 || seen.get(run_id) !== status,
  )
  for (const record of records) await ingestRun(meta, record)
  return records.map(({ run_id }) => run_id)
}

/** Columns of a log line that the tables use. */
const logColumns =
  "{run_id: 'varchar', ts: 'timestamp', level: 'varchar', event: 'varchar', endpoint: 'varchar', method: 'varchar', http: 'integer', mkto_code: 'varchar', mkto_request_id: 'varchar', class: 'varchar', dur_ms: 'double'}"

async function ingestLog(
  warehouse: Warehouse,
  folders: Folders,
  runId: string,
): Promise<void> {
  const file = join(folders.log, `${runId}.jsonl`)
  if (!existsSync(file)) return
  const lines = `read_json(${literal(file)}, format = 'newline_delimited', ignore_errors = true, maximum_object_size = ${longestRow}, columns = ${logColumns})`
  await warehouse.run('delete from meta.api_call where run_id = $1', [runId])
  await warehouse.run(
    `insert into meta.api_call by name
     select run_id, ts, endpoint, method, http, mkto_code as code,
       mkto_request_id as request_id, class as outcome, dur_ms as milliseconds
     from ${lines}
     where event = 'call.ended'`,
  )
  await warehouse.run('delete from meta.log where run_id = $1', [runId])
  await warehouse.run(
    `insert into meta.log by name
     select run_id, ts, level, event, json as line
     from read_json_objects(${literal(file)}, format = 'newline_delimited', ignore_errors = true, maximum_object_size = ${longestRow}) as raw,
       lateral (select
         json ->> 'run_id' as run_id,
         try_cast(json ->> 'ts' as timestamp) as ts,
         json ->> 'level' as level,
         json ->> 'event' as event)
     where json ->> 'event' <> 'call.ended'`,
  )
}

/** Plan rows, as the plan file has them; one row per plan row. */
async function ingestPlan(
  warehouse: Warehouse,
  file: string,
  hash: string,
): Promise<void> {
  const rows = `read_json(${literal(file)}, format = 'newline_delimited', maximum_object_size = ${longestRow}, columns = {kind: 'varchar', row: 'varchar', winner: 'varchar', id: 'varchar', losers: 'json', before: 'json', set: 'json', after: 'json', reason: 'json', kept: 'json'})`
  await warehouse.run('delete from meta.plan_row where plan_hash = $1', [hash])
  await warehouse.run(
    `insert into meta.plan_row by name
     select
       $1 as plan_hash,
       row as row_id,
       kind,
       cast(if(kind = 'merge', winner, id) as bigint) as lead_id,
       coalesce(losers, '[]') as loser_ids,
       if(kind = 'merge', json_extract(before, '$."' || winner || '"'), before)
         as before_values,
       if(kind = 'merge', after, "set") as after_values,
       reason,
       if(kind = 'merge', before, null) as lead_values,
       kept
     from ${rows}
     where row is not null`,
    [hash],
  )
}

/** Final statuses, as the journal has them. */
async function ingestOutcomes(
  warehouse: Warehouse,
  journal: string,
  hash: string,
): Promise<void> {
  const lines = `read_json(${literal(journal)}, format = 'newline_delimited', ignore_errors = true, maximum_object_size = ${longestRow}, columns = {seq: 'bigint', kind: 'varchar', run: 'varchar', "at": 'double', rows: 'json', status: 'varchar', reason: 'varchar'})`
  await warehouse.run('delete from meta.outcome where plan_hash = $1', [hash])
  await warehouse.run(
    `insert into meta.outcome by name
     with line as (
       select
         *,
         last_value(run ignore nulls) over (order by seq) as run_id,
         last_value("at" ignore nulls) over (order by seq) as last_at
       from ${lines}
     )
     select
       $1 as plan_hash,
       unnest(from_json(rows, '["VARCHAR"]')) as row_id,
       run_id,
       status,
       reason,
       make_timestamp(cast(last_at * 1000 as bigint)) as ended_at
     from line
     where kind = 'status'`,
    [hash],
  )
}

/**
 * Plans whose journal has grown since they were read; a finished one never
 * does, so that history costs nothing.
 */
async function ingestPlans(
  warehouse: Warehouse,
  meta: Meta,
  folders: Folders,
): Promise<void> {
  const known = await meta
    .selectFrom('meta.plan')
    .select(['plan_hash', 'journal_bytes'])
    .execute()
  const read = new Map(known.map((p) => [p.plan_hash, p.journal_bytes]))
  const names = readdirSync(folders.plan).filter((n) => n.endsWith('.jsonl'))
  for (const name of names) {
    const file = join(folders.plan, name)
    const journal = join(folders.journal, name)
    const bytes = existsSync(journal) ? statSync(journal).size : 0
    const header = await planHeader(file)
    if (header === null || read.get(header.hash) === bytes) continue
    if (!(await isWhole(file))) continue
    if (bytes > 0) {
      await ingestPlan(warehouse, file, header.hash)
      await ingestOutcomes(warehouse, journal, header.hash)
      await ingestWitnesses(warehouse, journal, header.hash)
    }
    await ingestHeader(meta, header, bytes)
  }
}

/** Half a plan would be history that never was; `apply` refuses it aloud. */
async function isWhole(file: string): Promise<boolean> {
  try {
    await (await openPlan(file)).close()
    return true
  } catch (thrown) {
    if (thrown instanceof PipelineError) return false
    throw thrown
  }
}

async function ingestHeader(
  meta: Meta,
  header: PlanHeader,
  journalBytes: number,
): Promise<void> {
  await meta
    .deleteFrom('meta.plan')
    .where('plan_hash', '=', header.hash)
    .execute()
  await meta
    .insertInto('meta.plan')
    .values({
      plan_hash: header.hash,
      pipeline: header.pipeline,
      instance: header.instance,
      as_of: header.asOf,
      rules_hash: header.rules,
      leads: header.leads,
      merges: header.merges,
      losers: header.losers,
      updates: header.updates,
      calls: header.price.calls,
      minutes: header.price.minutes,
      journal_bytes: journalBytes,
    })
    .execute()
}

/** Brings every table of `meta` up to date; needs an unsealed warehouse. */
export async function ingest(
  warehouse: Warehouse,
  meta: Meta,
  folders: Folders,
): Promise<void> {
  const runs = await ingestRuns(meta, folders)
  for (const run of runs) await ingestLog(warehouse, folders, run)
  await ingestPlans(warehouse, meta, folders)
  await ingestContract(meta, folders)
}

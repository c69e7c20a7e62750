/** How good the data is, as published; read only, no values of leads. */
import type { Queries } from '../warehouse/session.js'
import { isoSql } from './lead-facts.js'

export interface TestHistory {
  readonly test: string
  readonly model: string
  readonly status: string
  readonly failures: number
  readonly message: string
  /** Runs in which it was asked, and in which it did not pass. */
  readonly runs: number
  readonly bad: number
  /** The last runs, oldest first: `pass`, `warn`, `fail`, … */
  readonly last: readonly string[]
}

/** Failing and warning tests first, then those that failed before. */
export async function testHistory({
  rows,
}: Queries): Promise<readonly TestHistory[]> {
  return await rows<TestHistory>(
    `select
       test,
       model,
       arg_max(status, run_id) as status,
       arg_max(failures, run_id)::double as failures,
       coalesce(arg_max(message, run_id), '') as message,
       count(*)::int as runs,
       (count(*) filter (where status <> 'pass'))::int as bad,
       list(status order by run_id)[-12:] as last,
     from meta.test_result
     group by test, model
     order by
       arg_max(status, run_id) = 'pass',
       count(*) filter (where status <> 'pass') desc,
       model, test`,
  )
}

export interface TestRun {
  readonly run: string
  readonly at: string
  readonly passed: number
  readonly bad: number
}

export async function testRuns({ rows }: Queries): Promise<readonly TestRun[]> {
  return await rows<TestRun>(
    `select
       run.run_id as run,
       any_value(${isoSql('run.started_at::timestamp')}) as at,
       (count(*) filter (where result.status = 'pass'))::int as passed,
       (count(*) filter (where result.status <> 'pass'))::int as bad,
     from meta.run as run
     join meta.test_result as result using (run_id)
     group by run.run_id
     order by run.run_id desc limit 60`,
  )
}

export interface ContractChange {
  readonly field: string
  readonly change: string
  readonly before: string
  readonly after: string
  readonly at: string
}

export async function contractChanges({
  rows,
}: Queries): Promise<readonly ContractChange[]> {
  return await rows<ContractChange>(
    `select
       field,
       change,
       coalesce(before, '') as before,
       coalesce(after, '') as after,
       coalesce(${isoSql('seen_at')}, '') as at,
     from meta.field_change
     order by seen_at desc, field, change limit 100`,
  )
}

export interface SourceShare {
  readonly kind: string
  readonly source: string
  readonly created: number
  readonly duplicates: number
  readonly share: number
}

/** Where duplicates come from, the worst first. */
export async function duplicateSources({
  rows,
}: Queries): Promise<readonly SourceShare[]> {
  return await rows<SourceShare>(
    `select
       source_kind as kind,
       source,
       sum(created)::double as created,
       sum(duplicates)::double as duplicates,
       sum(duplicates) / greatest(sum(created), 1) as share,
     from main.duplicate_source
     where source_kind <> 'race window'
     group by all
     having sum(duplicates) > 0
     order by sum(duplicates) desc, source_kind, source limit 20`,
  )
}

export interface DuplicateMonth {
  readonly month: string
  readonly created: number
  readonly duplicates: number
}

/** Each lead has one race window, so they add up to all leads. */
export async function duplicateMonths({
  rows,
}: Queries): Promise<readonly DuplicateMonth[]> {
  return await rows<DuplicateMonth>(
    `select
       strftime(month, '%Y-%m-%d') as month,
       max(created)::double as created,
       sum(duplicates)::double as duplicates,
     from main.duplicate_source
     where source_kind = 'race window' and month is not null
     group by month order by month desc limit 36`,
  )
}

export interface FieldPattern {
  readonly field: string
  readonly changes: number
  /** Values that were empty before. */
  readonly filled: number
  readonly emptied: number
  readonly services: string
  readonly last: string
}

/** How values of each field change, by this pipeline. */
export async function fieldPatterns({
  rows,
}: Queries): Promise<readonly FieldPattern[]> {
  return await rows<FieldPattern>(
    `select
       field,
       count(*)::double as changes,
       (count(*) filter (where coalesce(before, '') = ''))::double as filled,
       (count(*) filter (where coalesce(after, '') = ''))::double as emptied,
       array_to_string(list_sort(list_distinct(flatten(list(string_split(coalesce(service, ''), ', '))))), ', ') as services,
       coalesce(max(${isoSql('changed_at')}), '') as last,
     from main.lead_change
     group by field order by count(*) desc, field limit 60`,
  )
}

export interface FieldDay {
  readonly at: string
  readonly field: string
  readonly changes: number
}

/** By run, of the fields that change most. */
export async function changesByRun({
  rows,
}: Queries): Promise<readonly FieldDay[]> {
  return await rows<FieldDay>(
    `with top as (
       select field from main.lead_change
       group by field order by count(*) desc, field limit 5
     )
     select
       ${isoSql('run.started_at::timestamp')} as at,
       change.field,
       count(*)::double as changes,
     from main.lead_change as change
     join top using (field)
     join meta.run as run on run.run_id = change.run_id
     group by all order by 1, 2`,
  )
}

/** What a journal says beyond final statuses, for schema `meta`. */
import { literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/**
 * Bytes of the longest line of a plan or a journal. DuckDB reserves twice as
 * much for every thread, so it is not generous.
 */
export const longestRow = 4 * 1024 * 1024

const columns = {
  seq: 'bigint',
  kind: 'varchar',
  run: 'varchar',
  at: 'double',
  rows: 'json',
  row: 'varchar',
  attempt: 'varchar',
  send: 'varchar',
  call: 'integer',
  class: 'varchar',
  code: 'varchar',
  requestId: 'varchar',
  who: 'varchar',
  when: 'varchar',
  lead: 'varchar',
  id: 'varchar',
}

/** Replaces attempts, approvals and restored leads of one plan. */
export async function ingestWitnesses(
  warehouse: Warehouse,
  journal: string,
  hash: string,
): Promise<void> {
  const types = Object.entries(columns).map(
    ([name, type]) => `${literal(name)}: ${literal(type)}`,
  )
  await warehouse.run(
    `create or replace temp table journal_line as
     select
       * replace (make_timestamp(cast("at" * 1000 as bigint)) as "at"),
       last_value(run ignore nulls) over (order by seq) as run_id
     from read_json(${literal(journal)}, format = 'newline_delimited',
       ignore_errors = true, maximum_object_size = ${longestRow},
       columns = {${types.join(', ')}})`,
  )
  for (const [table, select] of Object.entries(selects)) {
    await warehouse.run(`delete from meta.${table} where plan_hash = $1`, [
      hash,
    ])
    await warehouse.run(`insert into meta.${table} by name ${select}`, [hash])
  }
  await warehouse.run('drop table temp.main.journal_line')
}

const selects = {
  attempt: `
    with ended as (
      select attempt, "at" as ended_at, class, code, requestId
      from temp.main.journal_line where kind = 'outcome'
    )
    select
      $1 as plan_hash,
      unnest(from_json(rows, '["VARCHAR"]')) as row_id,
      intent.attempt, intent.send, intent.call, intent.run_id,
      intent."at" as sent_at,
      ended.ended_at,
      ended.class as outcome,
      ended.code,
      ended.requestId as request_id
    from temp.main.journal_line as intent
    left join ended using (attempt)
    where intent.kind = 'intent'`,
  approval: `
    select
      $1 as plan_hash,
      who as author,
      try_cast("when" as timestamp) as approved_at
    from temp.main.journal_line where kind = 'approve'`,
  restored: `
    select
      $1 as plan_hash,
      "row" as row_id,
      run_id,
      cast(lead as bigint) as lead_id,
      cast(id as bigint) as new_id,
      "at" as restored_at
    from temp.main.journal_line where kind = 'created'`,
} as const

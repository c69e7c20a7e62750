/** Lead values as text, as the published warehouse has them. */
import { ownColumns } from './review-waiting.js'
import { identifier } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { BenchLead, BenchRequest } from './why-bench.js'

type Fields = BenchRequest['fields']

/** Marketo's fields that the published `lead` has, with their types. */
export async function readFields(warehouse: Warehouse): Promise<Fields> {
  const found = await warehouse.rows<Fields[number]>(
    `select
       columns.column_name as name,
       coalesce(field.data_type, 'string') as "dataType",
       cast(field.length as double) as length,
       coalesce(field.updateable, false) as updateable
     from duckdb_columns() as columns
     left join meta.field_contract as field on field.field = columns.column_name
     where columns.database_name = current_database()
       and columns.schema_name = 'main' and columns.table_name = 'lead'
     order by columns.column_index`,
  )
  return found.filter(({ name }) => !ownColumns.has(name))
}

/** Times as Marketo writes them; everything else as its text. */
function textOf({ name, dataType }: Fields[number]): string {
  const column = `lead.${identifier(name)}`
  return dataType === 'datetime'
    ? `coalesce(strftime(try_cast(${column} as timestamp), '%Y-%m-%dT%H:%M:%SZ'), cast(${column} as varchar)) as ${identifier(name)}`
    : `cast(${column} as varchar) as ${identifier(name)}`
}

/** The leads of `asked`, by id. */
export async function readLeads(
  warehouse: Warehouse,
  fields: Fields,
): Promise<Map<string, BenchLead>> {
  const rows = await warehouse.rows<Record<string, string | null>>(
    `select ${['cast(lead.id as varchar) as why_id', ...fields.map(textOf)].join(', ')}
     from main.lead as lead join asked on asked.id = lead.id
     order by lead.id`,
  )
  const members = await warehouse.rows<{
    lead: string
    kind: string
    list: string
  }>(
    `select cast(lead_id as varchar) as lead, list_kind as kind, list
     from main.service_list_member join asked on asked.id = lead_id
     order by lead_id, list_kind, list`,
  )
  return new Map(
    rows.map(({ why_id: id, ...values }) => [
      String(id),
      { values, lists: members.filter(({ lead }) => lead === id) },
    ]),
  )
}

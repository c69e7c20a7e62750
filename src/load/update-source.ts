/** Updates as facts for plan rows, a page at a time. */
import { fieldUses } from '../pipeline/field.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { identifier } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { Text } from './plan.js'
import { crmLinked } from './plan-order.js'
import type { UpdateFact } from './plan-row.js'

const updatesPerPage = 5000

/** By service: fields of a lead that its own new values are made of. */
export type SourceFields = ReadonlyMap<string, readonly string[]>

/**
 * A hash is made of its lead's address or name, a domain of its address. What
 * a model of the user's own looks at is not known here.
 */
export function sourceFields(
  pipeline: Pipeline,
  exported: ReadonlySet<string>,
): SourceFields {
  const uses = fieldUses(pipeline)
  const sources = new Map<string, readonly string[]>()
  for (const service of pipeline.services) {
    const { name } = service
    if (service.type === 'domain') sources.set(name, ['email'])
    if (service.type !== 'hash') continue
    const written = new Set(service.write.map(({ field }) => field))
    const read = uses
      .filter(({ path }) => path[0] === 'services' && path[1] === name)
      .map(({ field }) => field)
      .filter((field) => exported.has(field) && !written.has(field))
    sources.set(name, [...new Set(read)].toSorted())
  }
  return sources
}

/** Makes the temporary table that pages are read from. */
export async function makeUpdateTable(
  warehouse: Warehouse,
  exported: ReadonlySet<string>,
  sources: SourceFields,
): Promise<void> {
  const fields = [...new Set([...sources.values()].flat())].toSorted()
  const columns = fields.map((field) => {
    const name = identifier(field)
    return `${name} := lead.${name}`
  })
  const held = fields.length === 0 ? 'null' : `struct_pack(${columns.join()})`
  await warehouse.run(
    `create or replace temp table plan_update as
     select cast(load_update.id as varchar) as lead_id,
       coalesce(any_value(crm.is_linked), false) as crm,
       any_value(${held}) as held,
       list({'field': field, 'before': before, 'after': after,
         'service': service, 'reason': reason} order by field) as facts
     from load.load_update
     left join (${crmLinked(exported)}) as crm
       on crm.lead_id = cast(load_update.id as varchar)
     left join raw.lead as lead on lead.id = cast(load_update.id as varchar)
     where after is not null
     group by load_update.id order by load_update.id`,
  )
}

export interface UpdatePageRow {
  readonly id: string
  readonly crm: boolean
  /** What the lead holds in the fields that its new values are made of. */
  readonly held: Readonly<Record<string, Text>> | null
  readonly facts: UpdateFact[]
}

/** Updates by lead id, a page in memory at a time. */
export async function* updatePages(
  warehouse: Warehouse,
): AsyncGenerator<UpdatePageRow> {
  for (let from = 0; ; from += updatesPerPage) {
    const page = await warehouse.rows<UpdatePageRow>(
      `select lead_id as id, crm, held, facts from plan_update
       where rowid >= $1 and rowid < $2 order by rowid`,
      [BigInt(from), BigInt(from + updatesPerPage)],
    )
    if (page.length === 0) return
    yield* page
  }
}

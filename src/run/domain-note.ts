/** What a run says of the lists by which it judged domains. */
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Warehouse } from '../warehouse/warehouse.js'

interface ListDate {
  readonly list: string
  readonly text: string
}

/** One sentence with the date of each list; none without a domain service. */
export async function domainNotes(
  warehouse: Warehouse,
  { services }: Pick<Pipeline, 'services'>,
): Promise<string[]> {
  if (!services.some(({ type }) => type === 'domain')) return []
  const lists = await warehouse.rows<ListDate>(
    `select
       list,
       string_agg(
         case change when 'shipped' then '' else change || ' ' || source || ' ' end
           || coalesce(cast(dated as varchar), 'of unknown date'),
         ' + ' order by change = 'shipped' desc, source
       ) as text
     from seed.domain_list
     group by list order by list`,
  )
  const words = lists.map(({ list, text }) => `${list} ${text}`).join(', ')
  return [`Lists of domains: ${words}.`]
}

/** What a run says of hashes that its rules, and not the leads, changed. */
import { counted } from '../format.js'
import type { Compiled } from '../model/compile.js'
import type { Warehouse } from '../warehouse/warehouse.js'

interface Rehashed {
  readonly field: string
  readonly rule: string
  readonly was: string
  readonly leads: number
}

/** A sentence for each field whose values are hashed anew. */
export async function hashNotes(
  warehouse: Warehouse,
  compiled: Compiled,
): Promise<string[]> {
  if (!compiled.models.has('hash_change')) return []
  const found = await warehouse.rows<Rehashed>(
    `select field, rule, was, count(*) as leads
     from hash.hash_change where was is not null
     group by all order by field, leads desc, was`,
  )
  return found.map(
    ({ field, rule, was, leads }) =>
      `${field} is hashed anew on ${counted(leads, 'lead')}, because its rule changed: ${rule}; was ${was}.`,
  )
}

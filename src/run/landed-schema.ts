import type { LeadSchema } from '../marketo/api.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/** The instance's fields as they were at the last extract. */
export async function readLeadSchema(
  warehouse: Warehouse,
): Promise<LeadSchema> {
  const fields = await warehouse.rows<{
    name: string
    display_name: string | null
    data_type: string | null
    length: number | null
    updateable: boolean | null
    crm_managed: boolean | null
  }>('select * from raw.field order by name')
  return {
    searchable: [],
    fields: fields.map((field) => ({
      name: field.name,
      displayName: field.display_name ?? field.name,
      dataType: field.data_type ?? 'string',
      length: field.length,
      updateable: field.updateable === true,
      crmManaged: field.crm_managed === true,
    })),
  }
}

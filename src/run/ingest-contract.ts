import { readContract } from '../extract/contract-file.js'
import type { Folders } from './folder.js'
import type { Meta } from './meta.js'

/** What Marketo said of its fields, and every change of them. */
export async function ingestContract(
  meta: Meta,
  folders: Folders,
): Promise<void> {
  const contract = await readContract(folders.root)
  if (contract === null) return
  const seen = contract.fields.map(({ lastSeen }) => lastSeen).toSorted()
  const known = await meta
    .selectFrom('meta.field_contract')
    .select('field')
    .where('last_seen', '=', seen.at(-1) ?? '')
    .executeTakeFirst()
  if (known !== undefined || seen.length === 0) return
  const fields = contract.fields.map((field) => ({
    field: field.name,
    display_name: field.displayName,
    data_type: field.dataType,
    length: field.length,
    updateable: field.updateable,
    crm_managed: field.crmManaged,
    first_seen: field.firstSeen,
    last_seen: field.lastSeen,
    change: field.change,
    field_id: field.id,
    is_hidden: field.isHidden,
    is_sensitive: field.isSensitive,
    former_names: field.formerNames.join(', '),
  }))
  const changes = contract.changes.map(({ seenAt: seen_at, ...change }) => {
    return { ...change, seen_at }
  })
  await meta.transaction().execute(async (write) => {
    await write.deleteFrom('meta.field_contract').execute()
    await write.deleteFrom('meta.field_change').execute()
    for (const rows of batches(fields)) {
      await write.insertInto('meta.field_contract').values(rows).execute()
    }
    for (const rows of batches(changes)) {
      await write.insertInto('meta.field_change').values(rows).execute()
    }
  })
}

const rowsOfInsert = 200

function batches<T>(rows: readonly T[]): T[][] {
  const count = Math.ceil(rows.length / rowsOfInsert)
  return Array.from({ length: count }, (_, at) =>
    rows.slice(at * rowsOfInsert, (at + 1) * rowsOfInsert),
  )
}

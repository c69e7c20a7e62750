import type { Lead } from './change.js'
import { createdLead, updatedLead, type WriteOutcome } from './lead-write.js'
import { ApiError } from './reply.js'
import type { Field } from './schema.js'
import type { Service } from './service.js'
import type { Stage } from './stage.js'
import { companyFields, valuesOf } from './sync-value.js'

export interface RowTarget {
  readonly service: Service
  readonly stage: Stage
  readonly at: number
  readonly lookup: Field
  readonly partition: number | null
}

/**
 * Writes one row. `id` as lookup updates only, every other lookup also makes
 * leads (Adobe docs, bulk lead import). Throws ApiError for a row that fails.
 */
export function importRow(
  target: RowTarget,
  row: ReadonlyMap<string, string>,
): WriteOutcome {
  const { service, stage, at, lookup, partition } = target
  const key = row.get(lookup.name) ?? ''
  if (key === '') {
    throw new ApiError(
      '1003',
      `Value for lookup field '${lookup.name}' not found`,
    )
  }
  const lead = leadOf(stage, lookup, key)
  if (lead !== null && partition !== null && lead.partition !== partition) {
    throw new ApiError('1010', 'Lead is in another partition')
  }
  const values = valuesOf({ service }, lookup, recordOf(service, row))
  return lead === null
    ? createdLead(stage, { at, partition, values })
    : updatedLead(stage, lead, { at, values })
}

function leadOf(stage: Stage, lookup: Field, key: string): Lead | null {
  const found = stage.find(lookup, key)
  if (found.length > 1) {
    throw new ApiError('1007', 'Multiple leads match the lookup criteria')
  }
  const [lead = null] = found
  if (lead === null && lookup.name === 'id') {
    throw new ApiError('1004', `Lead '${key}' not found`)
  }
  return lead
}

/** Cells as a sync call would have them. What a blank one does is a switch. */
function recordOf(
  service: Service,
  row: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const { importBlank, importNull, companyField } = service.behaviour
  const record: Record<string, unknown> = {}
  for (const [name, cell] of row) {
    if (cell === '' && importBlank === 'keep') continue
    if (companyField === 'refuse' && companyFields.has(name)) continue
    const isNull = importNull === 'clear' && /^null$/i.test(cell)
    record[name] = isNull ? null : cell
  }
  return record
}

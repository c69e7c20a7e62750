import type { Change, Lead } from './change.js'
import type { ApiError } from './reply.js'
import type { Field } from './schema.js'
import type { Stage } from './stage.js'
import type { Value } from './value.js'

/** What became of one record of a sync call, or one row of an import. */
export interface WriteOutcome {
  readonly id: string | null
  readonly status: 'created' | 'updated' | 'skipped'
  readonly error?: ApiError
  readonly changes: readonly Change[]
  readonly fields: readonly string[]
}

interface Writing {
  readonly at: number
  readonly values: ReadonlyMap<Field, Value>
}

export function createdLead(
  stage: Stage,
  { at, partition, values }: Writing & { readonly partition: number | null },
): WriteOutcome {
  const filled = [...values].filter(([, value]) => value !== null)
  const lead: Lead = {
    id: stage.newId(),
    createdAt: at,
    updatedAt: at,
    fieldUpdatedAt: at,
    partition: partition ?? 1,
    values: Object.fromEntries(
      filled.map(([field, value]) => [field.name, value]),
    ),
  }
  stage.log.newLead(lead.id, at)
  const fields = filled.map(([field]) => field.name)
  const changes: Change[] = [{ kind: 'lead', lead }]
  return { id: lead.id, status: 'created', changes, fields }
}

export function updatedLead(
  stage: Stage,
  lead: Lead,
  { at, values }: Writing,
): WriteOutcome {
  const now = stage.lead(lead.id) ?? lead
  const changed = [...values].filter(
    ([field, value]) => (now.values[field.name] ?? null) !== value,
  )
  const fields = changed.map(([field]) => field.name)
  if (changed.length === 0) {
    return { id: lead.id, status: 'updated', changes: [], fields }
  }
  const next: Record<string, Value> = { ...now.values }
  for (const [field, value] of changed) {
    stage.log.change(lead.id, field, next[field.name] ?? null, value, at)
    if (value === null) delete next[field.name]
    else next[field.name] = value
  }
  const standard = changed.some(([field]) => field.standard)
  const fresh: Lead = {
    ...now,
    values: next,
    updatedAt: standard ? at : now.updatedAt,
    fieldUpdatedAt: at,
  }
  const changes: Change[] = [{ kind: 'lead', lead: fresh }]
  return { id: lead.id, status: 'updated', changes, fields }
}

import { ActivityLog } from './activity.js'
import type { Change, Lead } from './change.js'
import { digestOf, readLeadFile } from './lead-file.js'
import { listChanges } from './birth-list.js'
import type { LeadSource, SandboxOptions } from './option.js'
import { buildSchema, type Field } from './schema.js'
import { compareIds } from './world.js'

interface Population {
  readonly fields: readonly Field[]
  readonly leads: readonly Lead[]
}

/** Says what a world was made from, for the state file. */
export async function sourceOf(leads: LeadSource): Promise<string> {
  if (leads.kind === 'file') return `file ${await digestOf(leads.path)}`
  const { kind, count, seed } = leads
  const made = `${count} ${kind} leads of seed ${seed}`
  return kind === 'virtual' ? `${made} (${leads.from} to ${leads.to})` : made
}

/** The changes that make a new world: schema, leads, lists, activities. */
export async function birthOf(
  options: SandboxOptions,
  now: number,
): Promise<Change[]> {
  const { fields, leads } = await populationOf(options, now)
  return [
    ...fields.map((field): Change => ({ kind: 'field', field })),
    { kind: 'partition', id: 1, name: 'Default' },
    { kind: 'partition', id: 2, name: 'EMEA' },
    ...leads.map((lead): Change => ({ kind: 'lead', lead })),
    ...listChanges(options, leads, now),
    ...newLeads(leads, now),
    { kind: 'time', at: now },
  ]
}

async function populationOf(
  options: SandboxOptions,
  now: number,
): Promise<Population> {
  const { leads, fields = [] } = options
  if (leads.kind === 'file') return await readLeadFile(leads.path, fields, now)
  if (leads.kind === 'virtual') {
    return { fields: buildSchema([], fields), leads: [] }
  }
  const until = leads.until ?? now
  // The words of twenty languages are loaded only where they are needed.
  const { generateLeads } = await import('./generator.js')
  const generated = generateLeads({ ...leads, until })
  const found = Array.from(generated, ({ lead }) => lead)
  return { fields: buildSchema([], fields), leads: found }
}

/** A New Lead activity for each lead, by date. */
function newLeads(leads: readonly Lead[], now: number): Change[] {
  const log = new ActivityLog(0)
  const dated = leads.map(({ id, createdAt }) => ({
    id,
    at: Math.min(createdAt, now),
  }))
  dated.sort((a, b) => a.at - b.at || compareIds(a.id, b.id))
  for (const { id, at } of dated) log.newLead(id, at)
  return log.changes
}

import { ActivityLog } from './activity.js'
import type { Change, Lead } from './change.js'
import { digestOf, readLeadFile } from './lead-file.js'
import type { LeadSource, SandboxOptions } from './option.js'
import { hash32 } from './random.js'
import { buildSchema, type Field } from './schema.js'
import { compareIds } from './world.js'

interface Population {
  readonly fields: readonly Field[]
  readonly leads: readonly Lead[]
}

/** Says what a world was made from, for the state file. */
export async function sourceOf(leads: LeadSource): Promise<string> {
  if (leads.kind === 'file') return `file ${await digestOf(leads.path)}`
  return `${leads.count} generated leads of seed ${leads.seed}`
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
    ...staticLists(leads, now),
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
  const until = leads.until ?? now
  // The words of twenty languages are loaded only where they are needed.
  const { generateLeads } = await import('./generator.js')
  const generated = generateLeads({ ...leads, until })
  const found = Array.from(generated, ({ lead }) => lead)
  return { fields: buildSchema([], fields), leads: found }
}

/** Name and share of the leads of the lists that every world has. */
const lists = [
  { id: 1001, name: 'Newsletter', share: 0.4 },
  { id: 1002, name: 'Webinar', share: 0.15 },
  { id: 1003, name: 'Trade fair', share: 0.05 },
  { id: 1004, name: 'Empty list', share: 0 },
]

function staticLists(leads: readonly Lead[], now: number): Change[] {
  return lists.flatMap(({ id, name, share }) => {
    const list = { id, name, createdAt: now, updatedAt: now }
    const joins = leads
      .filter((lead) => hash32(`${name}:${lead.id}`) / 2 ** 32 < share)
      .map(
        (lead): Change => ({
          kind: 'join',
          list: id,
          lead: lead.id,
          at: lead.createdAt,
        }),
      )
    return [{ kind: 'list', list } satisfies Change, ...joins]
  })
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

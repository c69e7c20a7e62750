import type { Lead } from './change.js'
import { leadValue } from './lead-find.js'
import { stringify } from './reply.js'
import type { Service } from './service.js'
import { isoSeconds } from './value.js'
import { compareIds, type World } from './world.js'

/**
 * Everything that a run can change, as JSON in an order that is always the
 * same: leads with all fields, memberships, merges and jobs in their order.
 * Of a virtual base only the leads that changed are told.
 */
export function stateText(service: Service): string {
  const { world } = service
  const rest = stringify({
    gone: [...world.gone.values()].toSorted(byId),
    lists: [...world.lists.values()].map(({ id, name, members }) => ({
      id,
      name,
      members: [...members.keys()].toSorted(compareIds),
    })),
    programs: [...world.programs.values()].map(({ id, name, members }) => ({
      id,
      name,
      members: [...members]
        .map(([lead, { status }]) => ({ id: lead, status }))
        .toSorted(byId),
    })),
    merges: world.merges,
    jobs: [...world.jobs.values()],
  })
  const now = JSON.stringify(isoSeconds(service.now()))
  return `{"now":${now},"leads":[${leadsText(world)}],${rest.slice(1)}`
}

/** Written by hand: objects of ninety members cost ten times as much. */
function leadsText(world: World): string {
  const names = world.schema.fields
    .map(({ name }) => name)
    .filter((name) => name !== 'id')
    .toSorted()
  const members = names.map((name) => {
    const key = `,${JSON.stringify(name)}:`
    return { name, key, empty: `${key}null` }
  })
  const leads = [...world.leads.own()].toSorted(byId)
  return leads.map((lead) => leadText(lead, members)).join(',')
}

interface Member {
  readonly name: string
  readonly key: string
  readonly empty: string
}

function leadText(lead: Lead, members: readonly Member[]): string {
  const parts = members.map(({ name, key, empty }) => {
    const value = leadValue(lead, name)
    return value === null ? empty : key + JSON.stringify(value)
  })
  return `{"id":"${lead.id}"${parts.join('')}}`
}

function byId(a: { id: string }, b: { id: string }): number {
  return compareIds(a.id, b.id)
}

import { ActivityLog } from './activity.js'
import type { Call } from './call.js'
import type { Change, Lead } from './change.js'
import { findLeads } from './lead-read.js'
import type { Field } from './schema.js'

/** Changes of the records before, laid over the world. */
export class Stage {
  readonly #call: Call
  readonly #leads = new Map<string, Lead>()
  readonly log: ActivityLog
  readonly #changes: Change[] = []
  #nextId: bigint

  constructor(call: Call) {
    this.#call = call
    this.log = new ActivityLog(call.service.world.lastActivity)
    this.#nextId = call.service.world.highestId
  }

  get changes(): readonly Change[] {
    return [...this.#changes, ...this.log.changes]
  }

  newId(): string {
    this.#nextId += BigInt(1 + this.#call.service.random.below(3))
    return String(this.#nextId)
  }

  take(changes: readonly Change[]): void {
    this.#changes.push(...changes)
    for (const change of changes) {
      if (change.kind === 'lead') this.#leads.set(change.lead.id, change.lead)
    }
  }

  lead(id: string): Lead | undefined {
    return this.#leads.get(id) ?? this.#call.service.world.leads.get(id)
  }

  find(field: Field, value: string): Lead[] {
    const before = findLeads(this.#call, field, [value])
    const found = new Map(before.map((lead) => [lead.id, lead]))
    for (const lead of this.#leads.values()) {
      if (matches(lead, field, value)) found.set(lead.id, lead)
      else found.delete(lead.id)
    }
    return [...found.values()]
  }
}

function matches(lead: Lead, field: Field, value: string): boolean {
  const own = field.name === 'id' ? lead.id : (lead.values[field.name] ?? null)
  if (own === null) return false
  return String(own).trim().toLowerCase() === value.trim().toLowerCase()
}

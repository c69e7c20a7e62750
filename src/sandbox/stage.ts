import { ActivityLog } from './activity.js'
import type { Change, Lead } from './change.js'
import { findLeads } from './lead-find.js'
import type { Field } from './schema.js'
import type { Service } from './service.js'

/** Changes of the records before, laid over the world. */
export class Stage {
  readonly #service: Service
  readonly #leads = new Map<string, Lead>()
  readonly log: ActivityLog
  readonly #changes: Change[] = []
  #nextId: bigint

  constructor({ service }: { readonly service: Service }) {
    this.#service = service
    this.log = new ActivityLog(service.world.lastActivity)
    this.#nextId = service.world.highestId
  }

  get changes(): readonly Change[] {
    return [...this.#changes, ...this.log.changes]
  }

  newId(): string {
    this.#nextId += BigInt(1 + this.#service.random.below(3))
    return String(this.#nextId)
  }

  take(changes: readonly Change[]): void {
    this.#changes.push(...changes)
    for (const change of changes) {
      if (change.kind === 'lead') this.#leads.set(change.lead.id, change.lead)
    }
  }

  lead(id: string): Lead | undefined {
    return this.#leads.get(id) ?? this.#service.world.leads.get(id)
  }

  find(field: Field, value: string): Lead[] {
    const before = findLeads({ service: this.#service }, field, [value])
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

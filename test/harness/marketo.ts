/**
 * What a Marketo does to leads, for the harness alone: written from Adobe's
 * documentation, sharing nothing with the product or its sandbox.
 */
export type Value = string | number | boolean | null

export type Lead = Readonly<Record<string, Value>>

export interface Field {
  readonly name: string
  readonly dataType: string
  readonly length: number | null
  readonly updateable: boolean
}

function field(name: string, dataType = 'string', updateable = true): Field {
  const length = dataType === 'string' ? 255 : null
  return { name, dataType, length, updateable }
}

export const fields: readonly Field[] = [
  field('id', 'integer', false),
  field('email', 'email'),
  field('firstName'),
  field('region'),
  field('phone', 'phone'),
  field('leadScore', 'score'),
  field('unsubscribed', 'boolean'),
  field('doNotCall', 'boolean'),
  field('sfdcType', 'string', false),
  field('sfdcContactId', 'string', false),
  field('createdAt', 'datetime', false),
  field('updatedAt', 'datetime', false),
]

/** Fields in which true means that somebody must be left alone. */
export const optOuts = ['unsubscribed', 'doNotCall'] as const

const writable = new Map(fields.map((one) => [one.name, one.updateable]))

export interface Write {
  readonly id: string
  readonly field: string
  readonly value: Value
}

export interface Merge {
  readonly winner: string
  readonly losers: readonly string[]
}

/** Leads, and what merging and writing make of them. */
export class Leads {
  readonly #held: Map<string, Lead>
  /** Whom a lead that is gone was merged into. */
  readonly #into = new Map<string, string>()

  constructor(leads: Iterable<Lead>) {
    this.#held = new Map([...leads].map((lead) => [String(lead['id']), lead]))
  }

  get ids(): string[] {
    return [...this.#held.keys()]
  }

  all(): Lead[] {
    return [...this.#held.values()]
  }

  get(id: string): Lead | undefined {
    return this.#held.get(id)
  }

  /** The lead that a lead which was merged away lives on in. */
  survivor(id: string): string | undefined {
    let at = this.#into.get(id)
    for (;;) {
      const next = at === undefined ? undefined : this.#into.get(at)
      if (next === undefined) return at
      at = next
    }
  }

  delete(id: string): void {
    this.#held.delete(id)
  }

  copy(): Leads {
    return new Leads(this.all())
  }

  /** The code with which Marketo refuses, or null: it is done. */
  merge({ winner, losers }: Merge, inCrm: boolean, at: string): string | null {
    const all = [winner, ...losers]
    if (losers.length > 25) return '1080'
    if (new Set(all).size < all.length || losers.length === 0) return '1003'
    if (all.some((id) => !this.#held.has(id))) return '1004'
    if (inCrm && losers.length > 1) return '1078'
    const records = all.map((id) => this.#held.get(id) ?? {})
    const ranks = records.map(rank)
    const top = Math.max(...ranks)
    // The first of the highest; the named winner where it is one of them.
    const kept = ranks[0] === top ? 0 : ranks.indexOf(top)
    const rest = records.toSpliced(kept, 1)
    // With the winner overruled, it stands where its survivor stood.
    const [filler = {}] =
      kept === 0 ? rest : kept === 1 ? records : rest.slice(1)
    const survivor: Record<string, Value> = { ...records[kept] }
    for (const [name, value] of Object.entries(filler)) {
      if (isBlank(survivor[name])) survivor[name] = value
    }
    const name = all[kept] ?? winner
    this.#held.set(name, { ...survivor, updatedAt: at })
    for (const id of all) {
      if (id === name) continue
      this.#held.delete(id)
      this.#into.set(id, name)
    }
    return null
  }

  /** The code for this record, or null: it is written. */
  update(id: string, values: Lead, at: string): string | null {
    const lead = this.#held.get(id)
    if (lead === undefined) return '1004'
    for (const name of Object.keys(values)) {
      if (writable.get(name) !== true) return '1006'
    }
    const written = Object.entries(values).map(
      ([name, value]) => [name, value === '' ? null : value] as const,
    )
    const all = { ...lead, ...Object.fromEntries(written), updatedAt: at }
    this.#held.set(id, all)
    return null
  }
}

function isBlank(value: Value | undefined): boolean {
  return value === undefined || value === null || value === ''
}

function rank(lead: Lead): number {
  if (lead['sfdcType'] === 'Contact' || !isBlank(lead['sfdcContactId'])) {
    return 2
  }
  return lead['sfdcType'] === 'Lead' ? 1 : 0
}

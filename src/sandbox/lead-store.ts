import type { Lead } from './change.js'
import type { VirtualBase } from './virtual-base.js'

/** All leads by id: those of a virtual base, and over them those kept. */
export class LeadStore {
  readonly base: VirtualBase | null
  readonly #own = new Map<string, Lead>()
  /** Leads of the base that exist no more. */
  readonly #dropped = new Set<string>()

  constructor(base: VirtualBase | null) {
    this.base = base
  }

  get(id: string): Lead | undefined {
    const own = this.#own.get(id)
    if (own !== undefined || this.base === null) return own
    return this.#dropped.has(id) ? undefined : this.base.lead(id)
  }

  has(id: string): boolean {
    if (this.#own.has(id)) return true
    if (this.base === null || this.#dropped.has(id)) return false
    return this.base.indexOf(id) !== null
  }

  set(id: string, lead: Lead): void {
    this.#own.set(id, lead)
  }

  delete(id: string): void {
    this.#own.delete(id)
    if (this.base !== null && this.base.indexOf(id) !== null) {
      this.#dropped.add(id)
    }
  }

  /** Leads that are kept one by one: new or changed ones, or all. */
  own(): Iterable<Lead> {
    return this.#own.values()
  }

  /** Ids of the base that are not as the base has them. */
  hidden(): Set<string> {
    return new Set([...this.#dropped, ...this.#own.keys()])
  }

  *values(): Generator<Lead> {
    const { base } = this
    if (base !== null) {
      const hidden = this.hidden()
      for (let index = 0; index < base.count; index++) {
        if (!hidden.has(base.id(index))) yield base.at(index)
      }
    }
    yield* this.#own.values()
  }
}

import type { Fault } from './fault.js'
import { canHit, type Target } from './fault-place.js'
import type { Random } from './random.js'

interface Armed {
  readonly fault: Fault
  readonly endpoint: RegExp | null
  seen: number
  fired: number
}

/** The faults in force; a call meets the first that fires. */
export class FaultDesk {
  readonly #random: Random
  #armed: Armed[] = []
  /** Hits of each kind since the beginning, of faults removed too. */
  readonly hits: Record<string, number> = {}

  constructor(random: Random, faults: readonly Fault[]) {
    this.#random = random
    this.add(faults)
  }

  add(faults: readonly Fault[]): void {
    for (const fault of faults) {
      const endpoint = fault.match?.endpoint
      this.#armed.push({
        fault: { ...fault },
        endpoint: endpoint === undefined ? null : new RegExp(endpoint),
        seen: 0,
        fired: 0,
      })
    }
  }

  clear(): void {
    this.#armed = []
  }

  list(): readonly object[] {
    return this.#armed.map(({ fault, seen, fired }) => ({
      ...fault,
      seen,
      fired,
    }))
  }

  /** The fault of this call, or null. */
  next(target: Target): Fault | null {
    const call = `${target.method} ${target.path}`
    let hit: Fault | null = null
    for (const armed of this.#armed) {
      const { fault, endpoint } = armed
      if (!canHit(fault, target) || endpoint?.test(call) === false) continue
      armed.seen += 1
      if (hit !== null || !this.#fires(armed)) continue
      this.#count(armed, 1)
      hit = armed.fault
    }
    return hit
  }

  /** The call ended in a way that the fault could not change: not counted. */
  miss(fault: Fault): void {
    const armed = this.#armed.find((other) => other.fault === fault)
    if (armed === undefined) return
    armed.seen -= 1
    this.#count(armed, -1)
  }

  #count(armed: Armed, step: number): void {
    const { fault } = armed
    armed.fired += step
    const name =
      fault.kind === 'job-dirty' ? `job-dirty ${fault.dirt}` : fault.kind
    this.hits[name] = (this.hits[name] ?? 0) + step
  }

  #fires({ fault, seen, fired }: Armed): boolean {
    const { nth, after, count, probability } = fault.match ?? {}
    if (nth !== undefined && seen !== nth) return false
    if (after !== undefined && seen <= after) return false
    if (count !== undefined && fired >= count) return false
    return probability === undefined || this.#random.chance(probability)
  }
}

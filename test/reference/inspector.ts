/** Compares every call that a sandbox hears with Marketo's definitions. */
import type { Exchange } from '../../src/sandbox/exchange.js'
import { deviations } from './deviation.js'
import { check } from './exchange-check.js'
import type { Operation } from './swagger.js'

export interface Tally {
  calls: number
  issues: Set<string>
}

/** What all inspectors of a file saw, by operation. */
export class Seen {
  readonly tallies = new Map<string, Tally>()
  /** Operations that the product itself called. */
  readonly byProduct = new Set<string>()
  readonly explained = new Set<string>()
}

export class Inspector {
  readonly #seen: Seen
  readonly #defined: readonly Operation[]
  readonly #isProduct: boolean
  readonly heard: Exchange[] = []
  readonly onExchange = (exchange: Exchange) => {
    this.heard.push(exchange)
  }

  /** @param isProduct whether nobody but the product makes the calls */
  constructor(
    seen: Seen,
    defined: readonly Operation[],
    { isProduct = true } = {},
  ) {
    this.#seen = seen
    this.#defined = defined
    this.#isProduct = isProduct
  }

  /** The issues that no deviation explains. */
  unexplained(): string[] {
    const issues = new Set<string>()
    for (const exchange of this.heard) {
      const checked = check(exchange, this.#defined)
      const { method, path } = exchange
      // The sandbox's own addresses are none of Marketo's.
      if (path.startsWith('/sandbox/')) continue
      const name = `${method} ${checked.operation?.template ?? path}`
      this.#note(name, checked.issues)
      for (const issue of checked.issues) {
        if (isExplained(issue)) this.#seen.explained.add(issue)
        else issues.add(issue)
      }
    }
    return [...issues].toSorted((a, b) => a.localeCompare(b))
  }

  #note(name: string, issues: readonly string[]): void {
    const { tallies, byProduct } = this.#seen
    const tally = tallies.get(name) ?? { calls: 0, issues: new Set() }
    tallies.set(name, tally)
    tally.calls += 1
    for (const issue of issues) tally.issues.add(issue)
    if (this.#isProduct) byProduct.add(name)
  }
}

function isExplained(issue: string): boolean {
  return deviations.some((deviation) => deviation.issue.test(issue))
}

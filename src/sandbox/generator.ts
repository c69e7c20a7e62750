import type { Lead } from './change.js'
import { Random } from './random.js'
import type { Value } from './value.js'

/** A lead and the number of the person it really is. */
export interface GeneratedLead {
  readonly lead: Lead
  readonly truth: number
}

export interface GeneratorOptions {
  readonly count: number
  readonly seed: number
  readonly until: number
}

export function* generateLeads(
  options: GeneratorOptions,
): Iterable<GeneratedLead> {
  const span = 425 * 86_400_000
  for (let i = 0; i < options.count; i++) {
    const truth = i % 3 === 2 ? i - 2 : i
    const random = new Random(options.seed * 7919 + truth)
    const first = random.pick(['Ann', 'Bob', 'Cleo', 'Dirk'])
    const last = random.pick(['Lee', 'Moreau', 'Ito', 'Kaya']) + truth
    const values: Record<string, Value> = {
      firstName: first,
      lastName: last,
      email: `${first}.${last}@example${truth % 50}.com`.toLowerCase(),
      company: `Company ${truth % 50}`,
      unsubscribed: i % 11 === 0,
    }
    const at = Math.floor(options.until - span + (span * i) / options.count)
    yield {
      truth,
      lead: {
        id: String(1_000_000 + i * 2),
        createdAt: at,
        updatedAt: at,
        fieldUpdatedAt: at,
        partition: 1,
        values,
      },
    }
  }
}

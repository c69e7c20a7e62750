/** Lists and programs of leads, kept before a merge unites them. */
import type { Marketo, ProgramStatus } from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'
import { pooled } from '../marketo/pool.js'
import type { Kept } from '../pipeline/policy.js'

/** The rate allows no more than that in a second anyway. */
const atOnce = 5

export interface Membership {
  /** By lead: ids of the static lists it is on; absent where nobody asked. */
  readonly lists?: Readonly<Record<string, readonly string[]>>
  /** By lead: its programs and statuses; absent where nobody asked. */
  readonly programs?: Readonly<Record<string, readonly ProgramStatus[]>>
}

/**
 * Reads each lead once, one call or more for each kind, also where its row
 * has to be read again.
 */
export class Memberships {
  readonly #kinds: ReadonlySet<Kept>
  readonly #lists = new Map<string, readonly string[]>()
  readonly #programs = new Map<string, readonly ProgramStatus[]>()

  constructor(kinds: readonly Kept[] = []) {
    this.#kinds = new Set(kinds)
  }

  async read(marketo: Marketo, leads: readonly string[]): Promise<void> {
    const reads = leads.flatMap((id) => [
      ...(this.#kinds.has('lists') && !this.#lists.has(id)
        ? [() => keep(this.#lists, id, marketo.listsOf(id))]
        : []),
      ...(this.#kinds.has('programs') && !this.#programs.has(id)
        ? [() => keep(this.#programs, id, marketo.programsOf(id))]
        : []),
    ])
    await pooled(reads, atOnce, (read) => read())
  }

  of(leads: readonly string[]): Membership {
    return {
      ...(this.#kinds.has('lists') && { lists: known(this.#lists, leads) }),
      ...(this.#kinds.has('programs') && {
        programs: known(this.#programs, leads),
      }),
    }
  }
}

/** A lead that went meanwhile has none; its merge is stale anyway. */
async function keep<Value>(
  found: Map<string, Value>,
  id: string,
  reading: Promise<Value>,
): Promise<void> {
  try {
    found.set(id, await reading)
  } catch (error) {
    if (error instanceof MarketoError && error.marketoCode === '1004') return
    throw error
  }
}

function known<Value>(
  found: ReadonlyMap<string, Value>,
  leads: readonly string[],
): Record<string, Value> {
  return Object.fromEntries(
    leads.flatMap((id) => {
      const own = found.get(id)
      return own === undefined ? [] : [[id, own]]
    }),
  )
}

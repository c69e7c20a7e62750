/** Random leads, and the merges and updates that are wanted of them. */
import type { Lead, Value } from './marketo.js'
import { Random } from './random.js'

export interface WantedMerge {
  readonly winner: string
  readonly losers: readonly string[]
  readonly inCrm: boolean
  /** Decided fields and their values. */
  readonly survivors: readonly {
    readonly field: string
    readonly value: Value
    readonly consent: boolean
  }[]
}

export interface WantedUpdate {
  readonly id: string
  /** A blank must change nothing. */
  readonly set: Readonly<Record<string, string | null>>
}

export interface Wanted {
  readonly merges: readonly WantedMerge[]
  readonly updates: readonly WantedUpdate[]
  /** Updates enough for a bulk import. */
  readonly byImport?: readonly WantedUpdate[]
}

/** Below 300 rows calls are as cheap, and the product makes calls. */
const rowsOfImport = 302

export function wantedOf(
  random: Random,
  hasImport = false,
): {
  leads: readonly Lead[]
  wanted: Wanted
} {
  let next = 1000 + random.below(1000)
  const leads: Lead[] = []
  const make = (more: Lead): Lead => {
    next += 1 + random.below(3)
    const lead = { ...leadOf(random, next), ...more }
    leads.push(lead)
    return lead
  }
  const merges = Array.from({ length: 1 + random.below(3) }, () =>
    mergeOf(random, make),
  )
  const updates = Array.from({ length: random.below(4) }, () => {
    const lead = make({})
    const set = {
      region: `R${random.below(100)}`,
      ...(random.chance(0.4) && { phone: `+1 ${random.below(1000)}` }),
      ...(Number(lead['id']) % 3 === 0 && { firstName: null }),
    }
    return { id: String(lead['id']), set }
  })
  if (!hasImport) return { leads, wanted: { merges, updates } }
  const byImport = Array.from({ length: rowsOfImport }, (_, n) => {
    const { id } = make({ region: null, phone: null, firstName: 'Zoe' })
    // What a CSV does not hold byte for byte goes by a call.
    const odd = n > 299 && random.chance(0.5) ? random.pick(oddTexts) : null
    const set = { region: odd ?? `R${n}, "x"`, phone: `+1 ${n}` }
    return { id: String(id), set }
  })
  return { leads, wanted: { merges, updates, byImport } }
}

const oddTexts: [string, ...string[]] = ['null', ' around ', 'two\nlines']

function leadOf(random: Random, id: number): Lead {
  const maybe = <Kind extends Value>(share: number, value: Kind) =>
    random.chance(share) ? value : null
  return {
    id,
    email: `a${random.below(5)}@example.com`,
    firstName: maybe(0.7, random.pick(['Ann', 'Bob', 'Eve'])),
    region: maybe(0.3, random.pick(['north', 'south'])),
    phone: maybe(0.4, `+1 555 ${random.below(100)}`),
    leadScore: maybe(0.6, random.below(50)),
    unsubscribed: random.pick([null, false, false, true]),
    doNotCall: random.pick([null, false, true]),
    sfdcType: null,
    sfdcContactId: null,
    createdAt: '2025-03-01T10:00:00Z',
    updatedAt: '2025-03-01T10:00:00Z',
  }
}

function sizeOf(random: Random, inCrm: boolean): number {
  if (inCrm) return 1 + random.below(4)
  if (random.chance(0.85)) return 1 + random.below(3)
  return 1 + random.below(random.chance(0.3) ? 30 : 8)
}

function mergeOf(random: Random, make: (more: Lead) => Lead): WantedMerge {
  const inCrm = random.chance(0.2)
  const type = inCrm || random.chance(0.1) ? 'Lead' : null
  const winner = make({ sfdcType: type === null ? null : 'Contact' })
  const losers = Array.from({ length: sizeOf(random, inCrm) }, () =>
    make({ sfdcType: type !== null && random.chance(0.6) ? type : null }),
  )
  const all = [winner, ...losers]
  const consents = ['unsubscribed', 'doNotCall'].map((field) => {
    const isOut = all.some((lead) => lead[field] === true)
    const first = all.find((lead) => lead[field] !== null)
    const value = isOut ? true : (first?.[field] ?? null)
    return { field, value, consent: true }
  })
  const others = ['phone', 'region', 'leadScore', 'firstName']
    .filter(() => random.chance(0.5))
    .map((field) => {
      const filled = all.filter((lead) => lead[field] !== null)
      const from = filled[random.below(filled.length)]
      return { field, value: from?.[field] ?? null, consent: false }
    })
  return {
    winner: String(winner['id']),
    losers: losers.map((lead) => String(lead['id'])),
    inCrm,
    survivors: [...consents, ...others],
  }
}

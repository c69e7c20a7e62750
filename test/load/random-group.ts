/** Random groups of duplicates, the same ones for a seed. */
import type { Survivor } from '../../src/load/plan-row.js'
import type { FieldValue, LeadRecord } from '../../src/marketo/api.js'
import type { WantedMerge } from './world.js'

export const consent = [
  'unsubscribed',
  'emailInvalid',
  'doNotCall',
  'blackListed',
]
const texts = ['firstName', 'lastName', 'phone', 'title', 'city', 'company']
const others = ['leadScore', 'dateOfBirth', 'duplicateCount', 'emailSha256']

const values: Readonly<Record<string, readonly FieldValue[]>> = {
  text: ['Ann', 'Zoë', '  ', '山田', 'NULL', "O'Neil", '=1+1', '0', 'false'],
  leadScore: [0, 5, -3, 120],
  dateOfBirth: ['1970-01-01', '1999-12-31'],
  duplicateCount: [0, 2],
  emailSha256: ['00ff', 'a1'],
  sfdcType: ['Lead', 'Contact'],
}

/** The same groups every time. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(limit: number): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647
    return this.#state % limit
  }

  pick<Value>(from: readonly Value[]): Value {
    const value = from[this.below(from.length)]
    if (value === undefined) throw new RangeError('nothing to pick from')
    return value
  }
}

export interface Group {
  readonly leads: readonly (LeadRecord & { id: string })[]
  readonly merge: WantedMerge
}

function lead(dice: Dice, id: string): LeadRecord & { id: string } {
  const maybe = (from: readonly FieldValue[]) =>
    dice.below(2) === 0 ? null : dice.pick(from)
  const crm = dice.below(8) === 0 ? dice.pick(values['sfdcType'] ?? []) : null
  return {
    id,
    email: maybe([`${id}@example.com`]),
    createdAt: `20${10 + dice.below(15)}-03-01T10:00:00Z`,
    sfdcType: crm,
    sfdcLeadId: crm === null ? null : `00Q${id}`,
    sfdcContactId: crm === 'Contact' ? `003${id}` : null,
    ...Object.fromEntries(
      consent.map((field) => [field, dice.pick([true, false, false, null])]),
    ),
    ...Object.fromEntries(
      texts.map((field) => [field, maybe(values['text'] ?? [])]),
    ),
    ...Object.fromEntries(
      others.map((field) => [field, maybe(values[field] ?? [])]),
    ),
  }
}

const rank = (one: LeadRecord) =>
  one['sfdcType'] === 'Contact' ? 2 : one['sfdcType'] === 'Lead' ? 1 : 0

export function group(dice: Dice, first: number, largest = 30): Group {
  const size =
    dice.below(12) === 0 ? 2 + dice.below(largest - 1) : 2 + dice.below(3)
  const leads = Array.from({ length: size }, (_, n) =>
    lead(dice, String(first + n)),
  )
  const highest = Math.max(...leads.map(rank))
  const winner = dice.pick(leads.filter((one) => rank(one) === highest))
  const losers = leads.filter((one) => one !== winner)
  const decided = dice.below(2) === 0 ? [] : [...texts, ...others]
  return {
    leads,
    merge: {
      winner: winner.id,
      losers: losers.map((one) => one.id),
      survivors: [
        ...consent.flatMap((field) => optOut(leads, field)),
        ...decided.flatMap((field) => anyValue(dice, leads, field)),
      ],
      mergeInCrm: highest > 0 && dice.below(20) === 0,
    },
  }
}

function optOut(leads: Group['leads'], field: string): Survivor[] {
  const source = leads.find((one) => one[field] === true)
  return source === undefined
    ? []
    : [{ field, value: 'true', source: source.id, rule: 'any', consent: true }]
}

function anyValue(
  dice: Dice,
  leads: Group['leads'],
  field: string,
): Survivor[] {
  const sources = leads.filter((one) => one[field] !== null)
  if (sources.length === 0) return []
  const source = dice.pick(sources)
  const value = String(source[field])
  return [{ field, value, source: source.id, rule: 'any', consent: false }]
}

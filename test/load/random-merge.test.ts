import { describe, expect, it } from 'vitest'
import type { FieldValue, LeadRecord } from '../../src/marketo/api.js'
import { openPlan } from '../../src/load/plan-file.js'
import type { Survivor } from '../../src/load/plan-row.js'
import {
  apply,
  planFor,
  startWorld,
  stateOf,
  type WantedMerge,
} from './world.js'

const groups = 2000
const consent = ['unsubscribed', 'emailInvalid', 'doNotCall', 'blackListed']
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
class Dice {
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

interface Group {
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

function group(dice: Dice, first: number): Group {
  const size = dice.below(12) === 0 ? 2 + dice.below(29) : 2 + dice.below(3)
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

describe('2,000 random merges', () => {
  it('end as predicted in every field, and no opt-out is lost', async () => {
    const dice = new Dice(2026)
    const all: Group[] = []
    let next = 1000
    for (let n = 0; n < groups; n += 1) {
      const made = group(dice, next)
      next += made.leads.length
      all.push(made)
    }
    const world = await startWorld(
      all.flatMap((one) => one.leads),
      { timeScale: 300, timing: { mergeLatency: [50, 100] } },
    )
    try {
      const plan = await planFor(world, { merges: all.map((g) => g.merge) })
      const result = await apply(world, plan)
      expect(result).toMatchObject({ done: groups, differences: 0 })
      const state = await stateOf(world)
      expect(state.leads).toHaveLength(groups)
      const left = new Map(state.leads.map((one) => [one.id, one]))
      const lost = all.filter(({ leads, merge }) =>
        consent.some(
          (field) =>
            leads.some((one) => one[field] === true) &&
            left.get(merge.winner)?.[field] !== true,
        ),
      )
      expect(lost).toEqual([])
      expect(await unplanned(plan, left)).toEqual([])
    } finally {
      await world.close()
    }
  }, 240_000)
})

/** Decided fields that the sandbox holds otherwise than the plan says. */
async function unplanned(
  path: string,
  left: ReadonlyMap<string, LeadRecord>,
): Promise<string[]> {
  const plan = await openPlan(path)
  const wrong: string[] = []
  for await (const row of plan.rows()) {
    if (row.kind !== 'merge') continue
    const record = left.get(row.winner) ?? {}
    for (const [field, value] of Object.entries(row.after)) {
      const now = record[field] ?? null
      if ((now === null ? null : String(now)) !== value) {
        wrong.push(`${row.row} ${field}`)
      }
    }
  }
  await plan.close()
  return wrong
}

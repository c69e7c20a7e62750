import { describe, expect, it } from 'vitest'
import { base } from './base.js'
import type { Lead } from './lead-oracle.js'
import {
  addressGroup,
  anyTrue,
  groupValue,
  strictest,
  surviveRules,
} from './survive-oracle.js'
import {
  type Choice,
  crmRank,
  liveRank,
  outcomeOf,
  type ScoreOracle,
  type WinnerOracle,
  winnerRules,
} from './winner-oracle.js'

/** A small generator, so that a failure can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) / 2 ** 24
  }
}

type Random = () => number

function pick<T>(random: Random, values: readonly [T, ...T[]]): T {
  const value = values[Math.floor(random() * values.length)]
  return value === undefined ? values[0] : value
}

const day = (random: Random, year: number) =>
  `${year + Math.floor(random() * 3)}-0${1 + Math.floor(random() * 3)}-15T10:00:00Z`

const optOuts = ['unsubscribed', 'emailInvalid', 'marketingSuspended']

const texts = [
  '1',
  '2.5',
  '10',
  'A;b',
  'b; c',
  '2024-05-01',
  '2025-05-01',
  'ab',
  'AB',
  null,
] as const

const crmTypes = [
  ...([null, null, null, null, null, 'Lead', 'Lead', 'Contact'] as const),
  'contact',
  'Person Account',
] as const

/** Few values each, so that ties and holes are frequent. */
function lead(random: Random, id: number, person: number): Lead {
  const truth = () => pick(random, ['true', 'false', 'false', '1', null])
  return {
    id: String(id),
    email: `p${person}@x.example`,
    sfdcType: pick(random, crmTypes),
    sfdcIsDeleted: pick(random, [null, null, null, null, null, 'true']),
    sfdcAccountId: pick(random, [null, '001A', ' ']),
    sfdcOpptyId: pick(random, [null, null, '006']),
    leadScore: pick(random, ['1', '2', '10', 'x', null]),
    createdAt: pick(random, [day(random, 2020), day(random, 2020), null]),
    updatedAt: pick(random, [day(random, 2023), day(random, 2023), null]),
    phone: pick(random, ['1', '22', null]),
    title: pick(random, ['CEO', 'Chef ', 'ceo', 'cook', null]),
    city: pick(random, ['Oslo', 'Rome', ' ', null]),
    address: pick(random, ['a st', 'b st', null]),
    postalCode: pick(random, ['1', '2', null]),
    state: pick(random, ['x', 'y', null]),
    checked: pick(random, [null, 'true', 'false']),
    ...Object.fromEntries(
      surviveRules.map((_, index) => [`t${index}`, pick(random, texts)]),
    ),
    unsubscribed: truth(),
    emailInvalid: truth(),
    marketingSuspended: truth(),
    mayCall: truth(),
    consent: pick(random, ['yes', 'No', 'later', 'who knows', null]),
  }
}

function clusters(random: Random, count: number): Lead[][] {
  let id = 0
  return Array.from({ length: count }, (_, person) => {
    const size = 2 + Math.floor(random() * 4)
    return Array.from({ length: size }, () => lead(random, (id += 1), person))
  })
}

function scoreOf(random: Random): ScoreOracle {
  const parts = Array.from({ length: 3 }, (_, index) => ({
    points: 50 - index * 7,
    rule: pick(random, [first, ...rest]),
  }))
  return { parts, delta: pick(random, [1, 7, 14]) }
}

const [first, ...rest] = winnerRules as readonly [
  WinnerOracle,
  ...WinnerOracle[],
]

function choiceOf(random: Random, round: number): Choice {
  const by = (['in_order', 'first_alone', 'all'] as const)[round % 3]
  const rules = Array.from({ length: 3 }, (_, index) =>
    random() < 0.4
      ? scoreOf(random)
      : (winnerRules[(round * 3 + index) % winnerRules.length] ?? first),
  )
  const otherwise = pick<Choice['otherwise']>(random, ['lowest_id', 'review'])
  return { by: by ?? 'in_order', rules, otherwise }
}

function ruleText(rule: WinnerOracle | ScoreOracle): string {
  if ('yaml' in rule) return rule.yaml
  const parts = rule.parts.map(({ points, rule: { yaml } }) =>
    yaml.startsWith('{')
      ? `{ points: ${points}, ${yaml.slice(2)}`
      : `{ points: ${points}, rule: ${yaml} }`,
  )
  return `{ score: [${parts.join(', ')}], delta: ${rule.delta} }`
}

function pipelineOf(choice: Choice): string {
  const survive = surviveRules.map(
    ({ yaml }, index) => `      t${index}: ${yaml}`,
  )
  return `marketo: sandbox
services:
  person:
    type: dedupe
    match: [{ same: [email] }]
    winner:
      by: ${choice.by}
      rules: [${choice.rules.map(ruleText).join(', ')}]
      else: ${choice.otherwise}
    survive:
${survive.join('\n')}
      address: { group: [postalCode, state], by: most_recent }
    consent:
      mayCall: all_true
      consent: { strictest: [no, later, yes] }
    crm: { merge: true }
`
}

interface Row {
  readonly component: number
  readonly winner: number
  readonly overruled: number | null
  readonly losers: readonly number[]
  readonly status: string
  readonly values: Readonly<Record<string, string>> | null
}

async function decide(
  text: string,
  groups: readonly (readonly Lead[])[],
  chosen: readonly string[],
): Promise<Row[]> {
  const leads = groups.flat()
  const warehouse = await base({
    pipeline: text,
    leads,
    lists: {
      VIP: leads.flatMap(({ id }) => (Number(id) % 3 === 0 ? (id ?? []) : [])),
    },
    overrides: chosen.map((leadId) => ({ leadId })),
    models: ['survivor'],
  })
  const rows = await warehouse.rows<Omit<Row, 'values'>>(
    `select component, winner_id as winner, overruled_id as overruled,
       loser_ids as losers, status
     from dedupe.cluster order by component`,
  )
  const values = await warehouse.rows<{
    winner: number
    field: string
    value: string
  }>('select winner_id as winner, field, value from dedupe.survivor')
  await warehouse.close()
  const byWinner = new Map<number, Record<string, string>>()
  for (const { winner, field, value } of values) {
    const known = byWinner.get(winner) ?? {}
    byWinner.set(winner, { ...known, [field]: value })
  }
  return rows.map((row) => ({
    ...row,
    values: byWinner.get(row.winner) ?? null,
  }))
}

const rounds = 8
const perRound = 250

describe(`winner and survivor of ${rounds * perRound} random clusters`, () => {
  it.each(Array.from({ length: rounds }, (_, round) => round))(
    'are what plain code says, and no opt-out is lost, in round %d',
    async (round) => {
      const random = randomOf(round + 1)
      const choice = choiceOf(random, round)
      const groups = clusters(random, perRound)
      const chosen = groups.flatMap(([one, other]) =>
        random() < 0.1 ? (pick(random, [one, other])?.['id'] ?? []) : [],
      )
      const rows = await decide(pipelineOf(choice), groups, chosen)
      expect(rows).toHaveLength(groups.length)
      const merged = rows.filter((row, index) =>
        compare(row, choice, groups[index] ?? [], chosen),
      )
      expect(merged.length).toBeGreaterThan(0)
    },
  )
})

/** What Salesforce would not merge: 1078 for a deleted record, 712. */
function isRefused(group: readonly Lead[]): boolean {
  const linked = group.filter((one) => crmRank(one) > 0)
  const isDeleted = linked.some((one) => liveRank(one) === 0)
  const isPerson = group.some(({ sfdcType }) => sfdcType === 'Person Account')
  return linked.length > 1 && (isDeleted || isPerson)
}

/** Whether the cluster is merged; everything about it has been compared. */
function compare(
  row: Row,
  choice: Choice,
  group: readonly Lead[],
  chosen: readonly string[],
): boolean {
  const isChosen = ({ id }: Lead) => chosen.includes(id ?? '')
  const { order, own, isTie, isUnsure } = outcomeOf(choice, group, isChosen)
  const [winner, ...losers] = order.map(({ id }) => Number(id))
  const isHeld =
    isUnsure || isRefused(group) || (isTie && choice.otherwise === 'review')
  const ownId = Number(own?.['id'])
  expect(row, JSON.stringify({ choice, group })).toMatchObject({
    winner,
    losers,
    status: isHeld ? 'review' : 'merge',
    overruled: ownId === winner ? null : ownId,
  })
  if (isHeld) return false
  compareConsent(row, group, order)
  const value = (field: string) => row.values?.[field] ?? null
  for (const field of addressGroup) {
    expect(value(field), field).toBe(groupValue(order, field))
  }
  for (const [index, rule] of surviveRules.entries()) {
    const field = `t${index}`
    const seen = JSON.stringify(order.map((each) => [each['id'], each[field]]))
    expect(value(field), `${rule.yaml} of ${seen}`).toBe(
      rule.value(order, field),
    )
  }
  return true
}

function compareConsent(
  { values }: Row,
  group: readonly Lead[],
  order: readonly Lead[],
): void {
  for (const field of optOuts) {
    const isTrue = ['true', '1'].includes(values?.[field] ?? '')
    expect(isTrue, field).toBe(anyTrue(group, field))
  }
  const refuses = group.some((each) => each['mayCall'] === 'false')
  if (refuses) expect(values?.['mayCall']).toBe('false')
  const wanted = strictest(order, 'consent', ['no', 'later', 'yes'])
  expect(values?.['consent'] ?? null).toBe(wanted)
}

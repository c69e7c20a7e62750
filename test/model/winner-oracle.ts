/** Which lead should win, thought out again in plain code. */
import {
  count,
  has,
  id,
  isTrue,
  type Lead,
  minus,
  moment,
  number,
} from './lead-oracle.js'

export function crmRank(lead: Lead): number {
  const type = (lead['sfdcType'] ?? '').toLowerCase()
  if (type === 'contact') return 2
  return type === 'lead' ? 1 : 0
}

export function liveRank(lead: Lead): number {
  return isTrue(lead['sfdcIsDeleted']) ? 0 : crmRank(lead)
}

/** A rule of the test: how good a lead is; null is worst of all. */
export interface WinnerOracle {
  readonly yaml: string
  readonly good: (lead: Lead) => number | boolean | null
}

/** Every rule over the fields of the test's leads. */
export const winnerRules: readonly WinnerOracle[] = [
  { yaml: 'crm_contact', good: (lead) => crmRank(lead) === 2 },
  { yaml: 'crm_lead', good: (lead) => crmRank(lead) === 1 },
  { yaml: 'crm_synced', good: (lead) => crmRank(lead) > 0 },
  { yaml: 'has_account', good: (lead) => has(lead, 'sfdcAccountId') },
  { yaml: 'has_opportunity', good: (lead) => has(lead, 'sfdcOpptyId') },
  { yaml: 'most_recent', good: (lead) => moment(lead['updatedAt']) },
  {
    yaml: '{ most_complete: [phone, title, city] }',
    good: (lead) => count(lead, ['phone', 'title', 'city']),
  },
  { yaml: '{ highest: leadScore }', good: (l) => number(l['leadScore']) },
  { yaml: '{ lowest: leadScore }', good: (l) => minus(number(l['leadScore'])) },
  { yaml: '{ newest: createdAt }', good: (l) => moment(l['createdAt']) },
  { yaml: '{ oldest: createdAt }', good: (l) => minus(moment(l['createdAt'])) },
  {
    yaml: '{ where: { title: [CEO, chef] } }',
    good: (lead) =>
      ['ceo', 'chef'].includes((lead['title'] ?? '').trim().toLowerCase()),
  },
  {
    yaml: '{ where: { city: "O*", phone: { not: null } } }',
    good: (lead) =>
      /^o/i.test((lead['city'] ?? '').trim()) && has(lead, 'phone'),
  },
  { yaml: '{ list: { static: VIP } }', good: (lead) => id(lead) % 3 === 0 },
]

function best(rule: WinnerOracle, cluster: readonly Lead[]): Lead[] {
  const values = cluster.map((lead) => rule.good(lead))
  if (values.some((value) => typeof value === 'boolean')) {
    return cluster.filter((_, index) => values[index] === true)
  }
  const known = values.filter((value) => value !== null).map(Number)
  if (known.length === 0) return []
  const top = Math.max(...known)
  return cluster.filter((_, index) => {
    const value = values[index]
    return value !== null && Number(value) === top
  })
}

export interface ScoreOracle {
  readonly delta: number
  readonly parts: readonly { points: number; rule: WinnerOracle }[]
}

function topScorers(score: ScoreOracle, cluster: readonly Lead[]): Lead[] {
  const points = cluster.map((lead) =>
    score.parts
      .filter(({ rule }) => best(rule, cluster).includes(lead))
      .reduce((sum, part) => sum + part.points, 0),
  )
  const top = Math.max(...points)
  return cluster.filter((_, index) => {
    const behind = top - (points[index] ?? 0)
    return behind === 0 || behind < score.delta
  })
}

export interface Choice {
  readonly by: 'in_order' | 'first_alone' | 'all'
  readonly rules: readonly (WinnerOracle | ScoreOracle)[]
  readonly otherwise: 'lowest_id' | 'review'
}

/** For each rule, the leads that come first by it, out of some. */
function firstBy(
  rule: WinnerOracle | ScoreOracle,
  cluster: readonly Lead[],
  some: readonly Lead[],
): Lead[] {
  if ('delta' in rule) {
    const top = topScorers(rule, cluster).filter((lead) => some.includes(lead))
    return top.length === 0 ? [...some] : top
  }
  const first = best(rule, some)
  return first.length === 0 ? [...some] : first
}

/** The leads that the rules leave out of some. */
function left(
  { by, rules }: Choice,
  cluster: readonly Lead[],
  some: readonly Lead[],
): readonly Lead[] {
  if (by === 'in_order') {
    return rules.reduce<readonly Lead[]>(
      (rest, rule) => firstBy(rule, cluster, rest),
      some,
    )
  }
  const winners = rules.map((rule) =>
    'delta' in rule ? topScorers(rule, cluster) : best(rule, cluster),
  )
  if (by === 'all') {
    const ideal = some.filter((lead) =>
      winners.every((group) => group.includes(lead)),
    )
    return ideal.length === 0 ? some : ideal
  }
  const alone = winners.find(
    ([lead, ...others]) =>
      others.length === 0 && lead !== undefined && some.includes(lead),
  )
  return alone ?? some
}

const lowest = (leads: readonly Lead[]) =>
  leads.toSorted((a, b) => id(a) - id(b))

export interface Outcome {
  /** Best first. */
  readonly order: readonly Lead[]
  readonly isTie: boolean
  readonly isUnsure: boolean
  /** Who would win without Marketo. */
  readonly own: Lead | undefined
}

function topOf(leads: readonly Lead[], rank: (lead: Lead) => number): Lead[] {
  const top = Math.max(...leads.map(rank))
  return leads.filter((lead) => rank(lead) === top)
}

export function outcomeOf(
  choice: Choice,
  cluster: readonly Lead[],
  isChosen: (lead: Lead) => boolean,
): Outcome {
  const order: Lead[] = []
  let isTie = false
  for (let rest = cluster; rest.length > 0; ) {
    const ranked = topOf(topOf(rest, crmRank), liveRank)
    const wanted = ranked.some(isChosen) ? ranked.filter(isChosen) : ranked
    const stay = left(choice, cluster, wanted)
    if (order.length === 0) isTie = stay.length > 1
    const [next] = lowest(stay)
    if (next === undefined) break
    order.push(next)
    rest = rest.filter((lead) => lead !== next)
  }
  const [winner] = order
  const highest = Math.max(...cluster.map(liveRank))
  const wanted = cluster.some(isChosen) ? cluster.filter(isChosen) : cluster
  return {
    order,
    isTie,
    isUnsure: winner !== undefined && liveRank(winner) < highest,
    own: lowest(left(choice, cluster, wanted))[0],
  }
}

/** Which value should stay, thought out again in plain code. */
import {
  count,
  isSet,
  isTrue,
  type Lead,
  minus,
  moment,
  number,
} from './lead-oracle.js'

/** What a field should hold, given the leads of a cluster, the best first. */
export interface SurviveOracle {
  readonly yaml: string
  readonly value: (order: readonly Lead[], field: string) => string | null
}

type Key = (lead: Lead) => number | null

/** The smallest key first, none last; the order breaks ties. */
function first(order: readonly Lead[], key: Key): Lead | undefined {
  const known = order.filter((lead) => key(lead) !== null)
  const among = known.length > 0 ? known : order
  const smallest = Math.min(...known.map((lead) => key(lead) ?? 0))
  return known.length > 0
    ? among.find((lead) => key(lead) === smallest)
    : among[0]
}

function takes(yaml: string, key: (field: string) => Key): SurviveOracle {
  return {
    yaml,
    value: (order, field) => {
      const having = order.filter((lead) => isSet(lead, field))
      return first(having, key(field))?.[field] ?? null
    },
  }
}

const newest =
  (field: string): Key =>
  (lead) =>
    minus(moment(lead[field]))
const oldest =
  (field: string): Key =>
  (lead) =>
    moment(lead[field])

export const addressGroup = ['address', 'postalCode', 'state']

export const surviveRules: readonly SurviveOracle[] = [
  takes('winner', () => () => 0),
  takes('most_recent', () => newest('updatedAt')),
  takes('oldest', () => oldest('createdAt')),
  takes('max', (field) => (lead) => minus(number(lead[field]))),
  takes('min', (field) => (lead) => number(lead[field])),
  takes('longest', (field) => (lead) => -(lead[field] ?? '').length),
  takes('earliest', (field) => oldest(field)),
  takes('latest', (field) => newest(field)),
  takes('{ newest: createdAt }', () => newest('createdAt')),
  takes('{ oldest: updatedAt }', () => oldest('updatedAt')),
  takes('{ highest: leadScore }', () => (l) => minus(number(l['leadScore']))),
  takes('{ lowest: leadScore }', () => (l) => number(l['leadScore'])),
  takes(
    '{ most_complete: [phone, city] }',
    () => (lead) => -count(lead, ['phone', 'city']),
  ),
  {
    yaml: 'sum',
    value: (order, field) => {
      const numbers = order.flatMap((lead) => number(lead[field]) ?? [])
      if (numbers.length === 0) return null
      const cents = numbers.map((each) => Math.round(each * 100))
      return String(cents.reduce((sum, each) => sum + each, 0) / 100)
    },
  },
  {
    yaml: 'union',
    value: (order, field) => {
      const parts = order.flatMap((lead) => (lead[field] ?? '').split(';'))
      const kept = parts.map((part) => part.trim()).filter(Boolean)
      return [...new Set(kept)].toSorted().join(';') || null
    },
  },
  {
    yaml: 'most_frequent',
    value: (order, field) => {
      const votes = new Map<string, number>()
      const key = (lead: Lead) => (lead[field] ?? '').trim().toLowerCase()
      const having = order.filter((lead) => isSet(lead, field))
      for (const lead of having) {
        votes.set(key(lead), (votes.get(key(lead)) ?? 0) + 1)
      }
      const most = Math.max(...votes.values())
      const lead = having.find((each) => votes.get(key(each)) === most)
      return lead?.[field] ?? null
    },
  },
  {
    yaml: '{ where: { checked: true }, else: longest }',
    value: (order, field) => {
      const kept = order.find((l) => isTrue(l['checked']) && isSet(l, field))
      if (kept !== undefined) return kept[field] ?? null
      const longest = surviveRules.find(({ yaml }) => yaml === 'longest')
      return longest?.value(order, field) ?? null
    },
  },
  {
    yaml: '{ with: email }',
    value: (order, field) =>
      order.find((lead) => isSet(lead, 'email'))?.[field] ?? null,
  },
]

/** Of the group above, by most_recent. */
export function groupValue(order: readonly Lead[], field: string) {
  const most = Math.max(...order.map((lead) => count(lead, addressGroup)))
  const full = order.filter((lead) => count(lead, addressGroup) === most)
  return first(full, newest('updatedAt'))?.[field] ?? null
}

export const anyTrue = (order: readonly Lead[], field: string) =>
  order.some((lead) => isTrue(lead[field]))

/** The strictest of a list; what is not listed is stricter than the last. */
export function strictest(
  order: readonly Lead[],
  field: string,
  values: readonly string[],
): string | null {
  const key: Key = (lead) => {
    const place = values.indexOf((lead[field] ?? '').trim().toLowerCase())
    return place === -1 ? values.length - 1.5 : place
  }
  const having = order.filter((lead) => isSet(lead, field))
  return first(having, key)?.[field] ?? null
}

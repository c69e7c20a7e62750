/**
 * Random graphs of compared pairs, and what plain code says of them. Nothing
 * here comes from the product.
 */
export interface Pair {
  readonly a: number
  readonly b: number
  readonly weight: number
  readonly isLink: boolean
  readonly isApart: boolean
}

export type Random = () => number

/** mulberry32 */
export function random(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export function shuffled<T>(next: Random, values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: next() }))
    .toSorted((x, y) => x.at - y.at)
    .map(({ value }) => value)
}

const linkFrom = 5

/**
 * Some graphs agree, some contradict; some were compared in full, some not;
 * weights are often equal, so that ties are met. Leads are 1 and up.
 */
export function pairGraph(next: Random): Pair[] {
  const leads = 2 + Math.floor(next() ** 2 * 14)
  const density = next() < 0.3 ? 1 : next()
  const lowest = next() < 0.3 ? -2 : -20
  const apart = next() < 0.5 ? 0 : next() * 0.3
  const isCoarse = next() < 0.4
  const pairs: Pair[] = []
  for (let a = 1; a <= leads; a += 1) {
    for (let b = a + 1; b <= leads; b += 1) {
      if (next() > density) continue
      const drawn = lowest + next() * (20 - lowest)
      const weight = isCoarse ? Math.round(drawn / 5) * 5 : drawn
      const isApart = next() < apart
      const isLink = weight >= linkFrom && !isApart
      pairs.push({ a, b, weight, isLink, isApart })
    }
  }
  return pairs
}

/** The smallest lead that each lead is linked to: walks, joins nothing. */
export function linked(pairs: readonly Pair[]): Map<number, number> {
  const beside = new Map<number, number[]>()
  const add = (from: number, to: number) =>
    beside.set(from, [...(beside.get(from) ?? []), to])
  for (const { a, b, isLink } of pairs) {
    add(a, isLink ? b : a)
    add(b, isLink ? a : b)
  }
  const found = new Map<number, number>()
  for (const start of [...beside.keys()].toSorted((x, y) => x - y)) {
    const open = found.has(start) ? [] : [start]
    for (let lead = open.pop(); lead !== undefined; lead = open.pop()) {
      found.set(lead, start)
      open.push(...(beside.get(lead) ?? []).filter((one) => !found.has(one)))
    }
  }
  return found
}

/** Whether pairs within what links connect speak against it. */
export function isContradicted(
  pairs: readonly Pair[],
  least: number,
  component: ReadonlyMap<number, number>,
): boolean {
  return pairs.some(
    ({ a, b, weight, isApart }) =>
      component.get(a) === component.get(b) && (isApart || weight < least),
  )
}

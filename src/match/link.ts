/**
 * Which leads of a component are one person, where its pairs do not all
 * agree. The strongest link comes first; two clusters become one where their
 * best link is strong enough and their pairs do not speak against it on the
 * whole. The answer does not depend on the order of the pairs.
 */
export interface Link {
  readonly a: number
  readonly b: number
  /** Bits of evidence that they are one person. */
  readonly weight: number
  /** Whether it may join clusters by itself. */
  readonly isLink: boolean
  /** Two people for certain; their clusters never become one. */
  readonly isApart: boolean
}

/** The least mean weight between two clusters that become one. */
export const leastMean = -3
/** What a pair that was never compared says. */
const unknown = -30

interface Bond {
  best: number
  total: number
  pairs: number
  isApart: boolean
}

/** The smallest lead of its cluster, for each lead of the links. */
export function link(links: readonly Link[]): Map<number, number> {
  const bonds = new Map<number, Map<number, Bond>>()
  const members = new Map<number, number[]>()
  // Sums of the same numbers in another order are not the same number.
  for (const each of links.toSorted((x, y) => x.a - y.a || x.b - y.b)) {
    for (const lead of [each.a, each.b]) members.set(lead, [lead])
    const known = bonds.get(each.a)?.get(each.b)
    const bond = bondOf(each)
    tie(bonds, each.a, each.b, known === undefined ? bond : same(known, bond))
  }
  for (
    let pair = strongest(bonds, members);
    pair !== null;
    pair = strongest(bonds, members)
  ) {
    join(bonds, members, pair)
  }
  const cluster = new Map<number, number>()
  for (const leads of members.values()) {
    const name = Math.min(...leads)
    for (const lead of leads) cluster.set(lead, name)
  }
  return cluster
}

function bondOf({ weight, isLink, isApart }: Link): Bond {
  return {
    best: isLink ? weight : -Infinity,
    total: weight,
    pairs: 1,
    isApart,
  }
}

function tie(
  bonds: Map<number, Map<number, Bond>>,
  a: number,
  b: number,
  bond: Bond,
): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const known = bonds.get(from) ?? new Map<number, Bond>()
    known.set(to, bond)
    bonds.set(from, known)
  }
}

/** The best admissible pair of clusters; among equals the smallest ids. */
function strongest(
  bonds: ReadonlyMap<number, ReadonlyMap<number, Bond>>,
  members: ReadonlyMap<number, readonly number[]>,
): readonly [number, number] | null {
  let found: readonly [number, number] | null = null
  let best = -Infinity
  for (const [a, others] of bonds) {
    for (const [b, bond] of others) {
      if (a > b || bond.best === -Infinity) continue
      const pairs =
        (members.get(a)?.length ?? 0) * (members.get(b)?.length ?? 0)
      if (!isAdmissible(bond, pairs)) continue
      if (bond.best > best || (bond.best === best && isBefore([a, b], found))) {
        best = bond.best
        found = [a, b]
      }
    }
  }
  return found
}

function isAdmissible(bond: Bond, pairs: number): boolean {
  const total = bond.total + unknown * (pairs - bond.pairs)
  return !bond.isApart && total / pairs >= leastMean
}

function isBefore(
  [a, b]: readonly [number, number],
  other: readonly [number, number] | null,
): boolean {
  return other === null || a < other[0] || (a === other[0] && b < other[1])
}

/** The second cluster becomes part of the first. */
function join(
  bonds: Map<number, Map<number, Bond>>,
  members: Map<number, number[]>,
  [a, b]: readonly [number, number],
): void {
  const mine = bonds.get(a) ?? new Map<number, Bond>()
  for (const [other, bond] of bonds.get(b) ?? []) {
    bonds.get(other)?.delete(b)
    if (other === a) continue
    const known = mine.get(other)
    tie(bonds, a, other, known === undefined ? bond : both(known, bond))
  }
  mine.delete(b)
  bonds.delete(b)
  members.set(a, [...(members.get(a) ?? []), ...(members.get(b) ?? [])])
  members.delete(b)
}

/** What two rows say of one pair. */
function same(one: Bond, other: Bond): Bond {
  return {
    best: Math.max(one.best, other.best),
    total: Math.max(one.total, other.total),
    pairs: 1,
    isApart: one.isApart || other.isApart,
  }
}

function both(one: Bond, other: Bond): Bond {
  return {
    best: Math.max(one.best, other.best),
    total: one.total + other.total,
    pairs: one.pairs + other.pairs,
    isApart: one.isApart || other.isApart,
  }
}

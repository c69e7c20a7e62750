import { describe, expect, it } from 'vitest'
import { leastMean, link } from '../../src/match/link.js'
import { linked, type Pair, pairGraph, random, shuffled } from './pair-graph.js'

const graphs = 10_000

function everyGraph(seed: number): Pair[][] {
  const next = random(seed)
  return Array.from({ length: graphs }, () => pairGraph(next))
}

const pair = (a: number, b: number, weight: number, isApart = false): Pair => ({
  a,
  b,
  weight,
  isLink: weight >= 5 && !isApart,
  isApart,
})

const clusters = (pairs: readonly Pair[]) =>
  [...link(pairs)].toSorted(([a], [b]) => a - b)

const isTried = (pairs: Pair[]) =>
  pairs.some(
    (p) => p.isApart && linked(pairs).get(p.a) === linked(pairs).get(p.b),
  )

const turned = ({ a, b, ...rest }: Pair) => ({ a: b, b: a, ...rest })

/** Of the weights between two clusters, where they could be joined. */
const mean = (pairs: readonly Pair[], one: number[], other: number[]) => {
  const across = pairs.filter(
    ({ a, b }) =>
      (one.includes(a) && other.includes(b)) ||
      (one.includes(b) && other.includes(a)),
  )
  const unseen = one.length * other.length - across.length
  const total = across.reduce((sum, { weight }) => sum + weight, 0)
  return across.some(({ isApart }) => isApart) ||
    !across.some(({ isLink }) => isLink)
    ? -Infinity
    : (total - 30 * unseen) / (one.length * other.length)
}

describe('clusters of 10,000 random graphs of pairs', () => {
  const drawn = everyGraph(20_261_122)

  it('hold no two leads that are apart', () => {
    const wrong = drawn.filter((pairs) => {
      const found = link(pairs)
      return pairs.some((p) => p.isApart && found.get(p.a) === found.get(p.b))
    })
    expect(wrong).toEqual([])
    expect(drawn.filter(isTried).length).toBeGreaterThan(graphs / 10)
  })

  it('are the same whatever the order and direction of pairs', () => {
    const next = random(7)
    const wrong = drawn.filter((pairs) => {
      const mixed = shuffled(next, pairs).map((each) =>
        next() < 0.5 ? each : turned(each),
      )
      return String(clusters(mixed)) !== String(clusters(pairs))
    })
    expect(wrong).toEqual([])
  })

  it('never go beyond what links connect, and are named by their smallest', () => {
    const wrong = drawn.filter((pairs) => {
      const whole = linked(pairs)
      return [...link(pairs)].some(
        ([lead, name]) => whole.get(lead) !== whole.get(name) || name > lead,
      )
    })
    expect(wrong).toEqual([])
  })

  it('are what links connect where every pair was compared and none speaks against it', () => {
    const agreeing = drawn.filter((pairs) => {
      const leads = linked(pairs).size
      return (
        pairs.length === (leads * (leads - 1)) / 2 &&
        pairs.every((p) => !p.isApart && p.weight >= leastMean)
      )
    })
    expect(agreeing.length).toBeGreaterThan(graphs / 100)
    const wrong = agreeing.filter(
      (pairs) =>
        String(clusters(pairs)) !==
        String([...linked(pairs)].toSorted(([a], [b]) => a - b)),
    )
    expect(wrong).toEqual([])
  })

  it('leave no link between clusters that could have been joined', () => {
    const wrong = drawn.slice(0, 2000).filter((pairs) => {
      const found = [...link(pairs)]
      const groups = [...new Set(found.map(([, name]) => name))].map((name) =>
        found.filter(([, each]) => each === name).map(([lead]) => lead),
      )
      return groups.some((one, at) =>
        groups
          .slice(at + 1)
          .some((other) => mean(pairs, one, other) >= leastMean + 1e-9),
      )
    })
    expect(wrong).toEqual([])
  })
})

describe('a component whose pairs contradict', () => {
  it('falls apart at its weakest link', () => {
    const found = link([
      pair(1, 2, 20),
      pair(2, 3, 6),
      pair(3, 4, 20),
      pair(1, 3, -20),
      pair(1, 4, -20),
      pair(2, 4, -20),
    ])
    expect([...found]).toEqual([
      [1, 1],
      [2, 1],
      [3, 3],
      [4, 3],
    ])
  })

  it('lets one doubt among many agreements pass', () => {
    const found = link([pair(1, 2, 9), pair(2, 3, 9), pair(1, 3, -4)])
    expect(new Set(found.values())).toEqual(new Set([1]))
  })

  it('keeps apart what one row links and another keeps apart', () => {
    const rows = [pair(1, 2, 1000), pair(1, 2, 0, true)]
    for (const each of [rows, rows.toReversed()]) {
      expect([...link(each)]).toEqual([
        [1, 1],
        [2, 2],
      ])
    }
  })
})

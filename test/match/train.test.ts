import { describe, expect, it } from 'vitest'
import {
  type Comparison,
  standardComparisons,
} from '../../src/match/comparison.js'
import type { PatternCount, TrainInput } from '../../src/match/chance.js'
import { allPairs, type Model, train } from '../../src/match/train.js'
import { random, type Random, shuffled } from './pair-graph.js'

const comparisons = standardComparisons

/** How often a comparison has no value on one of the leads. */
const unknownShare = 0.1

interface Truth {
  readonly m: readonly (readonly number[])[]
  readonly u: readonly (readonly number[])[]
}

/** Shares that are far from what the program assumes beforehand. */
const truth: Truth = {
  m: comparisons.map(({ levels }) => rising(levels.length, 1.6)),
  u: comparisons.map(({ levels }) => rising(levels.length, 5).toReversed()),
}

function rising(levels: number, factor: number): number[] {
  const raw = Array.from({ length: levels }, (_, level) => factor ** level)
  const total = raw.reduce((sum, each) => sum + each, 0)
  return raw.map((each) => each / total)
}

function draw(next: Random, shares: readonly number[]): number {
  let left = next()
  const found = shares.findIndex((share) => (left -= share) < 0)
  return found < 0 ? shares.length - 1 : found
}

function drawn(
  next: Random,
  shares: readonly (readonly number[])[],
  pairs: number,
): number[][] {
  return Array.from({ length: pairs }, () =>
    shares.map((each) => (next() < unknownShare ? -1 : draw(next, each))),
  )
}

function counted(patterns: readonly (readonly number[])[]): PatternCount[] {
  const found = new Map<string, { levels: readonly number[]; pairs: number }>()
  for (const levels of patterns) {
    const known = found.get(levels.join())
    if (known === undefined) found.set(levels.join(), { levels, pairs: 1 })
    else known.pairs += 1
  }
  return [...found.values()]
}

const leads = 400
const samePairs = 3000

/** Every pair is a candidate. */
function synthetic(seed: number): TrainInput {
  const next = random(seed)
  const others = allPairs(leads) - samePairs
  const same = drawn(next, truth.m, samePairs)
  const other = drawn(next, truth.u, others)
  const lots = drawn(next, truth.u, 40_000)
  return {
    comparisons,
    leads,
    candidates: counted([...same, ...other]),
    random: counted(lots),
    near: [],
    prior: null,
  }
}

function everyNumber(model: Model): number[] {
  return [
    model.prior,
    model.expected,
    model.certain,
    ...Object.values(model.lookAlike),
    ...model.learned.flatMap(({ m, u, weight }) => [...m, ...u, ...weight]),
  ]
}

const isShare = (value: number) => value > 0 && value < 1

function furthest(
  model: Model,
  of: 'm' | 'u',
  shares: readonly (readonly number[])[],
): number {
  return Math.max(
    ...model.learned.flatMap((each, index) =>
      each[of].map((value, level) =>
        Math.abs(value - (shares[index]?.[level] ?? 0)),
      ),
    ),
  )
}

describe('training on pairs whose truth is known', () => {
  const input = synthetic(1)
  const model = train(input)

  it('comes near the true shares of one person and of two', () => {
    expect(furthest(model, 'm', truth.m)).toBeLessThan(0.06)
    expect(furthest(model, 'u', truth.u)).toBeLessThan(0.02)
  })

  it('comes near the number of pairs of one person', () => {
    const expected = model.prior * allPairs(leads)
    expect(Math.abs(expected / samePairs - 1)).toBeLessThan(0.05)
    expect(model.expected).toBeCloseTo(expected, 6)
  })

  it('weighs agreement for and difference against', () => {
    for (const { weight } of model.learned) {
      expect(weight.at(0)).toBeLessThan(0)
      expect(weight.at(-1)).toBeGreaterThan(0)
    }
  })

  it('does not depend on the order of the patterns', () => {
    const next = random(2)
    const mixed = {
      ...input,
      candidates: shuffled(next, input.candidates),
      random: shuffled(next, input.random),
    }
    expect(train(mixed)).toEqual(model)
  })

  it('keeps a prior that is given, and learns the rest as well as without it', () => {
    const prior = samePairs / allPairs(leads)
    const told = train({ ...input, prior })
    expect(told.prior).toBe(prior)
    expect(furthest(told, 'm', truth.m)).toBeLessThan(0.06)
    expect(Math.abs(told.expected / samePairs - 1)).toBeLessThan(0.05)
  })
})

describe('a partial agreement', () => {
  it('never weighs more than a full one, whatever was counted', () => {
    const next = random(3)
    for (let round = 0; round < 200; round += 1) {
      const wild = () =>
        Array.from({ length: 1 + Math.floor(next() * 20) }, () => ({
          levels: comparisons.map(
            ({ levels }) => Math.floor(next() * (levels.length + 1)) - 1,
          ),
          pairs: 1 + Math.floor(next() ** 4 * 10_000),
        }))
      const model = train({
        comparisons,
        leads: 10 + Math.floor(next() * 1000),
        candidates: wild(),
        random: wild(),
        near: wild(),
        prior: next() < 0.5 ? null : next() * 0.1 + 1e-6,
      })
      for (const { weight } of model.learned) {
        expect(weight).toEqual(weight.toSorted((x, y) => x - y))
      }
      expect(
        everyNumber(model).filter((each) => !Number.isFinite(each)),
      ).toEqual([])
    }
  })
})

const all = (comparison: Comparison) => comparison.levels.length - 1

const few = (count: number, pairs: number): TrainInput => ({
  comparisons,
  leads: count,
  candidates: pairs === 0 ? [] : [{ levels: comparisons.map(all), pairs }],
  random: [],
  near: [],
  prior: null,
})

describe('a small base', () => {
  it('stays near what is known beforehand', () => {
    const odd = comparisons.map(() => 0)
    const model = train({
      comparisons,
      leads: 20,
      candidates: [
        { levels: comparisons.map(all), pairs: 3 },
        { levels: odd, pairs: 187 },
      ],
      random: [{ levels: odd, pairs: 190 }],
      near: [],
      prior: null,
    })
    const known = comparisons.map(({ levels }) => levels.map((l) => l.prior))
    expect(furthest(model, 'm', known)).toBeLessThan(0.02)
  })

  it.each([
    ['no lead', few(0, 0)],
    ['one lead', few(1, 0)],
    ['two leads without a candidate', few(2, 0)],
    ['two leads that are one person', few(2, 1)],
    ['three leads that are one person', few(3, 3)],
    ['a hundred leads that are one person', few(100, 4950)],
    ['a hundred leads and no pattern', few(100, 0)],
  ])('of %s gives finite numbers and true shares', (_, input) => {
    const model = train(input)
    expect(everyNumber(model).filter((each) => !Number.isFinite(each))).toEqual(
      [],
    )
    const shares = [
      model.prior,
      ...Object.values(model.lookAlike),
      ...model.learned.flatMap(({ m, u, near }) => [...m, ...u, ...near]),
    ]
    expect(shares.filter((each) => !isShare(each))).toEqual([])
    for (const { m, u, near } of model.learned) {
      for (const one of [m, u, near]) {
        expect(one.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9)
      }
    }
  })
})

describe('leads of one town', () => {
  const alike = comparisons.map(({ name, levels }) =>
    name === 'first' ? levels.length - 1 : 0,
  )
  const unlike = comparisons.map(() => 0)
  const sample = (chance: number): PatternCount[] => [
    { levels: alike, pairs: 100_000 * chance },
    { levels: unlike, pairs: 100_000 * (1 - chance) },
  ]
  const trained = (near: PatternCount[]) =>
    train({
      comparisons,
      leads: 10_000,
      candidates: [{ levels: unlike, pairs: 1000 }],
      random: sample(0.001),
      near,
      prior: null,
    }).learned.find(({ name }) => name === 'first')

  it('teach how often their names agree by chance', () => {
    const first = trained(sample(0.02))
    expect(first?.u.at(-1)).toBeCloseTo(0.001, 4)
    expect(first?.near.at(-1)).toBeCloseTo(0.02, 3)
  })

  it('are as strangers where none were drawn', () => {
    const first = trained([])
    const shares = first?.u ?? []
    expect(shares.length).toBeGreaterThan(0)
    shares.forEach((share, level) => {
      expect(first?.near[level]).toBeCloseTo(share, 9)
    })
  })
})

/**
 * Fellegi and Sunter's model, learned from counts of agreement patterns. It
 * never sees a lead: m comes from candidate pairs by expectation
 * maximisation, u from random pairs, and both from what is known beforehand
 * about leads, so that a small base does not talk itself into nonsense.
 */
import {
  type Chances,
  chancesOf,
  everyLookAlike,
  none,
  type PatternCount,
  perPair,
  perPerson,
  type State,
  sum,
  isTold,
  type TrainInput,
} from './chance.js'
import { leastLookAlike, type LookAlike } from './comparison.js'

/** Of one comparison; one number for each level. */
export interface Learned {
  readonly name: string
  /** How often one person's leads agree at this level. */
  readonly m: readonly number[]
  /** How often leads of two people do. */
  readonly u: readonly number[]
  /** How often leads of two people of one town do. */
  readonly near: readonly number[]
  /** By kind of look-alike, how often they agree at this level. */
  readonly alike: Readonly<Record<LookAlike, readonly number[]>>
  /** log2(m / u), never more than the weight of a stronger agreement. */
  readonly weight: readonly number[]
}

export interface Model {
  /** Share of all pairs that are one person. */
  readonly prior: number
  /** Share of all pairs that only look like one. */
  readonly lookAlike: Readonly<Record<LookAlike, number>>
  readonly learned: readonly Learned[]
  /** Pairs of one person that the model expects among the candidates. */
  readonly expected: number
  /** Pairs that are one person by any measure: what the prior starts from. */
  readonly certain: number
  readonly rounds: number
}

/** As many pairs of one person as the knowledge beforehand is worth. */
const priorPairs = 200
/** The same for look-alikes, who are known less. */
const alikePairs = 100
/** As many pairs of one town as strangers are worth in their stead. */
const nearPairs = 1000
const mostRounds = 100
const settled = 1e-6

/** A share of all pairs that is still a share in a base of two leads. */
const mostPrior = 0.5

export function train(given: TrainInput): Model {
  const input = {
    ...given,
    candidates: given.candidates.toSorted(byLevels),
    random: given.random.toSorted(byLevels),
    near: given.near.toSorted(byLevels),
  }
  let state = begin(input)
  let rounds = 0
  let moved = Infinity
  while (rounds < mostRounds && moved > settled) {
    const next = improve(input, state)
    // A prior that was given does not move, but what it counts does.
    moved = Math.abs(next.expected - state.expected) / state.expected
    state = next
    rounds += 1
  }
  return {
    prior: state.prior,
    lookAlike: state.lookAlike,
    learned: input.comparisons.map((comparison, index) => ({
      name: comparison.name,
      m: state.m[index] ?? [],
      u: state.u[index] ?? [],
      near: state.near[index] ?? [],
      alike: everyLookAlike((kind) => state.alike[kind][index] ?? []),
      weight: weightsOf(state.m[index] ?? [], state.u[index] ?? []),
    })),
    expected: state.expected,
    certain: certainPairs(input),
    rounds,
  }
}

/** Sums of the same numbers in another order are not the same number. */
function byLevels(one: PatternCount, other: PatternCount): number {
  const at = one.levels.findIndex((level, i) => level !== other.levels[i])
  return (one.levels[at] ?? 0) - (other.levels[at] ?? 0)
}

export function allPairs(leads: number): number {
  return Math.max((leads * (leads - 1)) / 2, 1)
}

/** Full agreement in three things or more, and no difference. */
function certainPairs({ comparisons, candidates }: TrainInput): number {
  const top = comparisons.map(({ levels }) => levels.length - 1)
  const isCertain = ({ levels }: PatternCount) =>
    !levels.includes(0) &&
    levels.filter((level, index) => level === top[index]).length >= 3
  return sum(candidates.filter(isCertain).map(({ pairs }) => pairs))
}

/** Of the pairs of one person, those that are certainly one. */
const certainShare = 0.5

function begin(input: TrainInput): State {
  const { comparisons, leads, random } = input
  const u = comparisons.map((comparison, index) =>
    smoothed(
      tally(random, index, comparison.levels.length, () => 1),
      comparison.levels.map(() => 0.5),
    ),
  )
  const guess = Math.max(certainPairs(input) / certainShare, leads / 2)
  const prior = input.prior ?? Math.min(guess / allPairs(leads), mostPrior)
  return {
    prior,
    expected: prior * allPairs(leads),
    lookAlike: everyLookAlike((name) => prior * leastLookAlike[name]),
    m: comparisons.map(({ levels }) => levels.map((each) => each.prior)),
    alike: everyLookAlike(() =>
      comparisons.map(({ levels }) => levels.map((each) => each.prior)),
    ),
    u,
    near: u,
  }
}

/**
 * A partial agreement that weighs more than a full one is an accident of few
 * pairs.
 */
function weightsOf(m: readonly number[], u: readonly number[]): number[] {
  const weights = m.map((each, level) => Math.log2(each / (u[level] ?? each)))
  for (let level = weights.length - 2; level >= 0; level -= 1) {
    weights[level] = Math.min(
      weights[level] ?? 0,
      weights[level + 1] ?? Infinity,
    )
  }
  return weights
}

/** Shares of the levels, pulled towards the counts known beforehand. */
function smoothed(
  counts: readonly number[],
  beforehand: readonly number[],
): number[] {
  const total = sum(counts) + sum(beforehand)
  return counts.map(
    (count, level) => (count + (beforehand[level] ?? 0)) / total,
  )
}

function tally(
  counts: readonly PatternCount[],
  comparison: number,
  levels: number,
  share: (pattern: PatternCount, index: number) => number,
): number[] {
  const found = Array.from({ length: levels }, () => 0)
  counts.forEach((pattern, index) => {
    const level = pattern.levels[comparison] ?? -1
    if (level < 0) return
    found[level] = (found[level] ?? 0) + pattern.pairs * share(pattern, index)
  })
  return found
}

/** One round of expectation maximisation. */
function improve(input: TrainInput, state: State): State {
  const { comparisons, candidates, random, near, leads } = input
  const weights = comparisons.map((_, index) =>
    weightsOf(state.m[index] ?? [], state.u[index] ?? []),
  )
  const judge = ({ levels }: PatternCount) =>
    chancesOf(input, state, weights, levels)
  const found = candidates.map(judge)
  const drawn = random.map(judge)
  const around = near.map(judge)
  const expected = (of: (chances: Chances) => number) =>
    sum(candidates.map(({ pairs }, i) => pairs * of(found[i] ?? none)))
  const total = allPairs(leads)
  const u = comparisons.map(({ levels }, index) =>
    smoothed(
      tally(random, index, levels.length, (_, i) => drawn[i]?.other ?? 0),
      levels.map(() => 0.5),
    ),
  )
  const same = expected((chances) => chances.same) + 0.5
  const prior = input.prior ?? Math.min(same / total, mostPrior)
  return {
    prior,
    expected: same,
    lookAlike: everyLookAlike((name) =>
      Math.max(
        // Blocking finds few of them, and chance few of what is rare.
        prior * perPerson(input, name, found),
        perPair(input, name, drawn),
        prior * leastLookAlike[name],
      ),
    ),
    m: comparisons.map(({ levels }, index) =>
      smoothed(
        tally(candidates, index, levels.length, (_, i) => found[i]?.same ?? 0),
        levels.map((each) => each.prior * priorPairs),
      ),
    ),
    alike: everyLookAlike((kind) =>
      comparisons.map(({ levels }, index) =>
        smoothed(
          tally(candidates, index, levels.length, (pattern, i) =>
            isTold(input, kind, pattern.levels)
              ? (found[i]?.lookAlike[kind] ?? 0)
              : 0,
          ),
          levels.map((each) => each.prior * alikePairs),
        ),
      ),
    ),
    u,
    near: comparisons.map(({ levels }, index) =>
      smoothed(
        tally(near, index, levels.length, (_, i) => around[i]?.other ?? 0),
        (u[index] ?? []).map((each) => each * nearPairs),
      ),
    ),
  }
}

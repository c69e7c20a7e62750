/** Clusters against a truth, from counts; nothing here sees a lead. */

/** Pairs of leads, counted by the sizes of groups. */
export interface ClusterCounts {
  readonly leads: number
  /** Pairs that are together in what was found and in the truth. */
  readonly hit: number
  /** Pairs that were found together. */
  readonly claimed: number
  /** Pairs that are together in the truth. */
  readonly wanted: number
  /** Sum over leads of the share of their found cluster that is theirs. */
  readonly exact: number
  /** Sum over leads of the share of their true cluster that was found. */
  readonly complete: number
}

/** Shares of 1; 1 where there was nothing to get wrong. */
export interface Score {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

export interface ClusterScore {
  readonly pairwise: Score
  /** Every lead weighs the same here, so one giant cluster cannot hide. */
  readonly bCubed: Score
}

export function clusterScore(counts: ClusterCounts): ClusterScore {
  const { leads, hit, claimed, wanted, exact, complete } = counts
  return {
    pairwise: scoreOf(share(hit, claimed), share(hit, wanted)),
    bCubed: scoreOf(share(exact, leads), share(complete, leads)),
  }
}

/** `part` of `whole`; the best where there is no whole. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}

export function scoreOf(precision: number, recall: number): Score {
  const sum = precision + recall
  const f1 = sum === 0 ? 0 : (2 * precision * recall) / sum
  return { precision, recall, f1 }
}

/** Compared pairs of one match weight. */
export interface WeightCount {
  /** Base-2 logarithm of the odds. */
  readonly weight: number
  readonly pairs: number
  /** Those of them that are one person in the truth. */
  readonly same: number
}

export interface SweepPoint extends Score {
  /** Pairs of this weight and more count as merged. */
  readonly weight: number
  readonly probability: number
  readonly pairs: number
}

/**
 * What each merge threshold would give on the compared pairs themselves,
 * lowest first; clustering, which adds pairs through others, is left out.
 * `wanted` is every true pair, compared or not.
 */
export function thresholdSweep(
  counts: readonly WeightCount[],
  wanted: number,
): SweepPoint[] {
  let pairs = 0
  let same = 0
  return counts
    .toSorted((a, b) => b.weight - a.weight)
    .map((count) => {
      pairs += count.pairs
      same += count.same
      return {
        weight: count.weight,
        probability: probabilityOf(count.weight),
        pairs,
        ...scoreOf(share(same, pairs), share(same, wanted)),
      }
    })
    .toReversed()
}

/** Odds of two to the weight as a probability. */
function probabilityOf(weight: number): number {
  return 1 / (1 + 2 ** -weight)
}

/** The match weight of a probability. */
export function weightOf(probability: number): number {
  return Math.log2(probability / (1 - probability))
}

/** Whether what is said to be 90 % sure is right nine times in ten. */
import { type Interval, wilson } from './interval.js'

/** Compared pairs whose probabilities lie close together. */
export interface ProbabilityCount {
  /** Mean of the predicted probabilities. */
  readonly predicted: number
  readonly pairs: number
  readonly same: number
}

/**
 * Where bins begin. Nearly all compared pairs are surely two people, and most
 * others surely one, so bins are narrow there.
 */
export const calibrationEdges: readonly number[] = [
  0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.999,
]

export interface CalibrationBin extends ProbabilityCount {
  /** Share of the pairs that are one person, and how sure that is. */
  readonly observed: number
  readonly interval: Interval
  /** Whether the predicted probability lies in the interval. */
  readonly agrees: boolean
}

export function calibrationBins(
  counts: readonly ProbabilityCount[],
): CalibrationBin[] {
  return counts
    .filter(({ pairs }) => pairs > 0)
    .map((count) => {
      const interval = wilson(count.same, count.pairs)
      const { predicted } = count
      const agrees = predicted >= interval.low && predicted <= interval.high
      return { ...count, observed: count.same / count.pairs, interval, agrees }
    })
    .toSorted((a, b) => a.predicted - b.predicted)
}

/** Below, a pair was not in doubt; those are so many that they hide others. */
const leastDoubt = 0.01

/**
 * How far predictions are from what was observed, on average over the pairs
 * that were said to be one person with 1 % or more; null without any.
 */
export function calibrationError(
  bins: readonly CalibrationBin[],
): number | null {
  const doubted = bins.filter(({ predicted }) => predicted >= leastDoubt)
  const pairs = doubted.reduce((sum, bin) => sum + bin.pairs, 0)
  if (pairs === 0) return null
  const far = doubted.reduce(
    (sum, bin) => sum + bin.pairs * Math.abs(bin.observed - bin.predicted),
    0,
  )
  return far / pairs
}

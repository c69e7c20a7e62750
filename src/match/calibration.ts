/** Whether what is said to be 90 % sure is right nine times in ten. */
import { type Interval, wilson } from './interval.js'

/** Compared pairs whose probabilities lie close together. */
export interface ProbabilityCount {
  /** Mean of the predicted probabilities. */
  readonly predicted: number
  readonly pairs: number
  readonly same: number
}

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

/**
 * How far predictions are from what was observed, on average over the pairs;
 * null where no pair was compared.
 */
export function calibrationError(
  bins: readonly CalibrationBin[],
): number | null {
  const pairs = bins.reduce((sum, bin) => sum + bin.pairs, 0)
  if (pairs === 0) return null
  const far = bins.reduce(
    (sum, bin) => sum + bin.pairs * Math.abs(bin.observed - bin.predicted),
    0,
  )
  return far / pairs
}

import { Scale } from './weight.js'
import { type Experience, longestWindow, type Window } from './window.js'

export interface WindowInput extends Experience {
  /** Where the next window starts, in seconds. */
  readonly from: number
  /** The cut line: the last second to export. */
  readonly cut: number
  /** Windows whose exports run and are not weighed yet. */
  readonly running: readonly Window[]
  /** Bytes that may still be exported today. */
  readonly left: number
  /** Bytes that may be exported in a whole day. */
  readonly limit: number
}

const shortestWindow = 3600
/** A file that is quickly fetched again when something goes wrong. */
const handyBytes = 200_000_000
/** Share of a day's bytes for which another job is not worth its calls. */
const crumb = 0.005

/**
 * The next window: as long as Marketo takes, shorter where its file and those
 * of the windows that run might not fit what is left of today. Both ends are
 * inclusive, so the next one starts a second after the end. null: none fits
 * beside those that run, or none today.
 */
export function nextWindow(input: WindowInput): Window | null {
  const { from, cut, running, left, limit } = input
  if (left <= 0) return null
  const isFresh = running.length === 0 && left >= limit
  const scale = new Scale(input)
  // Several windows of unknown weight could overrun the day together.
  if (running.length > 0 && scale.isBlank) return null
  const isHandy = (to: number) => scale.expected([{ from, to }]) <= handyBytes
  const first = Math.min(from + shortestWindow - 1, cut)
  const last = Math.min(from + longestWindow - 1, cut)
  const wanted = isHandy(first) ? latest(first, last, isHandy) : first
  // Two that run at a time are sooner done than one that is larger.
  for (const beside of running.length === 0 ? [1, 0] : [0]) {
    const to = longestFitting(input, scale, { first, wanted, beside })
    if (to !== null) return { from, to }
  }
  // What does not fit an hour of a whole day would never be exported.
  return isFresh ? { from, to: first } : null
}

interface Ends {
  readonly first: number
  readonly wanted: number
  /** Others of the same length that are to fit, too. */
  readonly beside: number
}

/** null: none, or one that is not worth its calls. */
function longestFitting(
  { from, running, left, limit }: WindowInput,
  scale: Scale,
  { first, wanted, beside }: Ends,
): number | null {
  const isFitting = (to: number) => {
    const alike = Array.from({ length: 1 + beside }, () => ({ from, to }))
    return scale.cautious([...running, ...alike], limit) <= left
  }
  if (!isFitting(first)) return null
  const to = latest(first, wanted, isFitting)
  const isCrumb = scale.expected([{ from, to }]) < limit * crumb
  return to < wanted && isCrumb ? null : to
}

/** The last value up to `high` that still is; `low` is. */
function latest(
  low: number,
  high: number,
  isStill: (value: number) => boolean,
): number {
  let [yes, no] = [low, high + 1]
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2)
    if (isStill(middle)) yes = middle
    else no = middle
  }
  return yes
}

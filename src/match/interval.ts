/** How sure a share is that was counted on a sample. */

export interface Interval {
  readonly low: number
  readonly high: number
}

/** Two-sided 95 %. */
const z95 = 1.959963984540054

/** Wilson's score interval; the whole range where nothing was counted. */
export function wilson(hits: number, trials: number, z = z95): Interval {
  if (trials === 0) return { low: 0, high: 1 }
  const share = hits / trials
  const scale = 1 + (z * z) / trials
  const middle = (share + (z * z) / (2 * trials)) / scale
  const half =
    (z / scale) *
    Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))
  return {
    low: hits === 0 ? 0 : Math.max(0, middle - half),
    high: hits === trials ? 1 : Math.min(1, middle + half),
  }
}

/**
 * Clopper and Pearson's interval: never covers less than it says, so it is
 * the one that a guardrail may rest on. `alpha` is the risk of both ends.
 */
export function clopperPearson(
  hits: number,
  trials: number,
  alpha = 0.05,
): Interval {
  if (trials === 0) return { low: 0, high: 1 }
  const low = hits === 0 ? 0 : betaQuantile(alpha / 2, hits, trials - hits + 1)
  const high =
    hits === trials ? 1 : betaQuantile(1 - alpha / 2, hits + 1, trials - hits)
  return { low, high }
}

/** Labels without one mistake that put the lower end at `share`. */
export function labelsNeeded(share: number, alpha = 0.05): number {
  if (share <= 0) return 0
  if (share >= 1) return Number.POSITIVE_INFINITY
  return Math.ceil(Math.log(alpha / 2) / Math.log(share))
}

/** Bisection: 60 halvings reach the precision of a double. */
function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (incompleteBeta(middle, a, b) < probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The regularised incomplete beta function, by its continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges quickly on one side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(
    logGamma(a + b) -
      logGamma(a) -
      logGamma(b) +
      a * Math.log(x) +
      b * Math.log1p(-x),
  )
  return (front * fraction(x, a, b)) / a
}

/** Lentz's method for the fraction of the incomplete beta function. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const whole = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / whole(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / whole(1 + even * d)
    c = whole(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / whole(1 + odd * d)
    c = whole(1 + odd / c)
    result *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return result
}

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6,
  1.5056327351493116e-7,
]

/** Lanczos' approximation, 15 digits, for arguments of at least 1/2. */
function logGamma(value: number): number {
  const x = value - 1
  const sum = lanczos.reduce(
    (total, factor, index) => total + factor / (x + index + 1),
    0.9999999999998099,
  )
  const t = x + lanczos.length - 0.5
  return (
    0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum)
  )
}

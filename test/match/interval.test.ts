import { describe, expect, it } from 'vitest'
import {
  clopperPearson,
  labelsNeeded,
  wilson,
} from '../../src/match/interval.js'

/** Probability of k hits in n trials, summed term by term. */
function binomial(k: number, n: number, p: number): number {
  let log = 0
  for (let i = 1; i <= k; i += 1) log += Math.log((n - k + i) / i)
  return Math.exp(log + k * Math.log(p) + (n - k) * Math.log(1 - p))
}

function tail(from: number, to: number, n: number, p: number): number {
  let sum = 0
  for (let k = from; k <= to; k += 1) sum += binomial(k, n, p)
  return sum
}

describe("Clopper and Pearson's interval", () => {
  it.each([
    [1, 10],
    [9, 10],
    [50, 100],
    [366, 368],
    [997, 1000],
    [3, 2000],
  ])('leaves 2.5 %% of chance beyond each end for %d of %d', (hits, trials) => {
    const { low, high } = clopperPearson(hits, trials)
    expect(tail(hits, trials, trials, low)).toBeCloseTo(0.025, 9)
    expect(tail(0, hits, trials, high)).toBeCloseTo(0.025, 9)
  })

  it('is one-sided at the edges, and everything without a trial', () => {
    expect(clopperPearson(0, 20).low).toBe(0)
    expect(clopperPearson(20, 20).high).toBe(1)
    expect(clopperPearson(20, 20).low).toBeCloseTo(0.025 ** (1 / 20), 12)
    expect(clopperPearson(0, 0)).toEqual({ low: 0, high: 1 })
  })

  it('covers the true share at least 95 % of the time', () => {
    for (const truth of [0.5, 0.9, 0.99]) {
      const trials = 120
      let covered = 0
      for (let hits = 0; hits <= trials; hits += 1) {
        const { low, high } = clopperPearson(hits, trials)
        if (low > truth || high < truth) continue
        covered += binomial(hits, trials, truth)
      }
      expect(covered).toBeGreaterThanOrEqual(0.95)
    }
  })

  it('tells how many labels without a mistake reach a share', () => {
    const needed = labelsNeeded(0.99)
    expect(needed).toBe(368)
    expect(clopperPearson(needed, needed).low).toBeGreaterThanOrEqual(0.99)
    expect(clopperPearson(needed - 1, needed - 1).low).toBeLessThan(0.99)
    expect(labelsNeeded(1)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe("Wilson's interval", () => {
  it.each([
    [0, 10],
    [5, 10],
    [81, 263],
    [1, 148],
  ])('ends where the score test does for %d of %d', (hits, trials) => {
    const share = hits / trials
    for (const end of Object.values(wilson(hits, trials))) {
      const deviation = Math.sqrt((end * (1 - end)) / trials)
      if (deviation === 0) continue
      expect(Math.abs(share - end) / deviation).toBeCloseTo(1.959963985, 6)
    }
  })

  it('is everything without a trial', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

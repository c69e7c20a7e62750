import { describe, expect, it } from 'vitest'
import { MarketoError } from '../../src/marketo/error.js'
import type { Problem } from '../../src/marketo/problem.js'
import { isFinal, retryDelay, retryWait } from '../../src/marketo/retry.js'

const reached = true
const half = () => 0.5

/** Waits of one call that always fails in the same way. */
function waits(problem: Problem, random: number, known = reached): number[] {
  const all: number[] = []
  let elapsed = 0
  for (let attempt = 1; attempt < 1000; attempt += 1) {
    const failed = { problem, attempt, elapsed, reached: known, random }
    const wait = retryWait(failed)
    if (wait === null) return all
    all.push(wait)
    elapsed += wait
  }
  throw new Error('It never gives up')
}

const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0)

function error(problem: Problem): MarketoError {
  const instance = '123-ABC-456'
  const endpoint = 'leads/{id}/merge'
  return new MarketoError({ problem, outcome: 'rejected', instance, endpoint })
}

describe('the retry policy', () => {
  it('A15: backs off with jitter for at most 10 minutes', () => {
    for (const random of [0, 0.3, 0.999]) {
      const all = waits('unavailable', random)
      expect(sum(all)).toBeGreaterThan(500_000)
      expect(sum(all)).toBeLessThanOrEqual(600_000)
      expect(Math.max(...all)).toBeLessThanOrEqual(60_000)
    }
    expect(waits('unavailable', 0)[0]).not.toBe(waits('unavailable', 0.9)[0])
  })

  it('A8: waits out a full window after 606', () => {
    expect(Math.min(...waits('rate_limit', 0))).toBeGreaterThanOrEqual(20_000)
  })

  it('gives up quickly on a Marketo that never answered', () => {
    expect(waits('unreachable', 0.5, false)).toHaveLength(2)
    expect(sum(waits('unreachable', 0.999, false))).toBeLessThan(5000)
  })

  it('asks no more than three times where 611 may be our own fault', () => {
    expect(waits('system_error', 0.5)).toHaveLength(2)
  })

  it.each<Problem>([
    'credentials',
    'permission',
    'certificate',
    'daily_quota',
    'export_quota',
    'bad_request',
    'refused',
    'unknown_answer',
    'budget',
    'stopped',
  ])('never repeats %s', (problem) => {
    expect(waits(problem, 0.5)).toEqual([])
    expect(isFinal(error(problem))).toBe(true)
  })

  it('gives a caller with attempts of its own the same waits', () => {
    const delays = waits('unavailable', 0.5).map((_, at) =>
      retryDelay(error('unavailable'), at + 1, half),
    )
    expect(delays).toEqual(waits('unavailable', 0.5))
    expect(retryDelay(error('unavailable'), 100, half)).toBeNull()
    expect(isFinal(error('unavailable'))).toBe(false)
  })

  it('knows nothing of errors that are not Marketo errors', () => {
    expect(retryDelay(new Error('x'), 1, () => 0)).toBeNull()
    expect(isFinal(new Error('x'))).toBe(true)
  })
})

import { expect, it } from 'vitest'
import { type ExitCode, exitCode, PipelineError } from '../../src/error.js'
import { type GroupResult, runGroup, worstExit } from '../../src/run/group.js'

function done(pipeline: string): GroupResult {
  return {
    pipeline,
    result: 'done',
    exit_code: 0,
    why: '',
    next: '',
    record: null,
  }
}

it('the worst exit code is what most needs a person', () => {
  const codes: ExitCode[] = [0, 4, 11, 9]
  expect(worstExit(codes)).toBe(exitCode.needsPerson)
  expect(worstExit([4, 0])).toBe(exitCode.paused)
  expect(worstExit([1, 7, 2])).toBe(exitCode.unexpected)
  expect(worstExit([])).toBe(exitCode.done)
})

it('a group runs at most so many at once, in turn, whatever fails', async () => {
  let running = 0
  let most = 0
  const begun: string[] = []
  const results = await runGroup(['a', 'b', 'c', 'd', 'e'], {
    jobs: 2,
    signal: new AbortController().signal,
    async start(name) {
      begun.push(name)
      running += 1
      most = Math.max(most, running)
      await new Promise((later) => setImmediate(later))
      running -= 1
      if (name === 'b') {
        throw new PipelineError('x', 'b is broken.', { exit: exitCode.access })
      }
      return done(name)
    },
  })
  expect(most).toBe(2)
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(results.map(({ pipeline }) => pipeline)).toEqual(begun)
  expect(results[1]).toMatchObject({ exit_code: 5, why: 'b is broken.' })
})

it('a stop keeps those that wait from starting', async () => {
  const abort = new AbortController()
  const results = await runGroup(['a', 'b'], {
    jobs: 1,
    signal: abort.signal,
    start(name) {
      abort.abort()
      return Promise.resolve(done(name))
    },
  })
  expect(results.map(({ result }) => result)).toEqual(['done', 'not started'])
})

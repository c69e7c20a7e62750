import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { chunked, pooled } from '../../src/marketo/pool.js'

describe('a pool', () => {
  it('gives every item to a task, a few at a time', async () => {
    const items = Array.from({ length: 23 }, (_, n) => n)
    const done: number[] = []
    let [running, most] = [0, 0]
    await pooled(items, 5, async (item) => {
      running += 1
      most = Math.max(most, running)
      await pause(item % 3)
      running -= 1
      done.push(item)
    })
    expect(done.toSorted((a, b) => a - b)).toEqual(items)
    expect(most).toBe(5)
  })

  it('starts nothing after a failure, and fails when what was under way has ended', async () => {
    const ended: number[] = []
    const work = pooled([0, 1, 2, 3, 4, 5], 3, async (item) => {
      if (item === 1) throw new Error('one failed')
      await pause(20)
      ended.push(item)
    })
    await expect(work).rejects.toThrow('one failed')
    expect(ended).toEqual([0, 2])
  })

  it('parts hold every item once, in order', () => {
    expect(chunked([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
    expect(chunked([], 2)).toEqual([])
  })
})

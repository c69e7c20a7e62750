import { describe, expect, it } from 'vitest'
import type { ExtractEvent } from '../../src/extract/event.js'
import { ExtractProgress } from '../../src/run/extract-progress.js'

type TaskEvent = Extract<ExtractEvent, { type: 'task' }>

function task(month: number, change: Partial<TaskEvent> = {}): TaskEvent {
  return {
    type: 'task',
    key: `created-${month}`,
    state: 'queued',
    exportId: 'x',
    filter: 'createdAt',
    from: `2026-0${month}-01T00:00:00Z`,
    to: `2026-0${month}-28T23:59:59Z`,
    rows: null,
    bytes: null,
    rejects: 0,
    done: 0,
    ...change,
  }
}

const landed = (month: number, done: number) =>
  task(month, { state: 'landed', rows: 1000, bytes: 2_000_000, done })

function bytes(month: number, have: number): ExtractEvent {
  const key = `created-${month}`
  return { type: 'download', key, exportId: 'x', bytes: have, total: 2_000_000 }
}

describe('what an extract shows', () => {
  it('is a part for each window under way, with its bytes', () => {
    let now = 0
    const progress = new ExtractProgress(() => now)
    progress.take(task(1, { state: 'ready', bytes: 2_000_000 }))
    now = 2000
    progress.take(bytes(1, 500_000))
    now = 4000
    const shown = progress.take(bytes(1, 1_500_000))
    expect(shown?.text).toBe('0 leads · 0 B · 750 KB/s')
    expect(shown?.parts).toEqual([
      {
        label: 'created 2026-01-01 to 2026-01-28',
        done: 1_500_000,
        total: 2_000_000,
        text: 'is fetched · 1.5 MB of 2 MB',
      },
    ])
    const all = progress.take(bytes(1, 2_000_000))
    expect(all?.parts[0]?.text).toContain('is landed')
    const done = progress.take(landed(1, 0.5))
    expect(done).toMatchObject({ done: 500, total: 1000, parts: [] })
    expect(done?.text).toMatch(/^1,000 leads · 2 MB/)
  })

  it('is no estimate before enough was done to tell', () => {
    let now = 0
    const progress = new ExtractProgress(() => now)
    progress.take(task(1))
    now = 60_000
    expect(progress.take(landed(1, 0.2))?.text).not.toContain('left')
    now = 120_000
    expect(progress.take(landed(2, 0.4))?.text).toContain('about 3m 00s left')
    now = 300_000
    expect(progress.take(landed(3, 1))?.text).not.toContain('left')
  })

  it('estimates by what this run did, not by what one before it landed', () => {
    let now = 0
    const progress = new ExtractProgress(() => now)
    progress.take(task(5, { done: 0.8 }))
    now = 100_000
    progress.take(landed(5, 0.85))
    const shown = progress.take(landed(6, 0.9))
    // A tenth took 100 seconds, and a tenth is left.
    expect(shown?.text).toContain('about 1m 40s left')
  })

  it('counts no ids of a census as leads', () => {
    const progress = new ExtractProgress(() => 0)
    const census = { ...landed(1, 1), key: 'census-1' }
    expect(progress.take(census)?.text).toBe('0 leads · 2 MB')
  })
})

import { describe, expect, it } from 'vitest'
import { measureCalls } from '../bench/call-run.js'

describe('the calls of a plan', () => {
  it('are no more than planned, near the fewest, and at the rate allowed', async () => {
    const found = await measureCalls({
      clusters: [],
      updates: 9000,
      bulkImport: false,
    })
    expect(found).toMatchObject({ done: 9000, refused: 0, used: 90 })
    expect(found.used).toBeLessThanOrEqual(found.planned)
    expect(found.ratio).toBeLessThanOrEqual(1.15)
    expect(found.rateUsed).toBeGreaterThanOrEqual(0.98)
    expect(found.peak).toBeLessThanOrEqual(found.allowed)
  })

  it('stay near the fewest for merges of many sizes and for imports', async () => {
    const found = await measureCalls({
      clusters: [40, 27, 9, 5, 4, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2],
      updates: 3000,
      bulkImport: true,
    })
    expect(found).toMatchObject({ done: 3020, refused: 0 })
    expect(found.used).toBeLessThanOrEqual(found.planned)
    expect(found.ratio).toBeLessThanOrEqual(1.15)
  })
})

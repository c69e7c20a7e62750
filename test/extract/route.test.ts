import { describe, expect, it } from 'vitest'
import { choose, offersFor, type RouteFacts } from '../../src/extract/route.js'

const day = 86_400
const plenty = { calls: 20_000, bytes: 400_000_000 }

const million: RouteFacts = {
  known: 1_000_000,
  exported: 1_000_000,
  bytesPerLead: 300,
  seconds: 3650 * day,
  sinceBase: day,
}

describe('the way to the leads', () => {
  it('is priced in calls and in bytes of export', () => {
    expect(offersFor(million)).toEqual([
      { route: 'export', calls: 590, bytes: 300_000_000 },
      { route: 'read', calls: 3334 + 5, bytes: 0 },
    ])
  })

  it('is the one that takes less of the scarcer budget', () => {
    // Three quarters of the megabytes, or a sixth of the calls.
    expect(choose(offersFor(million), plenty).chosen).toBe('read')
    const calls = 4000
    expect(choose(offersFor(million), { ...plenty, calls }).chosen).toBe(
      'export',
    )
  })

  it('fits today where one of them does', () => {
    const offers = offersFor(million)
    const noBytes = { calls: 3400, bytes: 200_000_000 }
    expect(choose(offers, noBytes).chosen).toBe('read')
    const noCalls = { calls: 3000, bytes: 310_000_000 }
    expect(choose(offers, noCalls).chosen).toBe('export')
    expect(choose(offers, { calls: 0, bytes: 0 }).chosen).toBe('read')
  })

  it('is a read for a few known leads of many years', () => {
    const few = { ...million, known: 3000, exported: 3000 }
    const route = choose(offersFor(few), plenty)
    expect(route.offers).toEqual([
      { route: 'read', calls: 15, bytes: 0 },
      { route: 'export', calls: 590, bytes: 900_000 },
    ])
  })
})

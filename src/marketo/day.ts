const hour = 3_600_000
const day = 24 * hour

/**
 * Daily quotas reset at midnight US Central (Adobe docs), which Adobe writes
 * both as "CST" and as "Central Time". In summer the two are an hour apart:
 * 06:00 UTC and 05:00 UTC. Nothing here decides which is true.
 */
export type Reading = 'civil' | 'standard'

const civil = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Chicago',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

const quarter = hour / 4
let known = { quarter: Number.NaN, name: '' }

/** Zones are a whole number of quarters of an hour away from UTC. */
function civilDay(time: number): string {
  const asked = Math.floor(time / quarter)
  if (asked !== known.quarter) {
    known = { quarter: asked, name: civil.format(time) }
  }
  return known.name
}

/** Name of the quota day of a time, in milliseconds since the epoch. */
export function quotaDay(time: number, reading: Reading): string {
  return reading === 'civil'
    ? civilDay(time)
    : new Date(time - 6 * hour).toISOString().slice(0, 10)
}

/** The next time by which the quota has reset under either reading. */
export function quotaReset(time: number): number {
  return (Math.floor((time - 6 * hour) / day) + 1) * day + 6 * hour
}

/** A time not after the start of the quota day under either reading. */
export function quotaDayStart(time: number): number {
  return quotaReset(time) - day - hour
}

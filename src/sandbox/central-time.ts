const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Chicago',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

const known = new Map<number, string>()

/**
 * The civil date in US Central time, `2026-11-21`. Daily quotas reset at its
 * midnight (Adobe docs, "12:00AM CST"; taken as America/Chicago with DST).
 */
export function centralDay(milliseconds: number): string {
  // A zone's day never changes inside a quarter of an hour of UTC.
  const quarter = Math.floor(milliseconds / 900_000)
  const found = known.get(quarter)
  if (found !== undefined) return found
  const day = parts.format(quarter * 900_000)
  if (known.size > 10_000) known.clear()
  known.set(quarter, day)
  return day
}

/** A cron line in UTC, for schedulers that know no time zones. Pure. */
import type { Schedule } from '../pipeline/policy.js'
import { wallTime } from './next.js'

export interface UtcCron {
  readonly cron: string
  /** What a person has to know of it; empty where it is exact. */
  readonly caveat: string
}

/** `now` decides which offset of a zone with summer time is taken. */
export function utcCron(
  { cron, timezone }: Pick<Schedule, 'cron' | 'timezone'>,
  now: Date,
): UtcCron {
  const minutes = offsetMinutes(now, timezone)
  const year = now.getUTCFullYear()
  const offsets = [0, 6].map((month) =>
    offsetMinutes(new Date(Date.UTC(year, month, 15)), timezone),
  )
  const moves = offsets[0] !== offsets[1]
  if (minutes === 0 && !moves) return { cron, caveat: '' }
  const shifted = shift(cron, minutes)
  if (shifted === null) {
    return {
      cron,
      caveat: `GitHub's clock is UTC, and this cannot be moved from ${timezone}: it runs at these times in UTC.`,
    }
  }
  return {
    cron: shifted,
    caveat: moves
      ? `GitHub's clock is UTC. ${cron} in ${timezone} is ${shifted} in UTC now; when its clocks change it runs an hour off, until this file is made anew.`
      : `GitHub's clock is UTC: ${cron} in ${timezone} is ${shifted}.`,
  }
}

/** How far a zone's clocks are ahead of UTC. */
function offsetMinutes(at: Date, timezone: string): number {
  const local = Date.parse(`${wallTime(at, timezone).replace(' ', 'T')}:00Z`)
  const utc = Math.floor(at.getTime() / 60_000) * 60_000
  return (local - utc) / 60_000
}

/** Null where the fields are not simple enough to be moved. */
function shift(cron: string, minutes: number): string | null {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron
    .trim()
    .split(/\s+/)
  if (hour === '*' && minutes % 60 === 0) return cron
  const at = numbers(minute, 59)
  const hours = numbers(hour, 23)
  if (at === null || hours === null || at.length !== 1) return null
  const moved = hours.map((one) => one * 60 + (at[0] ?? 0) - minutes)
  const days = new Set(moved.map((one) => Math.floor(one / 1440)))
  const [step = 0] = days
  if (days.size > 1) return null
  const week = step === 0 ? weekday : movedWeek(weekday, step)
  if (week === null || (step !== 0 && (day !== '*' || month !== '*'))) {
    return null
  }
  const clock = moved.map((one) => ((one % 1440) + 1440) % 1440)
  const hoursUtc = clock.map((one) => Math.floor(one / 60)).join(',')
  return `${(clock[0] ?? 0) % 60} ${hoursUtc} ${day} ${month} ${week}`
}

/** `1,3-5` as numbers. */
function numbers(field: string, most: number): number[] | null {
  const found: number[] = []
  for (const item of field.split(',')) {
    const [, low, high = low] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(item) ?? []
    if (low === undefined || Number(high) > most) return null
    for (let one = Number(low); one <= Number(high); one += 1) found.push(one)
  }
  return found
}

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function movedWeek(field: string, step: number): string | null {
  if (field === '*') return '*'
  const plain = names.reduce(
    (text, name, index) => text.replaceAll(name, String(index)),
    field.toLowerCase(),
  )
  const days = numbers(plain, 7)
  if (days === null) return null
  const moved = days.map((one) => (((one + step) % 7) + 7) % 7)
  return [...new Set(moved)].toSorted((a, b) => a - b).join(',')
}

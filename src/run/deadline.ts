/** When a run has to end: after a duration, or at a time of day. */
import { badInput } from '../error.js'
import type { Schedule } from '../pipeline/policy.js'

export interface Limits {
  /** `30m`, `2h`, `1h30m`; null: none. */
  readonly maxDuration: string | null
  /** `07:00` in the pipeline's time zone; null: none. */
  readonly until: string | null
  /** A scheduler started it, so the pipeline file's `schedule.until` holds. */
  readonly isScheduled: boolean
}

export interface Deadline {
  /** Milliseconds since the epoch, by the machine's clock. */
  readonly at: number
  /** As a person wrote it: `07:00 Europe/Paris`. */
  readonly words: string
}

const hour = 3_600_000
const day = 24 * hour
const units: Readonly<Record<string, number>> = {
  h: hour,
  m: 60_000,
  s: 1000,
}

/**
 * The earliest of the limits, or null. Throws (exit 3) for one that is
 * neither a duration nor a time of day.
 */
export function deadlineOf(
  { maxDuration, until, isScheduled }: Limits,
  schedule: Pick<Schedule, 'timezone' | 'until'> | null,
  now: number,
): Deadline | null {
  const zone = schedule?.timezone ?? 'UTC'
  const time = until ?? (isScheduled ? (schedule?.until ?? null) : null)
  const ends: Deadline[] = []
  if (maxDuration !== null) {
    const at = now + milliseconds(maxDuration)
    ends.push({ at, words: `${maxDuration} after its start` })
  }
  if (time !== null) {
    checkTime(time)
    ends.push({ at: nextTime(now, time, zone), words: `${time} ${zone}` })
  }
  return ends.toSorted((a, b) => a.at - b.at)[0] ?? null
}

function milliseconds(text: string): number {
  const isDuration = /^(\d+[hms])+$/.test(text)
  const parts = [...text.matchAll(/(\d+)([hms])/g)]
  const sum = parts.reduce(
    (total, [, count, unit = '']) => total + Number(count) * (units[unit] ?? 0),
    0,
  )
  if (isDuration && sum > 0) return sum
  throw badInput(
    'max_duration',
    `--max-duration ${text} is not a duration; write 30m, 2h or 1h30m.`,
  )
}

function checkTime(time: string): void {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return
  throw badInput(
    'until',
    `--until ${time} is not a time of day; write 07:00 or 23:30.`,
  )
}

/**
 * The next moment at which clocks in a zone show a time, in milliseconds. A
 * time that is skipped when clocks go forward is the moment after as many
 * minutes; of one that comes twice when they go back, the first counts.
 */
export function nextTime(now: number, time: string, zone: string): number {
  const today = Math.floor((now + offset(now, zone)) / day) * day
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const into = hours * hour + minutes * 60_000
  const moments = [0, 1, 2].map((days) =>
    moment(today + days * day + into, zone),
  )
  return moments.find((at) => at > now) ?? now + day
}

/** When clocks show a local time, given as if it were UTC. */
function moment(local: number, zone: string): number {
  const before = local - offset(local - day, zone)
  const after = local - offset(local + day, zone)
  const shown = [before, after].filter((at) => at + offset(at, zone) === local)
  return shown.length > 0 ? Math.min(...shown) : before
}

/** Milliseconds by which a zone's clocks are ahead of UTC at a moment. */
function offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at)
  const value = (type: string) =>
    Number(parts.find((part) => part.type === type)?.value)
  const local = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  )
  return local - Math.floor(at / 1000) * 1000
}

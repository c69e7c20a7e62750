/** When a pipeline runs next. Pure: the time is passed in. */
import { Cron } from 'croner'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Blackout, Schedule } from '../pipeline/policy.js'

type Scheduled = Pick<Pipeline, 'schedule'>

/** Slots looked at before it is said that there is none. */
const most = 5000

/**
 * The next `n` moments after `from` at which a pipeline runs by itself; none
 * where it has no schedule or it is paused. Each time on the wall is one slot,
 * also when clocks change: one that is skipped comes right after the gap, one
 * that comes twice counts the first time (a schedule for every hour goes on
 * by real hours).
 */
export function nextRuns(
  { schedule }: Scheduled,
  from: Date,
  n: number,
): Date[] {
  if (schedule === null || schedule.paused) return []
  return take(slots(schedule, from), n)
}

/** The slots in (after, upTo], the newest first; at most `n`. */
export function pastRuns(
  { schedule }: Scheduled,
  upTo: Date,
  options: { readonly after: Date; readonly n: number },
): Date[] {
  if (schedule === null || schedule.paused) return []
  const found: Date[] = []
  for (const slot of earlier(schedule, upTo)) {
    if (slot.getTime() <= options.after.getTime()) break
    found.push(slot)
    if (found.length >= options.n) break
  }
  return found
}

function take(from: Iterable<Date>, n: number): Date[] {
  const found: Date[] = []
  if (n <= 0) return found
  for (const slot of from) {
    found.push(slot)
    if (found.length >= n) break
  }
  return found
}

function* slots(schedule: Schedule, from: Date): Generator<Date> {
  const cron = cronOf(schedule)
  let at: Date | null = from
  for (let tries = 0; tries < most; tries += 1) {
    at = cron.nextRun(at)
    if (at === null) return
    const closed = blackoutOf(at, schedule)
    if (closed !== null)
      at = later(at, midnight(closed.to, 1, schedule) - slack)
    else if (!isRepeated(at, schedule)) yield at
  }
}

function* earlier(schedule: Schedule, upTo: Date): Generator<Date> {
  const cron = cronOf(schedule)
  // The moment itself counts.
  let before = new Date(upTo.getTime() + 1000)
  for (let tries = 0; tries < most; tries += 1) {
    const [at] = cron.previousRuns(1, before)
    if (at === undefined) return
    const closed = blackoutOf(at, schedule)
    if (closed !== null) {
      before = new Date(
        Math.min(at.getTime(), midnight(closed.from, 0, schedule) + slack),
      )
    } else {
      const isOne = at.getTime() <= upTo.getTime() && !isRepeated(at, schedule)
      if (isOne) yield at
      before = at
    }
  }
}

/** Clocks may change near a midnight; milliseconds. */
const slack = 3 * 3_600_000

/** About when a day, or one some days later, begins in the zone. */
function midnight(day: string, days: number, { timezone }: Schedule): number {
  const utc = Date.parse(`${day}T00:00:00Z`) + days * 86_400_000
  const shown = wallTime(new Date(utc), timezone).replace(' ', 'T')
  return utc - (Date.parse(`${shown}:00Z`) - utc)
}

function later(at: Date, moment: number): Date {
  return new Date(Math.max(at.getTime(), moment))
}

function cronOf({ cron, timezone }: Schedule): Cron {
  return new Cron(cron, { timezone, mode: '5-part', paused: true })
}

/** Clocks went back between the first of two equal times and this one. */
function isRepeated(at: Date, { cron, timezone }: Schedule): boolean {
  const hours = cron.trim().split(/\s+/)[1] ?? '*'
  if (hours.includes('*')) return false
  const shown = wallTime(at, timezone)
  return [30, 60, 120].some(
    (minutes) =>
      wallTime(new Date(at.getTime() - minutes * 60_000), timezone) === shown,
  )
}

function blackoutOf(
  at: Date,
  { blackout, timezone }: Schedule,
): Blackout | null {
  if (blackout.length === 0) return null
  const day = wallTime(at, timezone).slice(0, 10)
  return blackout.find(({ from, to }) => from <= day && day <= to) ?? null
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** `2026-10-25 02:30` as clocks in a zone show it. */
export function wallTime(at: Date, timezone: string): string {
  let format = formats.get(timezone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: timezone,
      dateStyle: 'short',
      timeStyle: 'short',
    })
    formats.set(timezone, format)
  }
  return format.format(at)
}

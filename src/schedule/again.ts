/** When a run that paused goes on by itself. Pure. */
import type { Schedule } from '../pipeline/policy.js'
import { nextTime } from '../run/deadline.js'
import type { RunRecord } from '../run/record.js'

/** Somebody decided that these end now. */
const decided = ['stopped', 'deadline']

const minute = 60_000

/** Of an outage nobody knows the end, so the waits grow. */
const waits = [15, 30, 60, 120].map((minutes) => minutes * minute)

/** After the reset, so that clocks need not agree to the second. */
const reserve = 2 * minute

/**
 * For a quota that is used up: when it has reset. For an outage: soon, a few
 * times. Null where it is over, decided, or later than the schedule allows.
 */
export function againAt(
  record: Pick<RunRecord, 'status' | 'error'>,
  situation: {
    readonly now: Date
    readonly slot: Date
    /** Runs of this slot that paused before. */
    readonly tries: number
    /** When the day's quotas reset, ISO 8601, where it is known. */
    readonly resetsAt: string | null
    readonly schedule: Pick<Schedule, 'until' | 'timezone'>
  },
): Date | null {
  const { now, slot, tries, resetsAt, schedule } = situation
  const code = record.error?.code ?? ''
  if (record.status !== 'paused' || decided.includes(code)) return null
  const isQuota = /quota|budget/.test(code) && resetsAt !== null
  const wait = waits[tries]
  if (!isQuota && wait === undefined) return null
  const at = isQuota
    ? Math.max(Date.parse(resetsAt), now.getTime()) + reserve
    : now.getTime() + (wait ?? 0)
  const { until, timezone } = schedule
  const isLate =
    until !== null && at >= nextTime(slot.getTime(), until, timezone)
  return isLate ? null : new Date(at)
}

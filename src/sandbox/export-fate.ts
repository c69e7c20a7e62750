import type { ExportRecord } from './export-job.js'
import type { Fault } from './fault.js'

/** What a fault at the enqueue makes of a job; nothing without one. */
export function fateOf(
  fault: Fault | null,
  now: number,
): Partial<ExportRecord> {
  if (fault === null) return {}
  const { kind } = fault
  if (kind === 'job-failed') {
    return { failed: true, failure: fault.message ?? null }
  }
  if (kind === 'job-stuck') {
    return stuck(fault.state ?? 'Processing', fault.seconds, now)
  }
  if (kind === 'job-dirty') return { dirt: fault.dirt }
  if (kind === 'job-cancelled' || kind === 'job-fileless') return { fate: kind }
  // It takes no place in the queue, and nobody finds it.
  return kind === 'job-vanished' ? { fate: kind, cancelledAt: now } : {}
}

function stuck(
  state: 'Queued' | 'Processing',
  seconds: number | undefined,
  now: number,
): Partial<ExportRecord> {
  if (state === 'Processing') {
    return { stuck: true, ...(seconds === undefined ? {} : { seconds }) }
  }
  return { heldUntil: seconds === undefined ? null : now + seconds * 1000 }
}

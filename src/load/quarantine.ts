import { type Endpoint, endpoints, patience } from '../marketo/endpoint.js'
import type { SendKind } from './event.js'
import { type Held, type Job, wait } from './job.js'
import type { Attempt } from './journal-state.js'
import type { PlanRow } from './plan.js'
import { longestTurn } from './send.js'

const requests: Readonly<Record<SendKind, Endpoint>> = {
  merge: endpoints.merge,
  prewrite: endpoints.update,
  update: endpoints.update,
  create: endpoints.update,
  join: endpoints.joinList,
  import: endpoints.submitImport,
}

/** No limit is documented for how long an import may stay in its queue. */
const inQueue = 1_820_000

/** Longest that a client waits for the answer, in milliseconds. */
export function longestCall(send: SendKind): number {
  return patience(requests[send])
}

/**
 * Milliseconds after its end in which a request may still take effect: what
 * Marketo itself tries, and a margin, as for the answer.
 */
export function quarantine(send: SendKind): number {
  return send === 'import' ? inQueue : longestCall(send)
}

/** Sets rows aside whose request has just ended without a clear answer. */
export function hold(job: Job, rows: readonly PlanRow[], send: SendKind): void {
  const clearAt = job.marketo.clock.monotonic() + quarantine(send)
  job.held.push(...rows.map((row) => ({ row, send, clearAt })))
}

/**
 * The same for an attempt of an earlier process. What it sent last may have
 * left at the end of the call or, where no outcome was written, at any time
 * until the call's turn was over or that process had ended. One that may still
 * live, as on a machine that sleeps, may have its call open to the last.
 */
export function heldFrom(job: Job, row: PlanRow, attempt: Attempt): Held {
  const now = job.marketo.serverNow()
  const whole = quarantine(attempt.send)
  const mayLive = job.lease.mayLive(attempt.epoch)
  const open = longestTurn + longestCall(attempt.send)
  // It may have been open for as long as a client waits for its answer.
  const latest = attempt.at + open
  const left = attempt.endedAt ?? (mayLive ? latest : Math.min(now, latest))
  // A clock that jumped must not shorten the wait, nor make it endless.
  const isOpen = attempt.endedAt === null && mayLive
  const most = isOpen ? open + whole : whole
  const rest = Math.min(Math.max(left + whole - now, 0), most)
  return {
    row,
    send: attempt.send,
    clearAt: job.marketo.clock.monotonic() + rest,
  }
}

/** Waits until none of these can take effect any more. */
export async function waitOut(job: Job, held: readonly Held[]): Promise<void> {
  const last = Math.max(...held.map((one) => one.clearAt))
  const rest = last - job.marketo.clock.monotonic()
  if (rest <= 0) return
  job.emit({
    type: 'quarantine',
    rows: held.length,
    seconds: Math.round(rest / 1000),
  })
  await wait(job, rest)
}

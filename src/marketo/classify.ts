import type { Outcome } from './api.js'
import type { Problem } from './problem.js'

/** What a call may change: nothing, two kinds of leads' data, or a job. */
export type Effect = 'none' | 'merge' | 'update' | 'job'

/** All that can be seen of a call that did not plainly succeed. */
export type Signal =
  | { readonly kind: 'connection'; readonly sent: boolean }
  | { readonly kind: 'certificate' }
  | { readonly kind: 'stopped'; readonly sent: boolean }
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'redirect' }
  /** Not an answer as Marketo gives it: HTML, cut off, empty, no result. */
  | { readonly kind: 'garbled' }
  | { readonly kind: 'code'; readonly code: string; readonly message: string }

export interface Verdict {
  readonly problem: Problem
  readonly outcome: Exclude<Outcome, 'ok'>
}

type Lane = 'read' | 'merge' | 'update' | 'job'
type Entry = Readonly<Record<Lane, Verdict>>

const lanes: Readonly<Record<Effect, Lane>> = {
  none: 'read',
  merge: 'merge',
  update: 'update',
  job: 'job',
}

function entry(
  problem: Problem,
  outcome: Verdict['outcome'],
  exceptions: Partial<Entry> = {},
): Entry {
  const verdict = { problem, outcome }
  const all = { read: verdict, merge: verdict, update: verdict, job: verdict }
  return { ...all, ...exceptions }
}

/** Fail closed: a write that was answered in an unknown way may be done. */
const unknown = entry('unknown_answer', 'ambiguous')
const doubtful = { problem: 'unknown_answer', outcome: 'ambiguous' } as const
const rejected = (problem: Problem) => entry(problem, 'rejected')
const unsure = (problem: Problem) => entry(problem, 'ambiguous')
/** Refuses one operation of every kind for good. */
const refused = (problem: Problem) => entry(problem, 'row_failed')
/** Has a meaning for a merge only, or for all but a merge. */
const ofMerge = entry('refused', 'row_failed', { update: doubtful })
const notOfMerge = entry('refused', 'row_failed', { merge: doubtful })
const slot = entry('queue_full', 'rejected', { merge: doubtful })

function table(
  ...rows: readonly (readonly [Entry, ...number[]])[]
): ReadonlyMap<string, Entry> {
  return new Map(
    rows.flatMap(([row, ...codes]) =>
      codes.map((code) => [String(code), row] as const),
    ),
  )
}

/**
 * Marketo's codes by number, wherever they stand in an answer (Adobe docs,
 * error codes). 604, 608, 611, 614, 713 and 719 are taken as "perhaps done"
 * for a write, stricter than the documentation.
 */
const codes = table(
  [rejected('token'), 600, 601, 602],
  [rejected('permission'), 603],
  [unsure('unavailable'), 500, 502, 503, 504, 604, 608, 614, 713, 719],
  [unsure('system_error'), 611],
  [rejected('bad_request'), 605, 609, 610, 612, 613, 616, 701, 703, 704, 709],
  [rejected('rate_limit'), 606],
  [rejected('concurrency_limit'), 615],
  [rejected('daily_quota'), 607],
  [rejected('too_large'), 413, 414],
  [entry('no_data', 'ambiguous', { merge: doubtful, update: doubtful }), 702],
  [ofMerge, 712, 714, 1076, 1077, 1078, 1079, 1080, 1018],
  [notOfMerge, 1001, 1002, 1003, 1006, 1011, 1021, 1025, 1036],
  [refused('not_found'), 1004],
  [refused('refused'), 1007, 1008, 1009, 1010],
  [slot, 1016, 1019],
  [
    entry('not_found', 'row_failed', { merge: doubtful, update: doubtful }),
    1013,
  ],
  [
    entry('filter_unsupported', 'row_failed', {
      merge: doubtful,
      update: doubtful,
    }),
    1035,
  ],
)

/** 1029 has three meanings, which only its message tells apart. */
function overloaded(message: string): Entry {
  if (/quota/i.test(message)) return rejected('export_quota')
  if (/already\s+queued/i.test(message)) {
    return entry('already_queued', 'rejected', { merge: doubtful })
  }
  return /too\s+many/i.test(message) ? slot : unknown
}

function httpEntry(status: number): Entry {
  if (status >= 500 || status === 429) return unsure('unavailable')
  if (status === 413 || status === 414) return rejected('too_large')
  return unknown
}

function find(signal: Signal): Entry {
  const { kind } = signal
  if (kind === 'code') {
    if (signal.code === '1029') return overloaded(signal.message)
    return codes.get(signal.code) ?? unknown
  }
  if (kind === 'http') return httpEntry(signal.status)
  if (kind === 'garbled') return unsure('unavailable')
  if (kind === 'certificate') return entry('certificate', 'not_sent')
  if (kind === 'redirect') return unknown
  if (kind === 'stopped') {
    return entry('stopped', signal.sent ? 'ambiguous' : 'not_sent')
  }
  return signal.sent ? unsure('unavailable') : entry('unreachable', 'not_sent')
}

/** What a signal means for a call with this effect. */
export function classify(effect: Effect, signal: Signal): Verdict {
  return find(signal)[lanes[effect]]
}

const gravity = ['ambiguous', 'row_failed', 'rejected', 'not_sent'] as const

/** Of several codes in one answer, the one that is least safe to repeat. */
export function gravest(
  effect: Effect,
  signals: readonly Signal[],
): { readonly verdict: Verdict; readonly signal: Signal } {
  const judged = signals.map((signal) => ({
    verdict: classify(effect, signal),
    signal,
  }))
  const rank = (verdict: Verdict) => gravity.indexOf(verdict.outcome)
  const [first] = judged.toSorted((a, b) => rank(a.verdict) - rank(b.verdict))
  const garbled: Signal = { kind: 'garbled' }
  return first ?? { verdict: classify(effect, garbled), signal: garbled }
}

/** Answers that Marketo does not count (Adobe support article on codes). */
const free = new Set(['600', '601', '602', '604', '605', '608', '611'])

export function isCounted(signal: Signal | null): boolean {
  if (signal === null) return true
  if (signal.kind === 'code') return !free.has(signal.code)
  if (signal.kind === 'connection') return signal.sent
  if (signal.kind === 'stopped') return signal.sent
  return signal.kind !== 'certificate'
}

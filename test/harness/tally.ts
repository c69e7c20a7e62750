/** What many schedules came to; plain data, so that workers can send it. */
import { createHash } from 'node:crypto'
import { faultClasses } from './fault.js'
import { crashPoints } from './point.js'
import type { Trial } from './trial.js'

export interface Failure {
  readonly seed: number
  readonly breaches: readonly string[]
}

export type Counts = Record<string, number>

export interface Tally {
  trials: number
  readonly failures: Failure[]
  /** By class of fault, how often it struck. */
  readonly faults: Counts
  /** By point, how many processes died there. */
  readonly crashes: Counts
  sleeps: number
  diskFaults: number
  readonly statuses: Counts
  readonly breaches: Counts
  readonly ambiguous: Counts
  overshoot: number
  requests: number
  reads: number
  /** Rows of which an answer said nothing, and readings of them since. */
  ambiguousRows: number
  rereads: number
  /** Virtual milliseconds. */
  lasted: number
}

export function newTally(): Tally {
  return {
    trials: 0,
    failures: [],
    faults: zeros(faultClasses),
    crashes: zeros(crashPoints),
    sleeps: 0,
    diskFaults: 0,
    statuses: {},
    breaches: {},
    ambiguous: { applied: 0, not_applied: 0, unresolved: 0 },
    overshoot: 0,
    requests: 0,
    reads: 0,
    ambiguousRows: 0,
    rereads: 0,
    lasted: 0,
  }
}

function zeros(names: readonly string[]): Counts {
  return Object.fromEntries(names.map((name) => [name, 0]))
}

function add(into: Counts, name: string, count: number): void {
  into[name] = (into[name] ?? 0) + count
}

export function take(tally: Tally, { played, verdict }: Trial): void {
  const { seed } = played.schedule
  tally.trials += 1
  if (verdict.breaches.length > 0) {
    const breaches = verdict.breaches.map(
      ({ invariant, what }) => `${invariant}: ${what}`,
    )
    tally.failures.push({ seed, breaches })
    const broken = new Set(verdict.breaches.map((one) => one.invariant))
    for (const invariant of broken) add(tally.breaches, invariant, 1)
  }
  for (const [name, count] of played.faults) add(tally.faults, name, count)
  for (const [name, count] of played.crashes) add(tally.crashes, name, count)
  for (const [name, count] of verdict.statuses) {
    add(tally.statuses, name, count)
  }
  const { applied, notApplied, unresolved } = verdict.ambiguous
  add(tally.ambiguous, 'applied', applied)
  add(tally.ambiguous, 'not_applied', notApplied)
  add(tally.ambiguous, 'unresolved', unresolved)
  tally.sleeps += played.sleeps
  tally.diskFaults += played.diskFaults
  tally.overshoot += verdict.overshoot
  tally.requests += played.requests
  tally.reads += verdict.reads
  tally.ambiguousRows += verdict.ambiguousRows
  tally.rereads += verdict.rereads
  tally.lasted += played.lasted
}

export function merge(into: Tally, other: Tally): void {
  into.trials += other.trials
  into.failures.push(...other.failures)
  for (const key of [
    'faults',
    'crashes',
    'statuses',
    'breaches',
    'ambiguous',
  ] as const) {
    for (const [name, count] of Object.entries(other[key])) {
      add(into[key], name, count)
    }
  }
  into.sleeps += other.sleeps
  into.diskFaults += other.diskFaults
  into.overshoot += other.overshoot
  into.requests += other.requests
  into.reads += other.reads
  into.ambiguousRows += other.ambiguousRows
  into.rereads += other.rereads
  into.lasted += other.lasted
}

/** Everything that happened, as one digest: equal where a seed is replayed. */
export function fingerprint({ played }: Trial): string {
  const text = JSON.stringify(played.events, (_, value: unknown) =>
    value instanceof Map ? [...(value as Map<string, unknown>)] : value,
  )
  return createHash('sha256').update(text).update(played.journal).digest('hex')
}

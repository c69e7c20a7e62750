/** Plays a share of the cases of L2 in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import { after, type Case, scheduleOf, singles } from './exhaust-case.js'
import type { Loss } from './schedule.js'
import { type Trial, tryOut } from './trial.js'

export interface Share {
  readonly pairs: boolean
  readonly losses: readonly Loss[]
  /** This thread takes every nth first thing. */
  readonly from: number
  readonly step: number
  /** Every nth pair is played, from this one on. */
  readonly part: number
  readonly parts: number
}

export interface Found {
  /** First things that are over, of all that this thread takes. */
  firsts: { done: number; of: number }
  enumerated: number
  played: number
  /** By kind: how often, and how often all of it struck. */
  readonly kinds: Record<string, { played: number; hit: number }>
  readonly failures: string[]
}

const share = workerData as Share
const found: Found = {
  firsts: { done: 0, of: 0 },
  enumerated: 0,
  played: 0,
  kinds: {},
  failures: [],
}

function struck({ played }: Trial): number {
  const counts = [...played.crashes.values(), ...played.faults.values()]
  return counts.reduce((sum, count) => sum + count, 0)
}

function note(one: Case, trial: Trial): void {
  const kind = one.blows.map((blow) => blow.kind).join(' then ')
  const known = found.kinds[kind] ?? { played: 0, hit: 0 }
  const isHit = struck(trial) === one.blows.length
  const hit = known.hit + (isHit ? 1 : 0)
  found.kinds[kind] = { played: known.played + 1, hit }
  found.played += 1
  const [breach] = trial.verdict.breaches
  if (breach === undefined) return
  const { invariant, what } = breach
  found.failures.push(`${JSON.stringify(one)}: ${invariant} ${what}`)
}

function isOwn(): boolean {
  found.enumerated += 1
  return found.enumerated % share.parts === share.part % share.parts
}

function tell(isDone: boolean): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  parentPort?.postMessage({ isDone, found })
}

async function playAfter(first: Case, trial: Trial): Promise<void> {
  for (const blow of after(first, trial.played, share.losses)) {
    if (!isOwn()) continue
    const pair = { ...first, blows: [...first.blows, blow] }
    note(pair, await tryOut(scheduleOf(pair)))
  }
}

const all = await singles(share.losses)
found.firsts.of = Math.ceil((all.length - share.from) / share.step)
for (let n = share.from; n < all.length; n += share.step) {
  const first = all[n]
  if (first === undefined) break
  if (share.pairs) await playAfter(first, await tryOut(scheduleOf(first)))
  else if (isOwn()) note(first, await tryOut(scheduleOf(first)))
  found.firsts.done += 1
  if (n % 10 < share.step) tell(false)
}
tell(true)

/** Plays a share of the seeds in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import {
  type Failure,
  fingerprint,
  newTally,
  take,
  type Tally,
} from './tally.js'
import { trySeed } from './trial.js'

export interface Share {
  readonly from: number
  readonly to: number
  /** This thread takes every nth seed. */
  readonly step: number
  /** Seeds below this are played twice. */
  readonly twiceBelow: number
}

/** What a thread says: how far it came, and in the end what it found. */
export type Said =
  | { readonly kind: 'played'; readonly count: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | {
      readonly kind: 'found'
      readonly tally: Tally
      readonly differing: number
    }

const { from, to, step, twiceBelow } = workerData as Share
const tally = newTally()
const every = 100
let differing = 0
let count = 0

function say(said: Said): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  parentPort?.postMessage(said)
}

for (let seed = from; seed <= to; seed += step) {
  const trial = await trySeed(seed)
  take(tally, trial)
  const failure = tally.failures.at(-1)
  if (failure?.seed === seed) say({ kind: 'failed', failure })
  count += 1
  if (count % every === 0) say({ kind: 'played', count: every })
  if (seed >= twiceBelow) continue
  if (fingerprint(await trySeed(seed)) !== fingerprint(trial)) differing += 1
}
say({ kind: 'found', tally, differing })

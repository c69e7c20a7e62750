/** Plays a share of the seeds in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import { fingerprint, newTally, take } from './tally.js'
import { trySeed } from './trial.js'

export interface Share {
  readonly from: number
  readonly to: number
  /** This thread takes every nth seed. */
  readonly step: number
  /** Seeds below this are played twice. */
  readonly twiceBelow: number
}

const { from, to, step, twiceBelow } = workerData as Share
const tally = newTally()
let differing = 0
for (let seed = from; seed <= to; seed += step) {
  const trial = await trySeed(seed)
  take(tally, trial)
  if (seed >= twiceBelow) continue
  if (fingerprint(await trySeed(seed)) !== fingerprint(trial)) differing += 1
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
parentPort?.postMessage({ tally, differing })

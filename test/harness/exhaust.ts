/**
 * L2: `exhaust.js [--pairs] [--share N/M] [--workers N] [--json FILE]` plays
 * one small plan once for every point at which a process can die and every
 * fault of every call; with `--pairs`, for every second such thing that can
 * happen in each run that the first one gave.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Found, Share } from './exhaust-worker.js'
import type { Loss } from './schedule.js'
import { ruleOfThree } from './table.js'

const { values } = parseArgs({
  options: {
    pairs: { type: 'boolean', default: false },
    share: { type: 'string', default: '1/1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
  },
})

const losses: readonly Loss[] = values.pairs
  ? ['kept', 'all']
  : ['kept', 'power', 'all', 'journal']
const [part = 1, parts = 1] = values.share.split('/').map(Number)
const step = Number(values.workers)
const started = performance.now()
const latest = new Map<number, Found>()

function run(from: number): Promise<Found> {
  const share: Share = { pairs: values.pairs, losses, from, step, part, parts }
  return new Promise((resolve, reject) => {
    const url = new URL('./exhaust-worker.js', import.meta.url)
    const worker = new Worker(url, { workerData: share })
    worker.on('message', ({ isDone, found }) => {
      latest.set(from, found)
      progress()
      if (isDone) resolve(found)
    })
    worker.once('error', reject)
  })
}

let toldAt = 0
const told = new Set<string>()

/** On a terminal all the time, elsewhere once a minute; failures at once. */
function progress(): void {
  const threads = [...latest.values()]
  const failures = threads.flatMap((one) => one.failures)
  for (const failure of failures.filter((one) => !told.has(one))) {
    told.add(failure)
    process.stderr.write(`${failure}\n`)
  }
  const sum = (of: (one: Found) => number) =>
    threads.reduce((total, one) => total + of(one), 0)
  const seconds = Math.round((performance.now() - started) / 1000)
  const { isTTY } = process.stderr
  if (!isTTY && seconds < toldAt + 60) return
  toldAt = seconds
  const done = sum(({ firsts }) => firsts.done)
  const share = Math.floor((100 * done) / sum(({ firsts }) => firsts.of))
  const line = `${sum((one) => one.played)} played, ${share} %, ${seconds} s`
  process.stderr.write(isTTY ? `\r${line} ` : `${line}\n`)
}

const all = await Promise.all(Array.from({ length: step }, (_, n) => run(n)))
const kinds: Found['kinds'] = {}
for (const [kind, one] of all.flatMap((found) => Object.entries(found.kinds))) {
  const known = kinds[kind] ?? { played: 0, hit: 0 }
  const played = known.played + one.played
  kinds[kind] = { played, hit: known.hit + one.hit }
}
const played = all.reduce((sum, found) => sum + found.played, 0)
const enumerated = all.reduce((sum, found) => sum + found.enumerated, 0)
const failures = all.flatMap((found) => found.failures)
const seconds = Math.round((performance.now() - started) / 1000)
const missed = Object.values(kinds).reduce((n, k) => n + k.played - k.hit, 0)

const share = ((100 * played) / Math.max(enumerated, 1)).toFixed(1)
const what = values.pairs ? 'pair of crashes and faults' : 'crash and fault'
const bound =
  failures.length === 0
    ? `; fewer than ${ruleOfThree(played)} of cases like these, 95 % sure`
    : ''
const lines = [
  `Every ${what} of a plan of 4 rows (L2)`,
  `  played      ${played} of ${enumerated} enumerated, ${share} %, with both answers for a lead that is gone`,
  ...Object.entries(kinds)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([kind, { hit, played: count }]) =>
        `  ${kind.padEnd(16)}  ${hit} struck of ${count} played`,
    ),
  `  violations  ${failures.length}${bound}`,
  `  time        ${seconds} s, ${step} threads`,
  ...failures.slice(0, 20),
]
process.stdout.write(`${lines.join('\n')}\n`)
const report = { played, enumerated, kinds, losses, failures, seconds }
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
}
if (failures.length + missed > 0) process.exitCode = 1

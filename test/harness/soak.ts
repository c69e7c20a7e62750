/**
 * L1: `soak.js COUNT [--from SEED] [--workers N] [--json FILE]` plays that
 * many schedules and prints the report; ends with 1 where one of them failed,
 * or a class of fault or a point of crash was never hit.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { known } from './known.js'
import { missed, type Report, table } from './table.js'
import { type Failure, merge, newTally, take } from './tally.js'
import { trySeed } from './trial.js'
import type { Said, Share } from './worker.js'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
  },
})

const twice = 200

const started = performance.now()
const count = Number(positionals[0] ?? 1000)
let played = 0

function run(share: Share): Promise<Extract<Said, { kind: 'found' }>> {
  return new Promise((resolve, reject) => {
    const url = new URL('./worker.js', import.meta.url)
    const worker = new Worker(url, { workerData: share })
    worker.on('message', (said: Said) => {
      if (said.kind === 'found') resolve(said)
      else if (said.kind === 'played') tellProgress(said.count)
      // At once: whoever waits an hour for the report can look at it already.
      else process.stderr.write(failureLine(said.failure))
    })
    worker.once('error', reject)
  })
}

function failureLine({ seed, breaches }: Failure): string {
  return `seed ${seed}: ${breaches.slice(0, 3).join('; ')}\n`
}

function tellProgress(more: number): void {
  played += more
  const seconds = (performance.now() - started) / 1000
  const left = Math.round((seconds / played) * (count - played))
  const line = `${played} of ${count} schedules, ${left} s left`
  if (process.stderr.isTTY) process.stderr.write(`\r${line} `)
  else if (played % 10_000 === 0) process.stderr.write(`${line}\n`)
}

async function soak(): Promise<Report> {
  const from = Number(values.from)
  const to = from + count - 1
  const step = Number(values.workers)
  const shares = Array.from({ length: step }, (_, n) => ({
    from: from + n,
    to,
    step,
    twiceBelow: from + twice,
  }))
  const tally = newTally()
  let differing = 0
  for (const part of await Promise.all(shares.map(run))) {
    merge(tally, part.tally)
    differing += part.differing
  }
  // Whatever failed once is played for ever.
  for (const { seed } of known()) take(tally, await trySeed(seed))
  const seconds = Math.round((performance.now() - started) / 1000)
  return {
    ...tally,
    name: 'Apply under random faults and crashes (L1)',
    seeds: `${from} to ${to}, and ${known().length} that failed once`,
    replayed: Math.min(twice, count),
    differing,
    seconds,
    node: process.versions.node,
  }
}

const report = await soak()
process.stdout.write(table(report))
for (const failure of report.failures.slice(0, 20)) {
  process.stdout.write(failureLine(failure))
}
const never = missed(report)
if (never.length > 0) process.stdout.write(`never hit: ${never.join(', ')}\n`)
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
}
if (report.failures.length + report.differing + never.length > 0) {
  process.exitCode = 1
}

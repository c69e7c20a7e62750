/**
 * Calls used against the fewest that could do the same, and the rate used
 * against the one allowed, over long runs in virtual time, the longest a day.
 * `--quick` plays a tenth of each. Ends with 1 where a limit is missed.
 */
import { type CallResult, type CallRun, measureCalls } from './call-run.js'

const scale = process.argv.includes('--quick') ? 0.1 : 1

function clusters(count: number, sizes: readonly number[]): number[] {
  return Array.from(
    { length: Math.round(count * scale) },
    (_, n) => sizes[n % sizes.length] ?? 2,
  )
}

const many = (count: number) => Math.round(count * scale)
/** The product promises no worse; refusals are none at all. */
const limit = { ratio: 1.15, rate: 0.98 } as const

interface Played extends CallRun {
  /**
   * The rate is what holds the run up: no import and no slow merge is waited
   * for, and no end of a day's quota leaves a window half used.
   */
  readonly isBound?: true
}

const latency = { readLatency: [0, 100], syncLatency: [0, 200] } as const

const runs: Readonly<Record<string, Played>> = {
  'updates by sync calls': {
    clusters: [],
    updates: many(120_000),
    bulkImport: false,
    isBound: true,
  },
  'the same, answers after up to 0.2 s': {
    clusters: [],
    updates: many(30_000),
    bulkImport: false,
    timing: latency,
    isBound: true,
  },
  'a day of merges, 5 calls in 20 s': {
    clusters: clusters(20_000, [2]),
    updates: 0,
    bulkImport: true,
    callsPer20s: 5,
    callsPerDay: 50_000,
    timing: { mergeLatency: [0, 200] },
    isBound: true,
  },
  'updates over two days of quota': {
    clusters: [],
    updates: many(60_000),
    bulkImport: false,
    callsPerDay: many(400),
  },
  'updates by bulk import': {
    clusters: [],
    updates: many(60_000),
    bulkImport: true,
  },
  'merges of pairs': {
    clusters: clusters(500, [2]),
    updates: 0,
    bulkImport: true,
  },
  'merges of 2 to 40, and updates': {
    clusters: clusters(200, [2, 3, 2, 5, 2, 4, 40, 2, 9, 27]).toSorted(
      (a, b) => b - a,
    ),
    updates: many(10_000),
    bulkImport: true,
  },
}

const columns =
  'plan                                   calls  planned  fewest  ratio  min (virtual)  rate used  peak in 20 s  606/607/615  pauses'

async function bench(): Promise<void> {
  process.stdout.write(`${columns}\n`)
  for (const [name, run] of Object.entries(runs)) {
    const found = await measureCalls(run)
    const cells = [
      name.padEnd(37),
      String(found.used).padStart(7),
      String(found.planned).padStart(8),
      String(found.fewest).padStart(7),
      found.ratio.toFixed(3).padStart(6),
      found.virtualMinutes.toFixed(1).padStart(14),
      `${(found.rateUsed * 100).toFixed(1)} %`.padStart(10),
      `${found.peak} of ${found.allowed}`.padStart(13),
      String(found.refused).padStart(12),
      String(found.pauses).padStart(7),
    ]
    process.stdout.write(`${cells.join(' ')}\n`)
    for (const miss of missed(run, found)) {
      process.exitCode = 1
      process.stderr.write(`missed: ${name}: ${miss}\n`)
    }
  }
}

function missed(run: Played, found: CallResult): string[] {
  const { done, rows, ratio, refused, rateUsed } = found
  const isLong = found.used > 4 * found.allowed
  const isIdle = run.isBound === true && isLong && rateUsed < limit.rate
  return [
    ...(done === rows ? [] : [`${done} of ${rows} rows are done`]),
    ...(ratio <= limit.ratio ? [] : [`the ratio is above ${limit.ratio}`]),
    ...(refused === 0 ? [] : [`${refused} calls were refused`]),
    ...(isIdle ? [`less than ${limit.rate * 100} % of the rate is used`] : []),
  ]
}

await bench()

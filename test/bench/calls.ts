/**
 * Calls used against the fewest that could do the same, and the rate used
 * against the one allowed, over long runs in virtual time, the longest a day.
 * `--quick` plays a tenth of each. Ends with 1 where a limit is missed.
 */
import { measureDay } from './call-day.js'
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

/** Where the rate is measured over all that a day brings. */
const day = { callsPer20s: 10, minutes: 24 * 60 * scale } as const

async function bench(): Promise<void> {
  process.stdout.write(`${columns}\n`)
  for (const [name, run] of Object.entries(runs)) {
    const found = await measureCalls(run)
    print(name, { ...found, allowed: `${found.peak} of ${found.allowed}` })
    complain(name, missed(run, found))
  }
  const name = 'a day of reads and writes'
  const found = await measureDay(day.callsPer20s, day.minutes)
  const { peak, refused, rateUsed } = found
  print(name, { ...found, allowed: `${peak} of ${day.callsPer20s}` })
  complain(name, [...refusals(refused), ...idleness(rateUsed)])
}

interface Line {
  readonly used: number
  readonly planned?: number
  readonly fewest?: number
  readonly ratio?: number
  readonly virtualMinutes: number
  readonly rateUsed: number
  readonly allowed: string
  readonly refused: number
  readonly pauses?: number
}

function print(name: string, line: Line): void {
  const cells = [
    name.padEnd(37),
    String(line.used).padStart(7),
    String(line.planned ?? '-').padStart(8),
    String(line.fewest ?? '-').padStart(7),
    (line.ratio?.toFixed(3) ?? '-').padStart(6),
    line.virtualMinutes.toFixed(1).padStart(14),
    `${(line.rateUsed * 100).toFixed(1)} %`.padStart(10),
    line.allowed.padStart(13),
    String(line.refused).padStart(12),
    String(line.pauses ?? 0).padStart(7),
  ]
  process.stdout.write(`${cells.join(' ')}\n`)
}

function complain(name: string, misses: readonly string[]): void {
  for (const miss of misses) {
    process.exitCode = 1
    process.stderr.write(`missed: ${name}: ${miss}\n`)
  }
}

function refusals(refused: number): string[] {
  return refused === 0 ? [] : [`${refused} calls were refused`]
}

function idleness(rateUsed: number): string[] {
  if (rateUsed >= limit.rate) return []
  return [`less than ${limit.rate * 100} % of the rate is used`]
}

function missed(run: Played, found: CallResult): string[] {
  const { done, rows, ratio, refused, rateUsed } = found
  const isJudged = run.isBound === true && found.used > 4 * found.allowed
  return [
    ...(done === rows ? [] : [`${done} of ${rows} rows are done`]),
    ...(ratio <= limit.ratio ? [] : [`the ratio is above ${limit.ratio}`]),
    ...refusals(refused),
    ...(isJudged ? idleness(rateUsed) : []),
  ]
}

await bench()

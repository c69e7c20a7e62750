/** The report of a soak: one table to read. */
import { invariants } from './invariant.js'
import type { Counts, Tally } from './tally.js'

export interface Report extends Tally {
  readonly name: string
  readonly seeds: string
  /** Seeds that were played twice, and how many of them differed. */
  readonly replayed: number
  readonly differing: number
  readonly seconds: number
  readonly node: string
}

function quantiles(counts: Counts): string {
  const sorted = Object.values(counts).toSorted((a, b) => a - b)
  const sum = total(counts)
  const median = sorted[sorted.length >> 1] ?? 0
  return `${sorted.length} kinds, ${sum} hits, least ${sorted[0] ?? 0}, median ${median}`
}

/** Names that never struck; a harness that misses one proves nothing of it. */
export function missed({ faults, crashes }: Tally): string[] {
  return [...Object.entries(faults), ...Object.entries(crashes)]
    .filter(([, count]) => count === 0)
    .map(([name]) => name)
}

/** A line for each kind of call. */
function byCall(faults: Counts): [string, string][] {
  const kinds = new Set(Object.keys(faults).map((name) => name.split(': ')[0]))
  return [...kinds].map((kind) => {
    const own = Object.entries(faults).filter(([name]) =>
      name.startsWith(`${kind}: `),
    )
    return [`  of ${kind}`, quantiles(Object.fromEntries(own))]
  })
}

/** Which promise is checked where, and how often it was broken. */
function promises({ breaches }: Tally): [string, string][] {
  return Object.entries(invariants).map(([name, { promise, by }]) => {
    const broken = breaches[name] ?? 0
    const checked =
      'oracle' in by ? `broken in ${broken}; ${by.oracle}.ts` : by.test
    return [name, `${promise}: ${checked}`]
  })
}

function share(part: number, whole: number): string {
  return `${((100 * part) / Math.max(whole, 1)).toPrecision(2)} %`
}

function listed(counts: Counts): string {
  const all = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return all.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
}

/** Upper bound, with 95 % confidence, where nothing failed. */
export function ruleOfThree(trials: number): string {
  return `${(300 / Math.max(trials, 1)).toPrecision(2)} %`
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

export function table(report: Report): string {
  const { trials, failures, breaches, requests, reads, ambiguous } = report
  const unclear = total(ambiguous)
  const of = (...names: string[]) =>
    names.reduce((sum, name) => sum + (breaches[name] ?? 0), 0)
  const rows: [string, string][] = [
    ['schedules', `${trials} (seeds ${report.seeds})`],
    [
      'violations',
      `${failures.length}${failures.length === 0 ? `; fewer than ${ruleOfThree(trials)} of schedules like these, 95 % sure` : `: ${listed(breaches)}`}`,
    ],
    ['divergences (INV-5)', String(of('INV-5'))],
    ['duplicate effects (INV-1)', String(of('INV-1'))],
    ['unexplained effects (INV-2, 3)', String(of('INV-2', 'INV-3'))],
    ['rows lost (INV-4)', String(of('INV-4'))],
    ['calls above a limit (INV-7)', String(report.overshoot)],
    ['faults', quantiles(report.faults)],
    ...byCall(report.faults),
    ['disk faults', String(report.diskFaults)],
    ['crashes', quantiles(report.crashes)],
    ['  by point', listed(report.crashes)],
    ['machines that slept', String(report.sleeps)],
    ['rows by final status', listed(report.statuses)],
    [
      'rows unresolved',
      `${report.statuses['unresolved'] ?? 0} of ${total(report.statuses)}, ${share(report.statuses['unresolved'] ?? 0, total(report.statuses))}`,
    ],
    ['unclear answers', `${unclear}: ${listed(ambiguous)}`],
    [
      'read again',
      `${(report.rereads / Math.max(report.ambiguousRows, 1)).toFixed(2)} calls for each of ${report.ambiguousRows} rows whose answer was unclear`,
    ],
    ['calls', `${requests}, of them ${reads} readings of leads`],
    ['replayed', `${report.replayed} seeds twice, ${report.differing} differ`],
    ...promises(report),
    [
      'time',
      `${report.seconds} s; ${Math.round(report.lasted / 3_600_000)} h of Marketo's; Node ${report.node}`,
    ],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
  return `${report.name}\n${lines.join('\n')}\n`
}

/** The report of a soak: one table to read. */
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
  const sum = sorted.reduce((total, count) => total + count, 0)
  const median = sorted[sorted.length >> 1] ?? 0
  return `${sorted.length} kinds, ${sum} hits, least ${sorted[0] ?? 0}, median ${median}`
}

/** Names that never struck; a harness that misses one proves nothing of it. */
export function missed({ faults, crashes }: Tally): string[] {
  return [...Object.entries(faults), ...Object.entries(crashes)]
    .filter(([, count]) => count === 0)
    .map(([name]) => name)
}

function listed(counts: Counts): string {
  const all = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return all.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
}

/** Upper bound, with 95 % confidence, where nothing failed. */
export function ruleOfThree(trials: number): string {
  return `${(300 / Math.max(trials, 1)).toPrecision(2)} %`
}

export function table(report: Report): string {
  const { trials, failures, breaches, requests, reads, ambiguous } = report
  const unclear = Object.values(ambiguous).reduce((a, b) => a + b, 0)
  const of = (...names: string[]) =>
    names.reduce((sum, name) => sum + (breaches[name] ?? 0), 0)
  const rows: [string, string][] = [
    ['schedules', `${trials} (seeds ${report.seeds})`],
    [
      'violations',
      `${failures.length}${failures.length === 0 ? `; fewer than ${ruleOfThree(trials)} of schedules like these, 95 % sure` : `: ${listed(breaches)}`}`,
    ],
    ['divergences (INV-5)', String(of('INV-5'))],
    ['merged or sent twice (INV-1)', String(of('INV-1'))],
    ['unexplained effects (INV-2, 3)', String(of('INV-2', 'INV-3'))],
    ['rows lost or misreported (INV-4)', String(of('INV-4'))],
    ['newer changes overwritten (INV-6)', String(of('INV-6'))],
    ['sends without intent (INV-8, 13)', String(of('INV-8', 'INV-13'))],
    ['opt-outs lost (INV-9)', String(of('INV-9'))],
    ['calls above a limit (INV-7)', String(report.overshoot)],
    ['faults', quantiles(report.faults)],
    ['disk faults', String(report.diskFaults)],
    ['crashes', quantiles(report.crashes)],
    ['machines that slept', String(report.sleeps)],
    ['rows by final status', listed(report.statuses)],
    ['unclear answers', `${unclear}: ${listed(ambiguous)}`],
    ['calls', `${requests}, of them ${reads} readings of leads`],
    ['replayed', `${report.replayed} seeds twice, ${report.differing} differ`],
    [
      'time',
      `${report.seconds} s; ${Math.round(report.lasted / 3_600_000)} h of Marketo's; Node ${report.node}`,
    ],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
  return `${report.name}\n${lines.join('\n')}\n`
}

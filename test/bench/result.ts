/** What the bench found, and how it is shown. */
import type { Report } from './child.js'

export interface Side {
  readonly seconds: number
  readonly cpu_seconds: number
  readonly peak_mb: number
}

export interface Comparison {
  readonly phase: string
  readonly ours: Side
  readonly bare: Side
  /** Our seconds for one of theirs. */
  readonly ratio: number
}

export interface Result {
  readonly leads: number
  readonly csv_mb: number
  readonly machine: string
  readonly repeat: number
  readonly comparisons: readonly Comparison[]
  readonly test_seconds: number
  readonly slowest: readonly { model: string; seconds: number; rows: number }[]
  readonly clusters: { readonly ours: number; readonly bare: number }
  readonly help: {
    readonly seconds: number
    readonly empty_seconds: number
    readonly ratio: number
  }
  readonly left_out: readonly string[]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

function side(reports: readonly Report[]): Side {
  return {
    seconds: median(reports.map(({ seconds }) => seconds)),
    cpu_seconds: median(reports.map(({ cpuSeconds }) => cpuSeconds)),
    peak_mb: Math.max(...reports.map(({ peakMegabytes }) => peakMegabytes)),
  }
}

export function compare(
  phase: string,
  ours: readonly Report[],
  bare: readonly Report[],
): Comparison {
  const [left, right] = [side(ours), side(bare)]
  return { phase, ours: left, bare: right, ratio: left.seconds / right.seconds }
}

const seconds = (value: number) => `${value.toFixed(2)} s`
const megabytes = (value: number) => `${Math.round(value)} MB`
const count = (value: number) => value.toLocaleString('en')

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return column === 0 ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function comparisonRow({ phase, ours, bare, ratio }: Comparison): string[] {
  return [
    phase,
    seconds(ours.seconds),
    seconds(bare.seconds),
    ratio.toFixed(2),
    seconds(ours.cpu_seconds),
    seconds(bare.cpu_seconds),
    megabytes(ours.peak_mb),
    megabytes(bare.peak_mb),
  ]
}

/** The result for people. */
export function shown(result: Result): string {
  const { help, slowest, clusters, left_out: leftOut } = result
  const heads = ['', 'ours', 'bare', 'ratio', 'CPU', 'CPU', 'peak', 'peak']
  const under = ['', '', 'DuckDB', '', 'ours', 'bare', 'ours', 'bare']
  const models = slowest.map((each) => [
    each.model,
    seconds(each.seconds),
    `${count(each.rows)} rows`,
  ])
  return [
    `${count(result.leads)} generated leads, ${count(Math.round(result.csv_mb))} MB of CSV`,
    `${result.machine}, medians of ${result.repeat}, peak memory of the largest`,
    '',
    table([heads, under, ...result.comparisons.map(comparisonRow)]),
    '',
    `pipeline --help takes ${seconds(help.seconds)}, an empty script ${seconds(help.empty_seconds)}, ratio ${help.ratio.toFixed(2)}`,
    '',
    `The slowest models, and ${seconds(result.test_seconds)} for the tests:`,
    table(models),
    '',
    `Clusters found: ${count(clusters.ours)}; by hand ${count(clusters.bare)}.`,
    'The script by hand does the same for one fixed set of rules, without:',
    ...leftOut.map((text) => `  - ${text}`),
    '',
  ].join('\n')
}

/** The charts of a pipeline's runs: which there are, and what they show. */
import type { RunRecord, TestRecord } from '../run/record.js'
import { type Chart, chartColor, drawChart, type Mark } from './chart.js'

/** What a chart needs of a run; counts only. */
export interface RunPoint {
  readonly at: string
  readonly status: string
  readonly leads: number
  /** Leads that a plan of this run would merge away. */
  readonly found: number
  readonly merged: number
  readonly optOutsKept: number
  readonly testsFailing: number
  readonly testsWarning: number
  readonly calls: number
  readonly seconds: number
}

type Countable = Omit<RunRecord, 'exports' | 'models' | 'tests'>

/** `tests` may leave out those that passed. */
export function runPoint(
  run: Countable,
  tests: readonly Pick<TestRecord, 'status'>[],
): RunPoint {
  const { plan, apply, ended_at: end, started_at: at } = run
  const count = (...wanted: readonly string[]) =>
    tests.filter(({ status }) => wanted.includes(status)).length
  return {
    at,
    status: run.status,
    leads: run.leads,
    found: plan?.losers ?? 0,
    merged: apply?.merged_leads ?? 0,
    optOutsKept: apply?.opt_outs_kept ?? 0,
    testsFailing: count('fail', 'error'),
    testsWarning: count('warn'),
    calls: run.calls.used,
    seconds: end === null ? 0 : (Date.parse(end) - Date.parse(at)) / 1000,
  }
}

type Series = Readonly<Record<string, (point: RunPoint) => number>>

interface Trend {
  readonly title: string
  readonly unit: string
  readonly kind: Chart['kind']
  readonly series: Series
  readonly colors: Readonly<Record<string, string>>
  /** Runs that never came so far say nothing here. */
  readonly counts: (point: RunPoint) => boolean
}

const all = () => true
const built = ({ leads }: RunPoint) => leads > 0

export const trends = {
  leads: {
    title: 'Leads',
    unit: 'leads',
    kind: 'line',
    series: { leads: ({ leads }) => leads },
    colors: { leads: chartColor.blue },
    counts: built,
  },
  duplicates: {
    title: 'Duplicates found and merged',
    unit: 'leads',
    kind: 'line',
    series: { found: ({ found }) => found, merged: ({ merged }) => merged },
    colors: { found: chartColor.orange, merged: chartColor.green },
    counts: built,
  },
  opt_outs: {
    title: 'Opt-outs of merged leads kept',
    unit: 'opt-outs',
    kind: 'bar',
    series: { kept: ({ optOutsKept }) => optOutsKept },
    colors: { kept: chartColor.purple },
    counts: built,
  },
  tests: {
    title: 'Tests failing',
    unit: 'tests',
    kind: 'bar',
    series: {
      failing: ({ testsFailing }) => testsFailing,
      warning: ({ testsWarning }) => testsWarning,
    },
    colors: { failing: chartColor.red, warning: chartColor.orange },
    counts: built,
  },
  calls: {
    title: 'API calls used',
    unit: 'calls',
    kind: 'bar',
    series: { calls: ({ calls }) => calls },
    colors: { calls: chartColor.blue },
    counts: all,
  },
  duration: {
    title: 'Time per run',
    unit: 'seconds',
    kind: 'bar',
    series: { run: ({ seconds }) => seconds },
    colors: { run: chartColor.grey },
    counts: ({ seconds }) => seconds > 0,
  },
} as const satisfies Record<string, Trend>

export type TrendName = keyof typeof trends

/** In the order in which pages show them. */
export const trendNames = Object.keys(trends).filter(
  (name): name is TrendName => name in trends,
)

/** A chart over runs; empty where no run has come so far. */
export async function drawTrend(
  name: TrendName,
  points: readonly RunPoint[],
): Promise<string> {
  return await drawChart(trendChart(name, points))
}

export function trendChart(
  name: TrendName,
  points: readonly RunPoint[],
): Chart {
  const trend: Trend = trends[name]
  const marks = points
    .filter((point) => trend.counts(point))
    .flatMap((point) =>
      Object.entries(trend.series).map(
        ([series, value]): Mark => ({
          at: point.at,
          series,
          value: value(point),
        }),
      ),
    )
  return {
    id: `trend-${name.replace('_', '-')}`,
    title: trend.title,
    kind: trend.kind,
    colors: trend.colors,
    ...(trend.unit === 'seconds' ? inTime(marks) : { unit: trend.unit, marks }),
  }
}

/** Seconds in the largest unit that leaves the longest more than a few. */
function inTime(marks: readonly Mark[]): Pick<Chart, 'unit' | 'marks'> {
  const longest = Math.max(...marks.map(({ value }) => value))
  const [unit, size] =
    longest >= 3 * 3600
      ? ['hours', 3600]
      : longest >= 3 * 60
        ? ['minutes', 60]
        : ['seconds', 1]
  return { unit, marks: marks.map((m) => ({ ...m, value: m.value / size })) }
}

/** How runs ended, day by day, stacked. */
export async function drawStatuses(
  points: readonly RunPoint[],
): Promise<string> {
  const counts = new Map<string, Mark>()
  for (const { at, status } of points) {
    const day = `${at.slice(0, 10)}T00:00:00.000Z`
    const key = `${day} ${status}`
    const value = (counts.get(key)?.value ?? 0) + 1
    counts.set(key, { at: day, series: status, value })
  }
  return await drawChart({
    id: 'trend-status',
    title: 'How runs ended',
    unit: 'runs',
    kind: 'bar',
    marks: [...counts.values()],
    colors: statusColors,
  })
}

const statusColors: Readonly<Record<string, string>> = {
  done: chartColor.green,
  review: chartColor.blue,
  needs_person: chartColor.purple,
  paused: chartColor.orange,
  guardrail: '#b8860b',
  failed: chartColor.red,
  interrupted: chartColor.grey,
  running: '#5f9ea0',
}

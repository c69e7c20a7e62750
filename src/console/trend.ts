/** Charts of a pipeline's runs, drawn once and kept until a run changes. */
import {
  drawTrend,
  type RunPoint,
  type TrendName,
  trendChart,
  trends,
} from '../report/trend.js'
import { inWords } from '../report/chart.js'
import { isOpen } from '../run/record.js'
import { Drawing } from './drawing.js'
import type { RunBrief } from './history.js'

export interface TrendView {
  readonly name: string
  readonly title: string
  /** Nothing but zeros. */
  readonly isFlat: boolean
  readonly drawing: Drawing
  /** The same in words. */
  readonly words: string
}

/** Runs that a chart shows. */
const most = 60

const kept = new WeakMap<readonly RunBrief[], Promise<TrendView[]>>()

/** Empty where no run has come so far. */
export async function trendViews(
  runs: readonly RunBrief[],
): Promise<TrendView[]> {
  const known = kept.get(runs)
  if (known !== undefined) return await known
  const drawn = drawAll(runs)
  kept.set(runs, drawn)
  return await drawn
}

async function drawAll(runs: readonly RunBrief[]): Promise<TrendView[]> {
  const points = runs
    .filter((run) => !isOpen(run))
    .slice(-most)
    .map(pointOf)
  const names = Object.keys(trends).filter(isTrend)
  const views = await Promise.all(
    names.map(async (name) => {
      const chart = trendChart(name, points)
      const words = inWords(chart)
      // An axis without a height says less than the words.
      const isFlat = chart.marks.every(({ value }) => value === 0)
      const svg = isFlat ? '' : await drawTrend(name, points)
      const { title } = trends[name]
      return { name, title, isFlat, drawing: new Drawing(svg), words }
    }),
  )
  return views.filter(({ words }) => words !== '')
}

function isTrend(name: string): name is TrendName {
  return name in trends
}

function pointOf(run: RunBrief): RunPoint {
  const { plan, apply, failing, ended_at: end, started_at: at } = run
  const count = (...wanted: readonly string[]) =>
    failing.filter(({ status }) => wanted.includes(status)).length
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
    minutes: end === null ? 0 : (Date.parse(end) - Date.parse(at)) / 60_000,
  }
}

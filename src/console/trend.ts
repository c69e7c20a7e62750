/** Charts of a pipeline's runs, drawn once and kept until a run changes. */
import {
  drawTrend,
  runPoint,
  trendChart,
  trendNames,
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
    .map((run) => runPoint(run, run.failing))
  const views = await Promise.all(
    trendNames.map(async (name) => {
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

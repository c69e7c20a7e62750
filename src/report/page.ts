/** The report as one file that loads and sends nothing. */
import Handlebars from 'handlebars'
import {
  counted,
  formatBytes,
  formatDuration,
  formatNumber,
} from '../format.js'
import type { RunRecord } from '../run/record.js'
import type { ReportFacts } from './fact.js'
import { pageTemplate } from './page-template.js'
import {
  drawStatuses,
  drawTrend,
  runPoint,
  trendNames,
  trends,
} from './trend.js'

/** Everything is escaped but the charts, which are drawn here. */
const environment = Handlebars.create()
environment.registerHelper({
  number: (value: number) => formatNumber(value),
  counted: (value: number, one: string, many: unknown) =>
    counted(value, one, typeof many === 'string' ? many : `${one}s`),
  bytes: (value: number) => formatBytes(value),
  minutes: (value: number) => formatDuration(value * 60),
  duration: (value: number) => formatDuration(value),
  moment: (at: string) =>
    at === '' ? '' : `${at.slice(0, 16).replace('T', ' ')} UTC`,
  words: (text: string) => text.replaceAll('_', ' '),
  chart: (svg: string) => new Handlebars.SafeString(svg),
})

const template = environment.compile(pageTemplate, { strict: true })

export async function reportPage(
  facts: ReportFacts,
  records: readonly RunRecord[],
): Promise<string> {
  const points = records
    .slice(-60)
    .map((record) => runPoint(record, record.tests))
  const charts: { title: string; svg: string }[] = []
  for (const name of trendNames) {
    const svg = await drawTrend(name, points)
    if (svg !== '') charts.push({ title: trends[name].title, svg })
  }
  const statuses = await drawStatuses(points)
  if (statuses !== '') charts.push({ title: 'How runs ended', svg: statuses })
  return template({ ...facts, charts, refused: refused(facts) })
}

/** What did not happen, and why, in a line each. */
function refused({ totals }: ReportFacts): string[] {
  const lines: [number, string][] = [
    [
      totals.held,
      `${counted(totals.held, 'plan was', 'plans were')} held until a person approves`,
    ],
    [
      totals.failed,
      `${counted(totals.failed, 'row was', 'rows were')} refused by Marketo`,
    ],
    [
      totals.unresolved,
      `${counted(totals.unresolved, 'row is', 'rows are')} unresolved: what Marketo did is not known, nothing sends them again`,
    ],
    [
      totals.stale,
      `${counted(totals.stale, 'row was', 'rows were')} left alone, because the leads or the plan were out of date`,
    ],
    [
      totals.cancelled,
      `${counted(totals.cancelled, 'row was', 'rows were')} cancelled`,
    ],
    [
      totals.differences,
      `${counted(totals.differences, 'field differs', 'fields differ')} from the prediction after a merge`,
    ],
    [
      totals.waiting,
      `${counted(totals.waiting, 'item waits', 'items wait')} for a person's decision`,
    ],
  ]
  return lines.filter(([count]) => count > 0).map(([, line]) => line)
}

/** Quality: tests, freshness, contract, rejected rows, sources, patterns. */
import { formatDuration } from '../format.js'
import { type Chart, chartColor, drawChart, inWords } from '../report/chart.js'
import { isOpen } from '../run/record.js'
import type { Queries } from '../warehouse/session.js'
import { Drawing } from './drawing.js'
import type { RunBrief } from './history.js'
import type { Page, Route } from './page.js'
import {
  changesByRun,
  contractChanges,
  duplicateMonths,
  duplicateSources,
  fieldPatterns,
  testHistory,
  testRuns,
} from './quality-facts.js'
import { rejectedRows } from './quality-reject.js'

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/quality',
  role: 'viewer',
  template: 'quality',
  async load({ project, params, clock }) {
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name } = file
    const { runs } = project.history(name)
    const facts = await project.published(name, factsOf)
    return {
      title: `Quality of ${name}`,
      pipeline: name,
      trail: [{ text: name, to: `/pipeline/${encodeURIComponent(name)}` }],
      model: {
        name,
        isPublished: facts !== null,
        tests: [],
        passing: 0,
        contract: [],
        sources: [],
        patterns: [],
        charts: [],
        ...facts,
        fresh: freshness(runs, clock.now()),
        rejected: await rejectedRows(project, name),
      },
    }
  },
}

async function factsOf(queries: Queries) {
  const tests = await testHistory(queries)
  const patterns = await fieldPatterns(queries)
  return {
    tests: tests
      .filter(({ bad }) => bad > 0)
      .map((test) => ({
        ...test,
        tone: toneOf(test.status),
        last: test.last.map((status) => ({ status, tone: toneOf(status) })),
      })),
    passing: tests.filter(({ status }) => status === 'pass').length,
    contract: await contractChanges(queries),
    sources: await duplicateSources(queries),
    patterns: patterns.map((pattern) => ({
      ...pattern,
      filledShare: pattern.filled / Math.max(pattern.changes, 1),
    })),
    charts: await chartsOf(queries),
  }
}

function toneOf(status: string): '' | 'good' | 'warn' | 'bad' {
  if (status === 'pass') return 'good'
  if (status === 'warn') return 'warn'
  return status === 'skipped' ? '' : 'bad'
}

/** How old what readers see is, and what the last runs brought. */
function freshness(runs: readonly RunBrief[], now: number) {
  const ended = runs.filter((run) => !isOpen(run))
  const published = ended.findLast(({ steps }) =>
    steps.some(({ step, status }) => step === 'publish' && status === 'done'),
  )
  const extracts = ended
    .filter(({ extract }) => extract !== null)
    .slice(-10)
    .toReversed()
  const publishedAt = published?.ended_at ?? ''
  const seconds = (now - Date.parse(publishedAt)) / 1000
  return {
    publishedAt,
    age: publishedAt === '' ? '' : formatDuration(Math.max(0, seconds)),
    extracts: extracts.map(({ run_id: run, extract }) => ({
      run,
      kind: extract?.kind ?? '',
      asOf: extract?.as_of ?? '',
      rows: extract?.rows ?? 0,
      bytes: extract?.bytes ?? 0,
      rejects: extract?.rejects ?? 0,
    })),
  }
}

async function chartsOf(queries: Queries) {
  const charts: Chart[] = [
    await testChart(queries),
    await sourceChart(queries),
    await patternChart(queries),
  ]
  const drawn = await Promise.all(
    charts.map(async (chart) => ({
      id: chart.id,
      title: chart.title,
      drawing: new Drawing(await drawChart(chart)),
      words: chart.marks.length === 0 ? '' : inWords(chart),
    })),
  )
  return drawn.filter(({ drawing }) => drawing.svg !== '')
}

async function testChart(queries: Queries): Promise<Chart> {
  const runs = await testRuns(queries)
  // A chart of nothing but zeros says less than the sentence below it.
  const isGood = runs.every(({ bad }) => bad === 0)
  return {
    id: 'tests',
    title: 'Tests that did not pass, by run',
    unit: 'tests',
    kind: 'bar',
    marks: isGood
      ? []
      : runs.map(({ at, bad }) => ({ at, value: bad, series: 'not passed' })),
    colors: { 'not passed': chartColor.orange },
  }
}

async function sourceChart(queries: Queries): Promise<Chart> {
  const months = await duplicateMonths(queries)
  return {
    id: 'duplicates',
    title: 'Leads and duplicates, by the month they were created',
    unit: 'leads',
    kind: 'line',
    marks: months.flatMap(({ month, created, duplicates }) => [
      { at: `${month}T00:00:00Z`, value: created, series: 'created' },
      { at: `${month}T00:00:00Z`, value: duplicates, series: 'duplicates' },
    ]),
    colors: { created: chartColor.blue, duplicates: chartColor.orange },
  }
}

async function patternChart(queries: Queries): Promise<Chart> {
  const days = await changesByRun(queries)
  return {
    id: 'patterns',
    title: 'Values changed, by run and field',
    unit: 'values',
    kind: 'bar',
    marks: days.map(({ at, field, changes }) => ({
      at,
      value: changes,
      series: field,
    })),
  }
}

export const qualityRoutes: readonly Route[] = [page]

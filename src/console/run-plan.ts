/** The plan of a run, row by row, with what became of each. */
import { csvLine, inertCell } from '../pipeline/csv.js'
import { findRun, trailOf } from './found-run.js'
import type { Download, Page, PageRequest, Route } from './page.js'
import { pageOf, pagesOf } from './paging.js'
import {
  type PlanQuery,
  outcomes,
  planFiles,
  searchPlan,
} from './plan-search.js'
import { type RowView, rowView } from './plan-row-view.js'

const size = 20
/** Rows of a download; more are the warehouse's business. */
const most = 100_000

async function rowsOf(request: PageRequest, asked: Partial<PlanQuery>) {
  const found = await findRun(request)
  if (found === null || found.run.plan === null) return null
  const { project, query, visitor } = request
  const files = planFiles(project, found.pipeline, found.run.plan.hash)
  if (files === null) return null
  const filter = {
    kind: query.get('kind') ?? '',
    status: query.get('status') ?? '',
    lead: (query.get('lead') ?? '').trim(),
  }
  const paging = { page: 0, size, ...asked }
  const { rows, total } = await searchPlan(project, files, {
    ...filter,
    ...paging,
    order: 'risk',
  })
  const reveal = visitor.role === 'operator'
  if (reveal) {
    await project.audit({
      ...visitor,
      what: 'read_values',
      pipeline: found.pipeline,
      about: `plan ${files.name}, ${rows.length} rows`,
    })
  }
  const views = rows.map((row) => rowView(row, reveal))
  return { found, filter, total, reveal, views, name: files.name }
}

function chosen(values: readonly string[], value: string) {
  return values.map((each) => ({ value: each, isChosen: each === value }))
}

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/run/:run/plan',
  role: 'viewer',
  template: 'run-plan',
  async load(request) {
    const number = pageOf(request.query)
    const read = await rowsOf(request, { page: number })
    if (read === null) return null
    const { found, filter, total, reveal, views, name } = read
    return {
      title: `Plan of run ${found.run.run_id}`,
      pipeline: found.pipeline,
      trail: trailOf(found),
      model: {
        pipeline: found.pipeline,
        id: found.run.run_id,
        name,
        lead: filter.lead,
        kinds: chosen(['merge', 'update', 'create'], filter.kind),
        statuses: chosen(outcomes, filter.status),
        reveal,
        total,
        rows: views,
        pages: pagesOf(number, total, size),
        again: new URLSearchParams(filter).toString(),
      },
    }
  },
}

const download: Download = {
  kind: 'download',
  path: '/pipeline/:name/run/:run/plan.csv',
  role: 'operator',
  async load(request) {
    const read = await rowsOf(request, { size: most })
    if (read === null) return null
    const file = `${read.found.pipeline}-plan-${read.name}.csv`
    return { type: 'text/csv', body: csvOf(read.views), file }
  },
}

const columns = [
  'row',
  'kind',
  'stays',
  'goes',
  'field',
  'before',
  'after',
  'from',
  'outcome',
  'note',
]

/** One line for each field that changes; no cell begins a formula. */
function csvOf(views: readonly RowView[]): string {
  const lines = views.flatMap((view) => {
    const [stays = '', ...goes] = view.leads
    const head = [view.row, view.kind, stays, goes.join(' ')]
    return view.fields.map(({ field, before, after, from }) => [
      ...head,
      field,
      before[0]?.text ?? '',
      after,
      from,
      view.status,
      view.note,
    ])
  })
  const rows = [columns, ...lines].map((row) => csvLine(row.map(inertCell)))
  // Without the mark, spreadsheets take UTF-8 for something else.
  return `\uFEFF${rows.join('\r\n')}\r\n`
}

export const runPlanRoutes: readonly Route[] = [page, download]

/** The plan that waits, riskiest first: look, decide, leave out, approve. */
import { badInput } from '../error.js'
import { leaveOut } from '../load/decide.js'
import { foldersOf } from '../run/folder.js'
import { lockFolder } from '../warehouse/lock.js'
import {
  type Action,
  goTo,
  type Page,
  type PageRequest,
  type Route,
} from './page.js'
import { pageOf, pagesOf } from './paging.js'
import { planFiles, searchPlan } from './plan-search.js'
import { rowView } from './plan-row-view.js'
import { decisionsOf, reviewTrail } from './review-item.js'
import { effectSaid } from './review-said.js'
import { waitingPlan } from './review-plan-state.js'
import { decide, decisionFile } from './settings-decision.js'
import { commitWords } from './settings-place.js'

const size = 20

async function planOf({ project, params }: PageRequest) {
  const file = await project.pipeline(params['name'])
  const hash = params['hash'] ?? ''
  if (file === null || file.loaded === null) return null
  const files = planFiles(project, file.name, hash)
  return files === null ? null : { file, files }
}

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/review/plan/:hash',
  role: 'viewer',
  template: 'review-plan',
  async load(request) {
    const found = await planOf(request)
    if (found === null) return null
    const { file, files } = found
    const { project, query, visitor } = request
    const { name } = file
    const kind = query.get('kind') === 'update' ? 'update' : 'merge'
    const isRandom = query.get('order') === 'random'
    const order = isRandom ? 'random' : 'risk'
    const number = isRandom ? 0 : pageOf(query)
    const { rows, total } = await searchPlan(project, files, {
      kind,
      order,
      status: 'open',
      lead: '',
      page: number,
      size,
    })
    const reveal = visitor.role === 'operator'
    if (reveal) {
      const about = `plan ${files.name}, ${rows.length} rows`
      const what = 'read_values'
      await project.audit({ ...visitor, what, pipeline: name, about })
    }
    const plan = await waitingPlan(project, file)
    return {
      title: `Plan ${files.name} of ${name}`,
      pipeline: name,
      trail: reviewTrail(name),
      model: {
        name,
        hash: files.name,
        kind,
        isRandom,
        isMerge: kind === 'merge',
        waits: plan?.files.name === files.name,
        stale: plan?.stale ?? '',
        left: plan?.left ?? 0,
        total,
        reveal,
        rows: rows.map((row) => {
          const view = rowView(row, reveal)
          const [stays = '', ...goes] = view.leads
          return { ...view, stays, goes }
        }),
        pages: pagesOf(number, isRandom ? 0 : total, size),
        again: new URLSearchParams({ kind }).toString(),
      },
    }
  },
}

/** The rows that are ticked do not go with this plan. */
const leave: Action = {
  kind: 'action',
  path: '/pipeline/:name/review/plan/:hash/leave',
  role: 'operator',
  async act(request) {
    const found = await planOf(request)
    if (found === null) return null
    const { file, files } = found
    const { project, visitor, form } = request
    const { who, role } = visitor
    const rows = form.getAll('row').slice(0, 1000)
    if (rows.length === 0) {
      throw badInput('bad_form', 'Tick the rows that are to be left out.')
    }
    const lock = await lockFolder(foldersOf(project.dir, file.name).root)
    let count = 0
    try {
      count = await leaveOut(files.path, rows, who)
    } finally {
      await lock.release()
    }
    const { name: pipeline } = file
    const about = `${count} rows of plan ${files.name}`
    await project.audit({ who, role, what: 'leave_out', pipeline, about })
    const text = `${count} ${count === 1 ? 'row is' : 'rows are'} left out of this plan; the next plan may hold them again.`
    return goTo(planPath(pipeline, files.name), 'good', text)
  },
}

/** A decision on the leads of one row. */
const decideRow: Action = {
  kind: 'action',
  path: '/pipeline/:name/review/plan/:hash/decide',
  role: 'operator',
  async act(request) {
    const found = await planOf(request)
    if (found === null) return null
    const { file, files } = found
    const { form, visitor, project } = request
    const leads = await leadsOf(project, files, form.get('row') ?? '')
    if (leads === null) return null
    const decisions = decisionsOf(form, visitor.who, leads)
    await decide(request, file, { change: 'add', decisions })
    const effect = await effectSaid(request, file.name)
    const text = `Written down. ${effect}Plan again to have it in the plan. ${commitWords([decisionFile(file.name)])}`
    return goTo(planPath(file.name, files.name), 'good', text)
  },
}

async function leadsOf(
  project: PageRequest['project'],
  files: NonNullable<ReturnType<typeof planFiles>>,
  name: string,
): Promise<readonly string[] | null> {
  const winner = /^(\d{1,18})$/.exec(name)?.[1]
  if (winner === undefined) return null
  const { rows } = await searchPlan(project, files, {
    kind: 'merge',
    status: '',
    lead: winner,
    page: 0,
    size: 1,
  })
  const [found] = rows
  if (found === undefined || found.row.kind !== 'merge') return null
  return [found.row.winner, ...found.row.losers]
}

function planPath(pipeline: string, hash: string): string {
  const name = encodeURIComponent(pipeline)
  return `/pipeline/${name}/review/plan/${hash}`
}

export const planRoutes: readonly Route[] = [page, leave, decideRow]

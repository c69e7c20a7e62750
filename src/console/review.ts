/** What waits for a person: doubtful duplicates, and a plan to approve. */
import { instant } from '../clock.js'
import { formatShare } from '../format.js'
import type { Page, PageRequest, Route } from './page.js'
import { pageOf, pagesOf } from './paging.js'
import type { PipelineFile } from './pipeline-file.js'
import { effectOn, effectWords } from './review-effect.js'
import { itemRoutes } from './review-item.js'
import { leftOpen, openActions } from './review-open.js'
import { planRoutes } from './review-plan.js'
import { waitingPlan } from './review-plan-state.js'
import {
  decisionsJson,
  type QueueItem,
  readQueue,
  risksOf,
} from './review-queue.js'

const size = 20

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/review',
  role: 'viewer',
  template: 'review',
  async load(request) {
    const { project, params, query, clock } = request
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name } = file
    const number = pageOf(query)
    const day = instant(clock).slice(0, 10)
    const decisions = decisionsJson(file.loaded?.pipeline.overrides ?? [], day)
    const queue = await project.published(
      name,
      async (queries) =>
        await readQueue(queries, decisions, { page: number, size }),
    )
    const { frozen, begun } = await leftOpen(project, name)
    const { isRunning } = await project.last(name)
    return {
      title: `Review ${name}`,
      pipeline: name,
      trail: [{ text: name, to: `/pipeline/${encodeURIComponent(name)}` }],
      model: {
        name,
        problem: file.problem,
        isPublished: queue !== null,
        total: queue?.total ?? 0,
        decided: queue?.decided ?? 0,
        items: (queue?.items ?? []).map(itemLine),
        pages: pagesOf(number, queue?.total ?? 0, size),
        again: '',
        plan: await planShown(request, file, decisions),
        begun: isRunning ? [] : begun,
        frozen: frozen.map((row) => ({ ...row, first: row.leads[0] ?? '' })),
      },
    }
  },
}

function itemLine(found: QueueItem) {
  const { item, kind, service, reason, probability, leads } = found
  return {
    item,
    kind,
    service,
    reason,
    leads,
    leadIds: found.leadIds.slice(0, 6),
    more: Math.max(0, leads - 6),
    probability: probability === null ? '' : formatShare(probability),
    risks: risksOf(found),
  }
}

/** The plan that waits, as the page shows it; null: none. */
async function planShown(
  { project }: PageRequest,
  file: PipelineFile,
  decisions: string,
) {
  if (file.loaded === null) return null
  const plan = await waitingPlan(project, file)
  if (plan === null) return null
  const { header, files, left, leftOut, stale, broken } = plan
  const effect = await effectOn(project, files, decisions)
  return {
    hash: files.name,
    merges: header.merges,
    losers: header.losers,
    updates: header.updates,
    calls: header.price.calls,
    asOf: header.asOf,
    left,
    leftOut,
    stale,
    broken,
    same: effect?.same ?? header.merges,
    effects: effect === null ? [] : effectWords(effect),
  }
}

export const reviewRoutes: readonly Route[] = [
  page,
  ...itemRoutes,
  ...planRoutes,
  ...openActions,
]

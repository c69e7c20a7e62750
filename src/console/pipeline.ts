/** One pipeline: what it does, how it did, what changed. */
import { isOpen } from '../run/record.js'
import { changeLines } from './change.js'
import { healthOf, successOf } from './health.js'
import type { RunBrief } from './history.js'
import { nextRun } from './next-run.js'
import type { Page, Route } from './page.js'
import { pageOf, pagesOf } from './paging.js'
import { policyLines, scheduleWords } from './policy-words.js'
import { runLine } from './run-words.js'
import { serviceWords } from './service-words.js'
import { trendViews } from './trend.js'

const size = 25

/** The last twelve in which it ran, newest first. */
function monthsOf(runs: readonly RunBrief[]): string[] {
  const months = runs.map(({ started_at: at }) => at.slice(0, 7))
  return [...new Set(months)].slice(-12).toReversed()
}

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name',
  role: 'viewer',
  template: 'pipeline',
  async load({ project, params, query, clock }) {
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name, loaded, problem } = file
    const pipeline = loaded?.pipeline ?? null
    const { last, isRunning } = await project.last(name)
    const { runs, damaged } = project.history(name)
    const next = nextRun(pipeline, {
      runs,
      now: clock.now(),
      known: file.changedAt,
    })
    const { overdueSince } = next
    const ended = runs.filter((run) => !isOpen(run))
    const [before, newest] = ended.slice(-2)
    const number = pageOf(query)
    const listed = runs.toReversed().slice(number * size, (number + 1) * size)
    return {
      title: name,
      pipeline: name,
      trail: [{ text: name, to: `/pipeline/${name}` }],
      refresh: isRunning ? 15 : 0,
      model: {
        name,
        description: pipeline?.description ?? '',
        owner: pipeline?.owner ?? '',
        groups: pipeline?.groups ?? [],
        problem,
        health: healthOf({ problem, last, isRunning, overdueSince }),
        isRunning,
        canStart: loaded !== null && !isRunning,
        lastId: last?.run_id ?? '',
        success: successOf(runs),
        next,
        services: (pipeline?.services ?? []).map(serviceWords),
        policy: pipeline === null ? [] : policyLines(pipeline),
        schedule: pipeline === null ? '' : scheduleWords(pipeline),
        charts: await trendViews(runs),
        changes: before && newest ? changeLines(newest, before) : [],
        runs: listed.map((run) =>
          runLine(run.run_id === last?.run_id ? last : run),
        ),
        total: runs.length,
        damaged,
        months: monthsOf(runs),
        pages: pagesOf(number, runs.length, size),
        again: '',
      },
    }
  },
}

export const pipelineRoutes: readonly Route[] = [page]

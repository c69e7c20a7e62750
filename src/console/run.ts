/** One run: its steps, problems, results, plan and log. */
import {
  countLog,
  expectedOf,
  findRun,
  type FoundRun,
  trailOf,
} from './found-run.js'
import { lineView } from './log-line.js'
import { searchLog } from './log-search.js'
import type { Page, Route } from './page.js'
import { headerOf, outcomeCounts, outcomes, planFiles } from './plan-search.js'
import { problemsOf } from './problem.js'
import type { Project } from './project.js'
import { resultFacts } from './result.js'
import { runLive } from './run-live.js'
import { runActions } from './run-action.js'
import { statusWords, tookWords } from './run-words.js'
import { stepViews } from './step-view.js'

async function planOf(project: Project, { pipeline, run }: FoundRun) {
  if (run.plan === null) return null
  const files = planFiles(project, pipeline, run.plan.hash)
  if (files === null) return null
  const [header, counts] = await Promise.all([
    headerOf(files),
    outcomeCounts(project, files),
  ])
  if (header === null) return null
  return {
    name: files.name,
    header,
    canApply: run.plan.needs_approval && counts.size === 0,
    outcomes: outcomes
      .map((status) => ({ status, count: counts.get(status) ?? 0 }))
      .filter(({ count }) => count > 0),
  }
}

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/run/:run',
  role: 'viewer',
  template: 'run',
  async load(request) {
    const { project } = request
    const found = await findRun(request)
    if (found === null) return null
    const { pipeline, run, isRunning, log } = found
    const counter = isRunning ? await countLog(log) : null
    const tail = { file: log, level: 'info', text: '', page: null, size: 30 }
    const { lines, total } = await searchLog(project, tail)
    return {
      title: `Run ${run.run_id} of ${pipeline}`,
      pipeline,
      trail: trailOf(found),
      refresh: isRunning ? 5 : 0,
      model: {
        pipeline,
        id: run.run_id,
        isRunning,
        ...statusWords(isRunning ? 'running' : run.status),
        startedAt: run.started_at,
        endedAt: run.ended_at,
        took: tookWords(run),
        resumedFrom: run.resumed_from,
        steps: stepViews(run, counter, expectedOf(project, pipeline)),
        problems: problemsOf(run, !isRunning),
        facts: resultFacts(run),
        notes: run.notes ?? [],
        plan: await planOf(project, found),
        log: { lines: lines.map(lineView), total },
      },
    }
  },
}

export const runRoutes: readonly Route[] = [page, runLive, ...runActions]

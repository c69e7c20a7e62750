/** The whole log of a run. */
import { readFile } from 'node:fs/promises'
import { findRun, trailOf } from './found-run.js'
import { lineView } from './log-line.js'
import { levels, searchLog } from './log-search.js'
import type { Download, Page, Route } from './page.js'
import { pageOf, pagesOf } from './paging.js'

const size = 100

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/run/:run/log',
  role: 'viewer',
  template: 'run-log',
  async load(request) {
    const found = await findRun(request)
    if (found === null) return null
    const { query, project } = request
    const asked = query.get('level') ?? ''
    const level = levels.includes(asked) ? asked : 'info'
    const text = (query.get('q') ?? '').slice(0, 200)
    const number = pageOf(query)
    const { lines, total } = await searchLog(project, {
      file: found.log,
      level,
      text,
      page: number,
      size,
    })
    return {
      title: `Log of run ${found.run.run_id}`,
      pipeline: found.pipeline,
      trail: trailOf(found),
      refresh: found.isRunning ? 10 : 0,
      model: {
        pipeline: found.pipeline,
        id: found.run.run_id,
        text,
        levels: levels.map((name) => ({ name, isChosen: name === level })),
        total,
        lines: lines.map(lineView),
        pages: pagesOf(number, total, size),
        again: new URLSearchParams({ level, q: text }).toString(),
      },
    }
  },
}

const download: Download = {
  kind: 'download',
  path: '/pipeline/:name/run/:run/log.jsonl',
  role: 'viewer',
  async load(request) {
    const found = await findRun(request)
    if (found === null) return null
    const body = await readFile(found.log, 'utf8').catch(() => '')
    const file = `${found.pipeline}-${found.run.run_id}.jsonl`
    return { type: 'text/plain', body, file }
  },
}

export const runLogRoutes: readonly Route[] = [page, download]

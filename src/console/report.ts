/** Reports of a run or a month, to keep and to pass on. */
import { reportFacts, type Period } from '../report/fact.js'
import { reportPage } from '../report/page.js'
import type { Download, PageRequest, Route } from './page.js'

async function reportOf(request: PageRequest, period: Period, label: string) {
  const { project, params } = request
  const file = await project.pipeline(params['name'])
  if (file === null || file.loaded === null) return null
  const { pipeline } = file.loaded
  const { facts, records } = await reportFacts(project.dir, pipeline, period)
  const body = await reportPage(facts, records)
  const name = `${file.name}-${label}.html`
  return { type: 'text/html', body, file: name } as const
}

const ofRun: Download = {
  kind: 'download',
  path: '/pipeline/:name/run/:run/report.html',
  role: 'viewer',
  async load(request) {
    const { run = '' } = request.params
    return await reportOf(request, { kind: 'run', id: run }, run)
  },
}

const ofMonth: Download = {
  kind: 'download',
  path: '/pipeline/:name/report.html',
  role: 'viewer',
  async load(request) {
    const month = request.query.get('month') ?? ''
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return null
    return await reportOf(request, { kind: 'month', month }, month)
  },
}

export const reportRoutes: readonly Route[] = [ofRun, ofMonth]

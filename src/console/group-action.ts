/** A whole group at once, as `pipeline run group:NAME` and `stop` do. */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { counted } from '../format.js'
import { programFile } from '../run/launch.js'
import { requestStop } from '../run/stop-request.js'
import type { Action, ActionRequest, ActionResult } from './page.js'
import { consoleFolder } from './token.js'

/** Runs at the same time; the others wait for their turn. */
const jobs = 2

/** Names of the group that the form says; null where there is no such group. */
async function membersOf({ project, form }: ActionRequest) {
  const group = form.get('group') ?? ''
  const files = await project.pipelines()
  const names = files
    .filter(({ loaded }) => loaded?.pipeline.groups.includes(group) === true)
    .map(({ name }) => name)
  return names.length === 0 ? null : { group, names }
}

function back(group: string, text: string): ActionResult {
  const to = `/?group=${encodeURIComponent(group)}`
  return { kind: 'go', to, say: { tone: 'good', text } }
}

const start: Action = {
  kind: 'action',
  path: '/group/start',
  role: 'operator',
  async act(request) {
    const members = await membersOf(request)
    if (members === null) return null
    const { group, names } = members
    const { project, visitor, clock } = request
    const stamp = new Date(clock.now()).toISOString().replace(/\D/g, '')
    const file = join(consoleFolder(project.dir), `group-${stamp}.out`)
    const written = openSync(file, 'ax', 0o600)
    try {
      const words = ['run', `group:${group}`, '--jobs', String(jobs)]
      const child = spawn(
        process.execPath,
        [programFile(), '--project-dir', project.dir, ...words],
        {
          cwd: project.dir,
          env: { ...project.env },
          detached: true,
          stdio: ['ignore', written, written],
        },
      )
      child.on('error', () => {})
      child.unref()
    } finally {
      closeSync(written)
    }
    const about = `group ${group}, ${names.length} pipelines`
    await project.audit({ ...visitor, what: 'start_group', about })
    return back(
      group,
      `Started ${counted(names.length, 'pipeline')} of ${group}, ${jobs} at a time. What fails stops none of the others.`,
    )
  },
}

const stop: Action = {
  kind: 'action',
  path: '/group/stop',
  role: 'operator',
  async act(request) {
    const members = await membersOf(request)
    if (members === null) return null
    const { group, names } = members
    const { project, visitor, clock } = request
    const { who } = visitor
    const asked = await Promise.all(
      names.map((name) => requestStop(project.dir, name, { who, clock })),
    )
    const running = asked.filter(({ kind }) => kind === 'run').length
    const about = `group ${group}, ${running} runs`
    await project.audit({ ...visitor, what: 'stop_group', about })
    return back(
      group,
      `Asked ${counted(running, 'run')} of ${group} to end after the row in flight. Those that wait for their turn still begin; stop them when they have.`,
    )
  },
}

export const groupActions = [start, stop] as const

/** A whole group at once, as `pipeline run group:NAME` and `stop` do. */
import { join } from 'node:path'
import { counted } from '../format.js'
import { spawnProgram } from '../run/program-process.js'
import { requestStop } from '../run/stop-request.js'
import { type Action, type ActionRequest, goTo } from './page.js'
import { consoleFolder } from './token.js'

/** Runs at the same time; the others wait for their turn. */
const jobs = 2

interface Group {
  readonly group: string
  /** Of its pipelines; never empty. */
  readonly names: readonly string[]
}

/** The group that the form says; null where no pipeline is in it. */
async function groupOf({
  project,
  form,
}: ActionRequest): Promise<Group | null> {
  const group = form.get('group') ?? ''
  const files = await project.pipelines()
  const names = files
    .filter(({ loaded }) => loaded?.pipeline.groups.includes(group) === true)
    .map(({ name }) => name)
  return names.length === 0 ? null : { group, names }
}

interface Done {
  /** For the audit: how much it took in. */
  readonly about: string
  /** For who asked for it. */
  readonly text: string
}

function groupAction(
  verb: 'start' | 'stop',
  act: (group: Group, request: ActionRequest) => Promise<Done> | Done,
): Action {
  return {
    kind: 'action',
    path: `/group/${verb}`,
    role: 'operator',
    async act(request) {
      const found = await groupOf(request)
      if (found === null) return null
      const { group } = found
      const { about, text } = await act(found, request)
      await request.project.audit({
        ...request.visitor,
        what: `${verb}_group`,
        about: `group ${group}, ${about}`,
      })
      return goTo(`/?group=${encodeURIComponent(group)}`, 'good', text)
    },
  }
}

const start = groupAction('start', ({ group, names }, { project, clock }) => {
  const stamp = new Date(clock.now()).toISOString().replace(/\D/g, '')
  const child = spawnProgram({
    projectDir: project.dir,
    words: ['run', `group:${group}`, '--jobs', String(jobs)],
    env: project.env,
    cwd: project.dir,
    output: join(consoleFolder(project.dir), `group-${stamp}.out`),
  })
  child.on('error', () => {})
  child.unref()
  return {
    about: `${names.length} pipelines`,
    text: `Started ${counted(names.length, 'pipeline')} of ${group}, ${jobs} at a time. What fails stops none of the others.`,
  }
})

const stop = groupAction('stop', async ({ group, names }, request) => {
  const { project, visitor, clock } = request
  const { who } = visitor
  const asked = await Promise.all(
    names.map((name) => requestStop(project.dir, name, { who, clock })),
  )
  const running = asked.filter(({ kind }) => kind === 'run').length
  return {
    about: `${running} runs`,
    text: `Asked ${counted(running, 'run')} of ${group} to end after the row in flight. Those that wait for their turn still begin; stop them when they have.`,
  }
})

export const groupActions = [start, stop] as const

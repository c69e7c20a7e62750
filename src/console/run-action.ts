/** Starting and stopping from a page, as the commands do. */
import { asError, PipelineError } from '../error.js'
import { launchRun } from '../run/launch.js'
import { requestStop } from '../run/stop-request.js'
import {
  type Action,
  type ActionRequest,
  type ActionResult,
  goTo,
} from './page.js'
import { planFiles } from './plan-search.js'
import { localPath } from './template.js'

/** What the start button can mean, by its value. */
const starts: Readonly<Record<string, (name: string) => readonly string[]>> = {
  run: (name) => ['run', name],
  plan: (name) => ['plan', name],
  full: (name) => ['run', name, '--full-refresh'],
}

const start: Action = {
  kind: 'action',
  path: '/pipeline/:name/start',
  role: 'operator',
  async act(request) {
    const { project, params, form } = request
    const file = await project.pipeline(params['name'])
    const command = starts[form.get('what') ?? 'run']
    if (file === null || command === undefined) return null
    return await launched(request, file.name, command(file.name))
  },
}

const apply: Action = {
  kind: 'action',
  path: '/pipeline/:name/plan/:hash/apply',
  role: 'operator',
  async act(request) {
    const { project, params, visitor } = request
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const plan = planFiles(project, file.name, params['hash'] ?? '')
    if (plan === null) return null
    const words = ['--plan', plan.name, `--who=${visitor.who}`]
    return await launched(request, file.name, ['apply', file.name, ...words])
  },
}

/** The run's own words where it did not begin. */
async function launched(
  { project, visitor }: ActionRequest,
  pipeline: string,
  command: readonly string[],
): Promise<ActionResult> {
  const { who, role } = visitor
  try {
    const { runId } = await launchRun({
      projectDir: project.dir,
      pipeline,
      command,
      env: project.env,
    })
    await project.audit({ who, role, what: 'start', pipeline, about: runId })
    const text =
      'Started. It goes on when this page, or the console, is closed.'
    return goTo(localPath(['pipeline', pipeline, 'run', runId]), 'good', text)
  } catch (thrown) {
    const error = asError(thrown)
    if (!(error instanceof PipelineError)) throw error
    return goTo(localPath(['pipeline', pipeline]), 'bad', error.message)
  }
}

const stop: Action = {
  kind: 'action',
  path: '/pipeline/:name/stop',
  role: 'operator',
  async act({ project, params, visitor, clock }) {
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name } = file
    const { who, role } = visitor
    const found = await requestStop(project.dir, name, { who, clock })
    if (found.kind !== 'run') {
      const text =
        found.kind === 'idle'
          ? `${name} does not run.`
          : `${name} is in use by another command than a run, which ends by itself.`
      return goTo(localPath(['pipeline', name]), 'bad', text)
    }
    const id = found.run.run_id
    await project.audit({ who, role, what: 'stop', pipeline: name, about: id })
    const text =
      'Asked to stop. It ends after the row in flight; what was sent is recorded, and the next run continues.'
    return goTo(localPath(['pipeline', name, 'run', id]), 'good', text)
  },
}

export const runActions = [start, apply, stop] as const

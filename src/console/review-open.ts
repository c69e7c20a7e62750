/** What an earlier plan left open: rows to look at, and a plan to go on with. */
import { instant } from '../clock.js'
import { badInput } from '../error.js'
import { counted } from '../format.js'
import { readJournal } from '../load/journal.js'
import { journalPlace } from '../load/place.js'
import { planName } from '../load/plan-file.js'
import { cancelBegun } from '../run/cancel.js'
import { foldersOf } from '../run/folder.js'
import { type FrozenRow, frozenRowsOf, releaseFrozen } from '../run/frozen.js'
import { type Action, goTo } from './page.js'
import type { Project } from './project.js'
import { localPath } from './template.js'

/** Runs of old have ended, or another one went on with their plan. */
const lastRuns = 200

export interface LeftOpen {
  /** Rows that nobody could resolve, in the order of their plans. */
  readonly frozen: readonly FrozenRow[]
  /** First digits of plans that were begun and are not over. */
  readonly begun: readonly string[]
}

/** Looks only into journals of runs that did not come to a good end. */
export async function leftOpen(
  project: Project,
  pipeline: string,
): Promise<LeftOpen> {
  const { root } = foldersOf(project.dir, pipeline)
  const { runs } = project.history(pipeline, lastRuns)
  const plans = runs.flatMap(({ plan, status, apply }) =>
    plan !== null && (status !== 'done' || (apply?.unresolved ?? 0) > 0)
      ? planName(plan.hash)
      : [],
  )
  const frozen: FrozenRow[] = []
  const begun: string[] = []
  for (const plan of new Set(plans)) {
    const state = await readJournal(journalPlace(root, plan).journal)
    if (state === null) continue
    if (state.begun && state.end === null) begun.push(plan)
    frozen.push(...(await frozenRowsOf({ root }, plan, state)))
  }
  return { frozen, begun }
}

/** Somebody looked at a row in Marketo: plans may touch its leads again. */
const release: Action = {
  kind: 'action',
  path: '/pipeline/:name/review/release',
  role: 'operator',
  async act({ project, params, form, visitor, clock }) {
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name: pipeline } = file
    const { who, role } = visitor
    const lead = form.get('lead') ?? ''
    if (!/^\d{1,18}$/.test(lead)) {
      throw badInput('bad_form', 'The form names no lead.')
    }
    const rows = await releaseFrozen({
      folders: foldersOf(project.dir, pipeline),
      leads: [lead],
      who,
      when: instant(clock),
    })
    const about = rows.map(({ plan, row }) => `${row} of ${plan}`).join(', ')
    await project.audit({ who, role, what: 'release', pipeline, about })
    const leads = rows.reduce((sum, row) => sum + row.leads.length, 0)
    const text = `${counted(leads, 'lead')} may be touched again; the next plan says what they need.`
    return goTo(localPath(['pipeline', pipeline, 'review']), 'good', text)
  },
}

/** Ends what was begun, so that no run goes on with it. */
const cancel: Action = {
  kind: 'action',
  path: '/pipeline/:name/review/cancel',
  role: 'operator',
  async act({ project, params, visitor }) {
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name: pipeline } = file
    const { who, role } = visitor
    const ended = await cancelBegun(foldersOf(project.dir, pipeline), who)
    const about = ended.map(({ plan }) => plan).join(', ') || 'nothing'
    await project.audit({ who, role, what: 'cancel', pipeline, about })
    const rows = ended.reduce((sum, { counts }) => sum + counts.cancelled, 0)
    const text =
      ended.length === 0
        ? 'No plan was begun that is not over.'
        : `Ended for good; ${counted(rows, 'row was', 'rows were')} cancelled. The next run makes a new plan.`
    return goTo(localPath(['pipeline', pipeline, 'review']), 'good', text)
  },
}

export const openActions = [release, cancel] as const

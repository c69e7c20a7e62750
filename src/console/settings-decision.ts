/** People's decisions, added, ended and removed. */
import { foldersOf } from '../run/folder.js'
import { changeOverrides } from '../run/edit-override.js'
import { overrideKinds, type OverrideKind } from '../pipeline/override.js'
import type { OverrideEdit, OverrideForm } from '../pipeline/override-edit.js'
import { badInput } from '../error.js'
import { instant } from '../clock.js'
import { type Action, type ActionRequest, goTo } from './page.js'
import type { PipelineFile } from './pipeline-file.js'
import {
  commitWords,
  freshLoaded,
  placeOf,
  settingsPath,
} from './settings-place.js'

/** The file of decisions as a person would type it. */
export function decisionFile(name: string): string {
  return `pipelines/${name}.override.csv`
}

/** Takes a change into the override file, and says so in the audit. */
export async function decide(
  { project, visitor }: Pick<ActionRequest, 'project' | 'visitor'>,
  { name, path }: Pick<PipelineFile, 'name' | 'path'>,
  edit: OverrideEdit,
): Promise<void> {
  await changeOverrides({
    folders: foldersOf(project.dir, name),
    file: path,
    load: async () => await freshLoaded(project, { path }),
    edit,
  })
  const about =
    edit.change === 'add'
      ? edit.decisions.map(({ kind, leadId }) => `${kind} ${leadId}`).join(', ')
      : `${edit.change} ${edit.subject}`
  const { who, role } = visitor
  await project.audit({ who, role, what: 'decide', pipeline: name, about })
}

/** The decision that a form describes, by whoever is logged in. */
export function decisionOf(form: URLSearchParams, who: string): OverrideForm {
  const typed = (key: string) => form.get(key)?.trim() ?? ''
  return {
    kind: kindOf(typed('kind')),
    leadId: typed('lead_id'),
    otherId: typed('other_id'),
    field: typed('field'),
    value: typed('value'),
    author: who,
    reason: typed('reason'),
    until: typed('until'),
  }
}

function kindOf(text: string): OverrideKind {
  const kind = overrideKinds.find((each) => each === text)
  if (kind !== undefined) return kind
  throw badInput('bad_form', 'Say what was decided, and send the form again.')
}

const add: Action = {
  kind: 'action',
  path: '/pipeline/:name/settings/decision',
  role: 'operator',
  async act(request) {
    const place = await placeOf(request)
    if (place === null) return null
    const { form, visitor } = request
    const change = form.get('change')
    const subject = form.get('subject') ?? ''
    const edit: OverrideEdit =
      change === 'remove'
        ? { change, subject }
        : change === 'expire'
          ? { change, subject, until: dayBefore(request) }
          : { change: 'add', decisions: [decisionOf(form, visitor.who)] }
    await decide(request, place, edit)
    const text = `${said(edit)} The next plan counts with it. ${commitWords([decisionFile(place.name)])}`
    return goTo(`${settingsPath(place.name)}#decision`, 'good', text)
  },
}

function said(edit: OverrideEdit): string {
  if (edit.change === 'remove')
    return `Removed the decision on ${edit.subject}.`
  if (edit.change === 'expire') return `Ended the decision on ${edit.subject}.`
  return 'Written down.'
}

/** A decision that ends holds up to and with yesterday. */
function dayBefore({ clock }: ActionRequest): string {
  const yesterday = clock.now() - 86_400_000
  return instant({ now: () => yesterday }).slice(0, 10)
}

export const decisionActions = [add] as const

/** A change of a pipeline file: shown as a difference, then saved. */
import {
  type Change,
  proposeEdits,
  proposeText,
  saveText,
} from '../pipeline/edit.js'
import type { Edit } from '../pipeline/edit-text.js'
import { parsePipeline } from '../pipeline/load.js'
import { nextRuns } from '../schedule/next.js'
import { lockFolder } from '../warehouse/lock.js'
import { join } from 'node:path'
import { foldersOf } from '../run/folder.js'
import {
  type Action,
  type ActionRequest,
  type ActionResult,
  goTo,
} from './page.js'
import {
  commitWords,
  type Place,
  placeOf,
  settingsPath,
  settingsTrail,
} from './settings-place.js'
import { alertEdits } from './settings-alert.js'
import { refreshExports } from './settings-export.js'
import { editsOf } from './settings-form.js'
import { momentWords } from './template.js'
import { partInputs } from './settings-part.js'
import { serviceEdits, servicesOf } from './settings-service.js'

/** Bytes of a form that carries a whole file. */
const limit = 3_000_000

/** Shows what the forms of the settings page would change. */
const change: Action = {
  kind: 'action',
  path: '/pipeline/:name/settings/change',
  role: 'operator',
  limit,
  async act(request) {
    const place = await placeOf(request)
    if (place === null) return null
    const base = request.project.dir
    const text = request.form.get('text')
    if (text !== null) {
      return shown(request, place, await proposeText(place.path, text, base))
    }
    const edits = editsFrom(place, request.form)
    return shown(request, place, await proposeEdits(place.path, edits, base))
  },
}

function editsFrom(place: Place, form: URLSearchParams): Edit[] {
  if (form.has('alert')) return alertEdits(form, place.value)
  const service = form.get('service')
  if (service === null) {
    const inputs = partInputs(form.get('part') ?? '', place.value)
    return editsOf(inputs, form, place.value)
  }
  const known = servicesOf(place.value).find(({ name }) => name === service)
  return known === undefined ? [] : serviceEdits(known, form)
}

function shown(
  request: ActionRequest,
  place: Place,
  proposed: Change,
): ActionResult {
  const { name, seen } = place
  if (proposed.after === proposed.before) {
    return goTo(settingsPath(name), 'good', 'Nothing was changed.')
  }
  return {
    kind: 'show',
    template: 'settings-change',
    title: `Change ${name}`,
    pipeline: name,
    trail: settingsTrail(name),
    status: proposed.problems.length > 0 ? 422 : 200,
    model: {
      name,
      file: seen,
      text: proposed.after,
      shown: proposed.shown,
      rows: Math.min(40, proposed.after.split('\n').length + 1),
      next: nextOf(request, place, proposed),
      hunks: proposed.hunks.map(({ lines }) => ({
        lines: lines.map(({ kind, before, after, text }) => ({
          kind: kind === 'same' ? '' : kind,
          sign: kind === 'same' ? ' ' : kind === 'added' ? '+' : '-',
          word: kind === 'same' ? '' : kind,
          number: after ?? before ?? 0,
          text,
        })),
      })),
      problems: proposed.problems.map(({ line, column, path, message }) => ({
        line,
        column,
        path: path === '' ? '' : `${path} `,
        message,
      })),
    },
  }
}

/** When runs would start, where the schedule changes. */
function nextOf(
  { clock, project }: ActionRequest,
  { name, path, loaded }: Place,
  { after, problems }: Change,
): string[] {
  if (problems.length > 0) return []
  const source = {
    name,
    file: path,
    env: project.env,
    secrets: 'ignored',
  } as const
  const { pipeline } = parsePipeline(after, source)
  const before = JSON.stringify(loaded?.pipeline.schedule ?? null)
  if (JSON.stringify(pipeline.schedule) === before) return []
  return nextRuns(pipeline, new Date(clock.now()), 3).map((at) =>
    momentWords(at.toISOString()),
  )
}

const save: Action = {
  kind: 'action',
  path: '/pipeline/:name/settings/save',
  role: 'operator',
  limit,
  async act(request) {
    const place = await placeOf(request)
    if (place === null) return null
    const { form, project } = request
    const typed = await proposeText(
      place.path,
      form.get('text') ?? '',
      project.dir,
    )
    const shownHash = form.get('shown') ?? ''
    if (typed.problems.length > 0) return shown(request, place, typed)
    await saveLocked(request, place, { after: typed.after, shown: shownHash })
    const files = [place.seen, ...(await refreshExports(request, place.name))]
    const text = `Saved ${files.join(', ')}; the next run reads it. ${commitWords(files)}`
    return goTo(settingsPath(place.name), 'good', text)
  },
}

/** Two consoles at once wait for each other; the loser is told. */
async function saveLocked(
  { project, visitor }: ActionRequest,
  { name, path }: Place,
  wanted: Pick<Change, 'after' | 'shown'>,
): Promise<void> {
  const desk = join(foldersOf(project.dir, name).root, 'settings')
  const lock = await lockFolder(desk)
  try {
    await saveText(path, wanted, project.dir)
  } finally {
    await lock.release()
  }
  await project.audit({ ...visitor, what: 'settings', pipeline: name })
}

export const changeActions = [change, save] as const

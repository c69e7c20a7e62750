/** Credentials: tried, then kept; never shown. */
import { loadPipeline } from '../pipeline/load.js'
import type { Check } from '../run/check.js'
import { credentialsOf, rotateCredentials } from '../run/credential.js'
import { marketoChecks } from '../run/marketo-check.js'
import { sourceCheck } from '../run/source-check.js'
import { type Action, goTo } from './page.js'
import { placeOf, settingsPath, settingsTrail } from './settings-place.js'

/** Milliseconds are the checks' own; they end by themselves. */
const rotate: Action = {
  kind: 'action',
  path: '/pipeline/:name/settings/credential',
  role: 'operator',
  async act({ params, project, visitor, form }) {
    const place = await placeOf({ params, project })
    if (place === null) return null
    const { name } = place
    const at = { projectDir: project.dir, env: project.processEnv }
    const known = await credentialsOf(name, at)
    const values = Object.fromEntries(
      known.flatMap(({ name: variable }) => {
        const value = form.get(`value.${variable}`)?.trim() ?? ''
        return value === '' ? [] : [[variable, value]]
      }),
    )
    const { written, ignored } = await rotateCredentials(at, values)
    const { who, role } = visitor
    const about = written.join(', ')
    await project.audit({ who, role, what: 'rotate', pipeline: name, about })
    const commit = ignored
      ? ' Commit .gitignore, which leaves .env out now.'
      : ''
    const text = `${about} ${written.length === 1 ? 'is' : 'are'} replaced in the project's private .env, which every run reads. Nothing is to be committed for that.${commit}`
    return goTo(`${settingsPath(name)}#credential`, 'good', text)
  },
}

/** What `pipeline debug` checks of the connection. */
const check: Action = {
  kind: 'action',
  path: '/pipeline/:name/settings/check',
  role: 'operator',
  async act({ params, project }) {
    const place = await placeOf({ params, project })
    if (place === null) return null
    const { name, path } = place
    const loaded = await loadPipeline(path, project.env, {
      secrets: 'required',
      base: project.dir,
    })
    const checks = [
      ...(await sourceCheck(loaded, project.dir)),
      ...(await marketoChecks(loaded)),
    ]
    return {
      kind: 'show',
      template: 'settings-check',
      title: `Connection of ${name}`,
      pipeline: name,
      trail: settingsTrail(name),
      model: { name, checks: shownChecks(checks) },
    }
  },
}

const tones = { ok: 'good', warn: 'warn', failed: 'bad', skipped: '' } as const

function shownChecks(checks: readonly Check[]) {
  return checks.map(({ check: what, status, text }) => ({
    what,
    status,
    tone: tones[status],
    text,
  }))
}

export const secretActions = [rotate, check] as const

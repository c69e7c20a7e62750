/** The settings of a pipeline: everything that its files hold. */
import { subject } from '../pipeline/override.js'
import { nextRuns } from '../schedule/next.js'
import { momentWords } from './template.js'
import { credentialsOf } from '../run/credential.js'
import type { Page, PageRequest, Route } from './page.js'
import { alertEventNames, alertsOf, alertVariable } from './settings-alert.js'
import { changeActions } from './settings-change.js'
import { decisionActions } from './settings-decision.js'
import { secretActions } from './settings-secret.js'
import { fileRoutes } from './settings-new.js'
import { partsOf } from './settings-part.js'
import { type Place, placeOf, settingsTrail } from './settings-place.js'
import { servicesOf } from './settings-service.js'
import { instant } from '../clock.js'

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/settings',
  role: 'viewer',
  template: 'settings',
  async load(request) {
    const place = await placeOf(request)
    if (place === null) return null
    const { name, text, seen, problem, value } = place
    return {
      title: `Settings of ${name}`,
      pipeline: name,
      trail: settingsTrail(name).slice(0, 1),
      model: {
        name,
        file: seen,
        problem,
        text,
        rows: Math.min(40, text.split('\n').length + 1),
        isYaml: value !== null,
        parts: value === null ? [] : partsOf(value),
        services: servicesOf(value),
        alerts: alertsOf(value),
        alertVariable: alertVariable(name, 'SLACK_WEBHOOK'),
        alertEvents: alertEventNames,
        next: nextOf(place, request),
        decisions: decisionsOf(place, request),
        credentials: await credentialsShown(place, request),
        isSandbox: place.loaded?.pipeline.marketo.kind === 'sandbox',
      },
    }
  },
}

function nextOf({ loaded }: Place, { clock }: PageRequest): string[] {
  if (loaded === null) return []
  return nextRuns(loaded.pipeline, new Date(clock.now()), 3).map((at) =>
    momentWords(at.toISOString()),
  )
}

async function credentialsShown(
  { name }: Place,
  { project }: PageRequest,
): Promise<object[]> {
  const found = await credentialsOf(name, {
    projectDir: project.dir,
    env: project.processEnv,
  })
  return found.map(
    ({ name: variable, isSecret, purpose, pipelines, from }) => ({
      variable,
      type: isSecret ? 'password' : 'text',
      purpose,
      others: pipelines.filter((each) => each !== name).join(', '),
      isSet: from !== 'nowhere',
      isElsewhere: from === 'environment',
      isKept: from === 'file',
    }),
  )
}

function decisionsOf(
  { loaded }: Place,
  { clock, visitor }: PageRequest,
): object[] {
  const day = instant(clock).slice(0, 10)
  return (loaded?.pipeline.overrides ?? []).map((each) => ({
    subject: subject(each),
    kind: each.kind.replaceAll('_', ' '),
    leads: [each.leadId, ...(each.otherId === null ? [] : [each.otherId])],
    what:
      each.field === null
        ? ''
        : `${each.field} = ${visitor.role === 'operator' ? each.value : '•••'}`,
    author: each.author,
    reason: each.reason,
    until: each.until ?? '',
    isOver: each.until !== null && each.until < day,
  }))
}

export const settingsRoutes: readonly Route[] = [
  page,
  ...changeActions,
  ...decisionActions,
  ...secretActions,
  ...fileRoutes,
]

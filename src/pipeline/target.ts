import type { Budget, MarketoTarget } from './pipeline.js'
import { type Environment, hasReference, resolve } from './reference.js'
import type { MarketoForm } from './schema.js'
import type { Finding } from './sentence.js'

const defaultBudget: Budget = {
  callsPerDay: 20_000,
  callsPer20s: 50,
  concurrency: 5,
  exportMbPerDay: 400,
}

const defaultSandbox = { leads: 3000, seed: 7, timeScale: 120 }

type InstanceForm = Extract<MarketoForm, { endpoint: string }>
type SandboxForm = Exclude<MarketoForm, InstanceForm | string>

/** The Marketo that the pipeline speaks to, with its references resolved. */
export function marketoTarget(
  form: MarketoForm,
  env: Environment,
  secrets: 'required' | 'ignored',
): MarketoTarget {
  if (form === 'sandbox') return sandboxTarget({ sandbox: {} })
  if ('sandbox' in form) return sandboxTarget(form)
  const value = (text: string) =>
    secrets === 'ignored' ? text : resolve(text, env)
  return {
    kind: 'instance',
    endpoint: bare(value(form.endpoint)),
    clientId: value(form.client_id),
    clientSecret: value(form.client_secret),
    timeScale: form.time_scale ?? 1,
    budget: budget(form.budget),
  }
}

function sandboxTarget(form: SandboxForm): MarketoTarget {
  const { leads, seed, from } = form.sandbox
  return {
    kind: 'sandbox',
    leads: leads ?? defaultSandbox.leads,
    seed: seed ?? defaultSandbox.seed,
    from: from ?? null,
    timeScale: form.time_scale ?? defaultSandbox.timeScale,
    budget: budget(form.budget),
  }
}

function budget(form: SandboxForm['budget']): Budget {
  return {
    callsPerDay: form?.calls_per_day ?? defaultBudget.callsPerDay,
    callsPer20s: form?.calls_per_20s ?? defaultBudget.callsPer20s,
    concurrency: form?.concurrency ?? defaultBudget.concurrency,
    exportMbPerDay: form?.export_mb_per_day ?? defaultBudget.exportMbPerDay,
  }
}

/** Marketo's own screens show the address with `/rest` at its end. */
function bare(endpoint: string): string {
  return endpoint.replace(/\/+$/, '').replace(/\/rest$/, '')
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  )
}

/** What is wrong with the target beyond its shape. */
export function targetFindings(
  form: MarketoForm,
  env: Environment,
  secrets: 'required' | 'ignored',
): Finding[] {
  if (form === 'sandbox') return []
  if ('sandbox' in form) return sandboxFindings(form)
  const isKnown = secrets === 'required' || !hasReference(form.endpoint)
  if (!isKnown) return []
  const endpoint = resolve(form.endpoint, env)
  // An empty one is a missing variable, which is said elsewhere.
  if (endpoint === '') return []
  return endpointFindings(endpoint, form.time_scale ?? 1)
}

function sandboxFindings({ sandbox }: SandboxForm): Finding[] {
  if (sandbox.from === undefined || sandbox.leads === undefined) return []
  const message =
    'is for generated leads; leave it out where from names a file.'
  return [{ path: ['marketo', 'sandbox', 'leads'], part: 'key', message }]
}

function found(key: string, message: string): Finding[] {
  return [{ path: ['marketo', key], part: 'value', message }]
}

function endpointFindings(endpoint: string, timeScale: number): Finding[] {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return found(
      'endpoint',
      'is not a web address, such as https://123-ABC-456.mktorest.com.',
    )
  }
  const path = bare(url.pathname)
  if (path !== '' || url.search || url.hash || url.username || url.password) {
    return found(
      'endpoint',
      'must be the host alone, such as https://123-ABC-456.mktorest.com.',
    )
  }
  const isLocal = isLoopback(url.hostname)
  const insecure =
    url.protocol === 'http:' && !isLocal
      ? found('endpoint', 'must begin with https, because it carries secrets.')
      : []
  const fast =
    timeScale !== 1 && !isLocal
      ? found(
          'time_scale',
          `is for a sandbox on this machine; ${url.hostname} runs at its own pace, so leave it out.`,
        )
      : []
  return [...insecure, ...fast]
}

import { addressFault, smtpFault } from './alert-address.js'
import { type Environment, resolve } from './reference.js'
import type { Finding } from './sentence.js'
import { isLoopback } from './target.js'

/**
 * Addresses that are set must be ones that a message can safely be sent to.
 * Those on this machine are only for pipelines whose Marketo is there, too.
 */
export function alertFindings(
  alerts: unknown,
  env: Environment,
  marketo: unknown,
): Finding[] {
  if (!Array.isArray(alerts)) return []
  const allowLoopback = isHere(marketo, env)
  return alerts.flatMap((alert: unknown, index): Finding[] => {
    const found = texts(alert).flatMap(([path, text]) => {
      const address = resolve(text, env)
      if (address === '') return []
      const message =
        path[0] === 'email'
          ? smtpFault(address)
          : addressFault(address, { allowLoopback })
      return message === null ? [] : [{ path, message }]
    })
    return found.map(({ path, message }) => ({
      path: ['alert', index, ...path],
      part: 'value',
      message,
    }))
  })
}

function texts(alert: unknown): [string[], string][] {
  const places = [['slack'], ['webhook'], ['email', 'smtp']]
  return places.flatMap((path): [string[], string][] => {
    const value = path.reduce(member, alert)
    return typeof value === 'string' ? [[path, value]] : []
  })
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return new Map<string, unknown>(Object.entries(value)).get(name)
}

/** Whether the pipeline's Marketo is a simulator on this machine. */
function isHere(marketo: unknown, env: Environment): boolean {
  const endpoint = member(marketo, 'endpoint')
  if (typeof endpoint !== 'string') return true
  const address = resolve(endpoint, env)
  return URL.canParse(address) && isLoopback(new URL(address).hostname)
}

import { type Environment, resolve } from './reference.js'
import type { Finding } from './sentence.js'

/** A webhook that is set must be one that a message can safely be sent to. */
export function alertFindings(alerts: unknown, env: Environment): Finding[] {
  if (!Array.isArray(alerts)) return []
  return alerts.flatMap((alert: unknown, index): Finding[] => {
    if (typeof alert !== 'object' || alert === null) return []
    if (!('slack' in alert) || typeof alert.slack !== 'string') return []
    const address = resolve(alert.slack, env)
    if (address === '' || isHttps(address)) return []
    const path = ['alert', index, 'slack']
    const message = 'must be a web address that begins with https.'
    return [{ path, part: 'value', message }]
  })
}

function isHttps(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}

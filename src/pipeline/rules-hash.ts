import { createHash } from 'node:crypto'
import type { Pipeline } from './pipeline.js'

/**
 * SHA-256, in hex, of what shapes a plan: services, guardrails and people's
 * decisions. Nothing else of the file is in it, so a new secret or schedule keeps plans valid.
 */
export function rulesHash(pipeline: Pipeline): string {
  const rules = {
    services: pipeline.services,
    ...(pipeline.sources.length > 0 && { sources: pipeline.sources }),
    guardrails: pipeline.load.guardrails,
    ...(pipeline.overrides.length > 0 && { overrides: pipeline.overrides }),
  }
  return createHash('sha256').update(canonical(rules)).digest('hex')
}

/** JSON with sorted keys and no spaces; the order of lists is kept. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`)
  return `{${members.join(',')}}`
}

import { describe, expect, it } from 'vitest'
import { rulesHash } from '../../src/pipeline/rules-hash.js'
import { env, instance, parse, sandbox } from './parse.js'

const rules = `services:
  hash: { type: hash, write: { a: { profile: google } } }
`

function hash(text: string, environment = env): string {
  return rulesHash(parse(text, environment).pipeline)
}

describe('rulesHash', () => {
  it('is a SHA-256 that stays the same', () => {
    expect(hash(sandbox + rules)).toMatch(/^[0-9a-f]{64}$/)
    expect(hash(sandbox + rules)).toBe(hash(sandbox + rules))
  })

  it('does not depend on defaults being written out', () => {
    const written = rules.replace('google', 'google, algorithm: sha256')
    expect(hash(sandbox + written)).toBe(hash(sandbox + rules))
  })

  it('does not depend on the connection, its secrets or the schedule', () => {
    const other = `${rules}schedule: { cron: "0 5 * * *" }\n`
    const changed = { ...env, SECRET: 'another-secret' }
    expect(hash(instance + other, changed)).toBe(hash(sandbox + rules))
  })

  it.each([
    ['a rule', rules.replace('google', 'meta')],
    ['a target', rules.replace('a:', 'b:')],
    ['a guardrail', `${rules}load: { guardrails: { merges: 1 } }\n`],
  ])('changes with %s', (_, changed) => {
    expect(hash(sandbox + changed)).not.toBe(hash(sandbox + rules))
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pipeline, project } from './support.js'

const rules = (match: string) => `marketo: { sandbox: { leads: 400, seed: 4 } }
services:
  people:
    type: dedupe
    match: [${match}]
load: { guardrails: { merge_share: 90% } }
`

interface Comparison {
  readonly before: { readonly merges: number }
  readonly after: { readonly merges: number }
  readonly difference: {
    readonly merges: Readonly<Record<string, number>>
  }
}

it('other rules are compared on the same data, and nothing changes', async () => {
  const folder = project({ acme: rules('{ same: [email] }') })
  const at = ['--project-dir', folder]
  const first = await pipeline(['plan', 'acme', '--json', ...at])
  expect(first.code).toBe(0)
  const other = join(folder, 'pipelines', 'stricter.yml')
  writeFileSync(other, rules('{ same: [email, last_name] }'))
  const compared = await pipeline([
    'plan',
    'acme',
    '--rules',
    other,
    '--json',
    '--detailed-exitcode',
    ...at,
  ])
  expect(compared.code).toBe(10)
  const { before, after, difference } = JSON.parse(
    compared.stdout,
  ) as Comparison
  const planned = JSON.parse(first.stdout) as { plan: { merges: number } }
  expect(before.merges).toBe(planned.plan.merges)
  expect(after.merges).toBeLessThan(before.merges)
  const { removed = 0, ...kept } = difference.merges
  expect(removed).toBeGreaterThan(0)
  expect(kept['same']).toBeGreaterThan(0)
  const total = Object.values(kept).reduce((sum, count) => sum + count, 0)
  expect(total).toBe(after.merges)

  const last = await pipeline(['plan', 'acme', '--last', '--json', ...at])
  expect(JSON.parse(last.stdout)).toEqual(JSON.parse(first.stdout))
  const own = join(folder, 'pipelines', 'acme.yml')
  const same1 = ['plan', 'acme', '--rules', own, '--detailed-exitcode', ...at]
  const itself = await pipeline(same1)
  expect(itself.code).toBe(0)
  expect(itself.stdout).toContain('Both make the same plan.')

  const missing = join(folder, 'none.yml')
  const refused = await pipeline(['plan', 'acme', '--rules', missing, ...at])
  expect(refused.code).toBe(3)
}, 120_000)

import { expect, it } from 'vitest'
import { planLines } from '../../src/command/plan-view.js'
import { planOverview } from '../../src/load/overview.js'
import type { MergeRow, PlanHeader, UpdateRow } from '../../src/load/plan.js'

const merge: MergeRow = {
  row: 'm000001',
  kind: 'merge',
  winner: '1',
  losers: ['2', '3'],
  mergeInCrm: false,
  before: {
    '1': { firstName: 'Zoë', email: 'zoe@acme.example', unsubscribed: 'false' },
    '2': { phone: '+46701234567', unsubscribed: 'true' },
    '3': {},
  },
  set: { unsubscribed: 'true' },
  after: {
    firstName: 'Zoë',
    email: 'zoe@acme.example',
    unsubscribed: 'true',
    phone: '+46701234567',
  },
  kept: ['unsubscribed'],
  reason: {
    service: 'people',
    rules: ['same email', 'same phone + last name'],
    winner: 'CRM contact first',
    from: {
      unsubscribed: { id: '2', rule: 'any_true' },
      phone: { id: '2', rule: 'winner' },
    },
  },
}

const plain: MergeRow = {
  ...merge,
  row: 'm000002',
  losers: ['4'],
  kept: [],
  reason: { ...merge.reason, rules: ['same email'] },
}

const update: UpdateRow = {
  row: 'u000001',
  kind: 'update',
  id: '9',
  before: { emailDomain: null },
  set: { emailDomain: 'acme.example' },
  reason: { service: 'domain', rules: [], winner: '', from: {} },
}

const header: PlanHeader = {
  version: 1,
  hash: 'a'.repeat(64),
  pipeline: 'acme',
  instance: '123-ABC-456',
  asOf: '2026-11-21T05:01:00Z',
  rules: 'b'.repeat(64),
  tool: '0.1.0',
  leads: 1000,
  merges: 2,
  losers: 3,
  updates: 1,
  price: { calls: 9, minutes: 1.5, share: 0.00018, crm: 1 },
  guardrails: [
    { name: 'merges', value: 2, limit: 500, ok: true },
    { name: 'merge_share', value: 0.03, limit: 0.02, ok: false },
  ],
}

async function* rows() {
  yield* [plain, merge, update]
}

it('shows a plan riskiest first, with where each value comes from', async () => {
  const overview = await planOverview(rows(), 5)
  expect(overview.rules).toEqual({
    'same email': 2,
    'same phone + last name': 1,
  })
  const text = planLines(header, overview).join('\n')
  expect(text).toContain('merges   2 clusters, 3 leads go')
  expect(text).toContain('updates  1 field on 1 lead   emailDomain 1')
  expect(text).toContain('merge_share 3 % of 2 % TOO MANY')
  expect(text.indexOf('absorbs 2, 3')).toBeLessThan(text.indexOf('absorbs 4'))
  expect(text).toContain(
    'unsubscribed  true (from 2, any true, an opt-out is never lost)   was false',
  )
  expect(text).toContain('phone  +46701234567 (from 2, fills the gap)')
})

async function* many() {
  for (let n = 0; n < 1000; n += 1) yield { ...plain, row: `m${n}` }
  yield merge
}

it('keeps no more rows than it shows', async () => {
  const { riskiest } = await planOverview(many(), 3)
  expect(riskiest).toHaveLength(3)
  expect(riskiest[0]?.row).toBe('m000001')
})

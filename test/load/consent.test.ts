import { describe, expect, it } from 'vitest'
import {
  changedConsent,
  consentRules,
  type ConsentRules,
  relaxedConsent,
} from '../../src/load/consent.js'
import type { MergeRow, PlanRow, Text, UpdateRow } from '../../src/load/plan.js'
import { pipeline } from './world.js'

const reason = { service: 'dedupe', rules: [], winner: '', from: {} }

function merge(field: string, values: readonly Text[], after: Text): MergeRow {
  const leads = values.map(
    (value, n) => [String(n + 1), { [field]: value }] as const,
  )
  return {
    row: 'm000001',
    kind: 'merge',
    winner: '1',
    losers: leads.slice(1).map(([id]) => id),
    mergeInCrm: false,
    before: Object.fromEntries(leads),
    set: after === null ? {} : { [field]: after },
    after: { [field]: after },
    kept: [],
    reason,
  }
}

function update(field: string, before: Text, after: Text): UpdateRow {
  const set = { [field]: after }
  return {
    row: 'u000001',
    kind: 'update',
    id: '1',
    before: { [field]: before },
    set,
    reason,
  }
}

const rules: ConsentRules = new Map([
  ...consentRules(pipeline),
  ['optIn', 'all_true'],
  ['optInDate', 'latest'],
  ['status', { kind: 'strictest', values: ['Refused', 'Unknown', 'Given'] }],
])

describe('consent is monotone', () => {
  it.each<[string, PlanRow]>([
    ['unsubscribed', merge('unsubscribed', ['false', 'true'], 'false')],
    ['emailInvalid', merge('emailInvalid', [null, 'true'], null)],
    ['blackListed', merge('blackListed', ['true', 'false'], 'false')],
    ['unsubscribed', update('unsubscribed', 'true', 'false')],
    ['unsubscribed', update('unsubscribed', '1', null)],
    ['optIn', merge('optIn', ['true', 'false'], 'true')],
    ['status', merge('status', ['given', 'REFUSED'], 'Given')],
    ['status', merge('status', ['Unknown', null], null)],
    ['status', merge('status', ['Given', 'other'], 'Given')],
  ])('%s is not relaxed by a row', (field, row) => {
    expect(relaxedConsent(row, rules)).toBe(field)
  })

  it('a merge that does not decide a field leaves it to Marketo, which may relax it', () => {
    const undecided = (values: readonly Text[]) => ({
      ...merge('unsubscribed', values, null),
      after: {},
    })
    expect(relaxedConsent(undecided(['false', 'true']), rules)).toBe(
      'unsubscribed',
    )
    expect(relaxedConsent(undecided([null, null, 'true']), rules)).toBe(
      'unsubscribed',
    )
    expect(relaxedConsent(undecided([null, 'true']), rules)).toBeNull()
    expect(relaxedConsent(undecided(['true', 'false']), rules)).toBeNull()
  })

  it('every call of a merge must leave it as strict as its leads, for the next may be refused', () => {
    const undecided = (values: readonly Text[]) => ({
      ...merge('unsubscribed', values, null),
      after: {},
    })
    const empty: readonly Text[] = Array.from({ length: 26 }, () => null)
    // Lead 3 opted out and goes in the first call; only the second, whose
    // first loser is lead 27, would leave the winner opted out.
    const late = empty.with(2, 'true').concat('true')
    expect(relaxedConsent(undecided(late), rules)).toBe('unsubscribed')
    expect(relaxedConsent(undecided(empty.concat('true')), rules)).toBeNull()
    const written = merge('unsubscribed', late, 'true')
    expect(relaxedConsent(written, rules)).toBeNull()
    expect(relaxedConsent({ ...written, set: {} }, rules)).toBe('unsubscribed')
  })

  it.each<[string, PlanRow]>([
    ['an opt-out stays', merge('unsubscribed', ['false', 'true'], 'true')],
    ['nobody opted out', merge('unsubscribed', ['false', null], 'false')],
    ['an opt-out is new', update('unsubscribed', 'false', 'true')],
    ['everybody opted in', merge('optIn', ['true', 'true'], 'true')],
    ['an opt-in is withdrawn', merge('optIn', ['true', 'false'], 'false')],
    ['a date is no permission', merge('optInDate', ['2020', '2021'], '2021')],
    ['the strictest stays', merge('status', ['Given', 'Unknown'], 'unknown')],
    ['another field', update('phone', 'true', 'false')],
  ])('a row may pass where %s', (_, row) => {
    expect(relaxedConsent(row, rules)).toBeNull()
  })

  it('and its changes are counted', () => {
    const kept = merge('unsubscribed', ['false', 'true'], 'true')
    expect(changedConsent(kept, rules)).toBe(1)
    expect(changedConsent(update('optIn', 'true', 'true'), rules)).toBe(0)
    expect(changedConsent(update('phone', '1', '2'), rules)).toBe(0)
  })
})

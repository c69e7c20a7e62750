import { describe, expect, it } from 'vitest'
import { FieldRules } from '../../src/load/field-rule.js'
import {
  compare,
  isSureWinner,
  loserCalls,
  outranking,
  predictCalls,
  predictMerge,
} from '../../src/load/predict.js'

const rules = new FieldRules({
  searchable: [],
  fields: ['email', 'leadScore', 'unsubscribed', 'updatedAt'].map((name) => ({
    name,
    displayName: name,
    dataType: name === 'unsubscribed' ? 'boolean' : 'string',
    length: null,
    updateable: true,
    crmManaged: false,
  })),
})

describe('a predicted merge', () => {
  it('keeps what the winner has and fills from the first loser only', () => {
    const merged = predictMerge({
      winner: { id: '1', firstName: 'Ann', lastName: '', phone: null },
      losers: [
        { id: '2', firstName: 'Zoë', lastName: 'Lee' },
        { id: '3', phone: '+1 555' },
      ],
    })
    expect(merged).toEqual({
      id: '1',
      firstName: 'Ann',
      lastName: 'Lee',
      phone: null,
    })
  })

  it('takes false for a value, so that an opt-out of a loser would be lost', () => {
    const merged = predictMerge({
      winner: { unsubscribed: false, emailInvalid: null },
      losers: [{ unsubscribed: true, emailInvalid: true }],
    })
    expect(merged).toEqual({ unsubscribed: false, emailInvalid: true })
  })

  it('keeps the age and the score of the survivor', () => {
    const winner = { createdAt: '2025-01-01T00:00:00Z', leadScore: 10 }
    const losers = [{ createdAt: '2015-01-01T00:00:00Z', leadScore: 90 }]
    expect(predictMerge({ winner, losers })).toEqual(winner)
  })

  it('lets a CRM contact survive over the named winner', () => {
    const merged = predictMerge({
      winner: { id: '1', sfdcType: 'Lead', phone: '1' },
      losers: [{ id: '2' }, { id: '3', sfdcType: 'contact', phone: null }],
    })
    expect(merged).toMatchObject({ id: '3', sfdcType: 'contact' })
  })

  it('goes call by call where there are many losers', () => {
    const losers = Array.from({ length: 26 }, (_, n) =>
      n === 25 ? { phone: '+1 555' } : { lastName: n === 0 ? 'Lee' : null },
    )
    const calls = loserCalls(losers, false)
    expect(calls.map((call) => call.length)).toEqual([25, 1])
    expect(predictCalls({}, calls)).toEqual({
      lastName: 'Lee',
      phone: '+1 555',
    })
  })
})

describe('the rank in the CRM', () => {
  it.each([
    ['lead', 'contact', 0],
    ['', 'lead', 0],
    ['contact', 'lead', null],
    ['contact', 'contact', null],
    ['', '', null],
  ])('of a %j against a %j', (winner, loser, index) => {
    const found = outranking({ sfdcType: winner }, [{ sfdcType: loser }])
    expect(found).toBe(index)
  })

  it('is not sure of a winner that was deleted in the CRM', () => {
    const winner = { sfdcType: 'contact', sfdcIsDeleted: true }
    expect(isSureWinner(winner, [{ sfdcType: 'lead' }])).toBe(false)
    expect(isSureWinner(winner, [{}])).toBe(true)
  })
})

describe('a comparison', () => {
  it('names each field that is not as predicted, by meaning', () => {
    const predicted = { email: 'a', unsubscribed: 'TRUE', updatedAt: '1' }
    const actual = { email: 'b', unsubscribed: true, updatedAt: '2' }
    expect(compare(predicted, actual, rules)).toEqual([
      { field: 'email', predicted: 'a', actual: 'b' },
    ])
  })
})

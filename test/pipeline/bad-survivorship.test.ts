import { describe, expect, it } from 'vitest'
import { dedupe, mistakes } from './parse.js'

const same = 'match: [{ same: [email] }]\n'

/** What is wrong, the rules, and what a person reads about it. */
const cases: readonly [string, string, readonly RegExp[]][] = [
  [
    'a misspelt way to decide',
    'winner: { by: first_alon, rules: [crm_contact] }',
    [/winner\.by must be one of in_order, first_alone, all/],
  ],
  [
    'a choice without rules',
    'winner: { by: all, rules: [] }',
    [/winner\.rules must have at least 1 item/],
  ],
  [
    'a review that would never come',
    'winner: { rules: [{ lowest: id }], else: review }',
    [/winner\.rules\[0\] leaves no tie/],
  ],
  [
    'a delta without a score',
    'winner: [{ highest: leadScore, delta: 2 }]',
    [/winner\[0\] has a delta, which belongs to a score/],
  ],
  [
    'points without a rule',
    'winner: [{ score: [{ points: 3 }] }]',
    [/winner\[0\]\.score\[0\] must have points, and one of rule/],
  ],
  [
    'a misspelt rule with points',
    'winner: [{ score: [{ points: 3, highst: leadScore }] }]',
    [/score\[0\]\.highst is not a key here\. Did you mean "highest"/],
  ],
  [
    'a pattern in a list of values of a score',
    'winner: [{ score: [{ points: 3, where: { email: ["*@a.example", b] } }] }]',
    [/score\[0\]\.where\.email\[0\] is a pattern in a list/],
  ],
  [
    'two rules for one field',
    'survive: { phone: { newest: updatedAt, oldest: createdAt } }',
    [/survive\.phone must have one of newest, oldest/],
  ],
  [
    'an else without where',
    'survive: { phone: { newest: updatedAt, else: max } }',
    [/survive\.phone\.else belongs to where, which is not here/],
  ],
  [
    'a group by a rule that combines leads',
    'survive: { address: { group: [city], by: union } }',
    [/survive\.address\.by must be one of winner, most_recent/],
  ],
  [
    'a field in a group and on its own',
    'survive: { address: { group: [city] }, city: longest }',
    [/group\[0\] is written by services\.person\.survive already/],
  ],
  [
    'an opt-out in a group',
    'survive: { address: { group: [unsubscribed] } }',
    [/survive\.address\.group\[0\] stops mail/],
  ],
  [
    'a field that comes with itself',
    'survive: { city: { with: city } }',
    [/survive\.city\.with is the field itself/],
  ],
  [
    'a field that comes with a sum',
    'survive: { city: { with: leadScore }, leadScore: sum }',
    [/survive\.city\.with has a rule that does not take one lead's value/],
  ],
  [
    'a field that comes with a group',
    'survive: { state: { with: city }, address: { group: [city] } }',
    [/survive\.state\.with is in the group of address/],
  ],
  [
    'a strictest value alone',
    'consent: { optIn: { strictest: [no] } }',
    [/consent\.optIn\.strictest must have at least 2 items/],
  ],
  [
    'a strictest order for an opt-out',
    'consent: { unsubscribed: { strictest: [true, false] } }',
    [/consent\.unsubscribed must be any_true/],
  ],
  [
    'a misspelt fill',
    'fill: most_recnt',
    [
      /fill must be one of best, most_recent, oldest.*Did you mean "most_recent"/,
    ],
  ],
]

describe('survivorship', () => {
  it.each(cases)('refuses %s', (_, rules, expected) => {
    const found = mistakes(dedupe(same + rules))
    expect(found).toHaveLength(expected.length)
    for (const [index, pattern] of expected.entries()) {
      expect(found[index]).toMatch(pattern)
    }
  })
})

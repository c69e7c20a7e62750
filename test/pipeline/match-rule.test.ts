import { describe, expect, it } from 'vitest'
import { fieldUses } from '../../src/pipeline/field.js'
import { excludedBy, matchLists } from '../../src/pipeline/match-rule.js'
import type { DedupeService } from '../../src/pipeline/pipeline.js'
import { dedupe, parse } from './parse.js'

function service(text: string): DedupeService {
  const [found] = parse(dedupe(text)).pipeline.services
  if (found?.type !== 'dedupe') throw new Error('no dedupe service')
  return found
}

const rules = `match:
  - same: [email]
  - similar: { first_name: 0.9, company: 0.85 }
    block: [last_name_sound, [city, postal_code]]
    where: { leadSource: 007 }
    list: { static: 012 }
never:
  - partition
  - household
  - { employees: [acme.com] }
  - { intentional: keepApart }
  - { extra_key: brand }`

describe('a match rule', () => {
  it('has nothing left out', () => {
    expect(service(rules).match).toEqual([
      { same: ['email'], similar: [], block: [], where: [], list: null },
      {
        same: [],
        similar: [
          { key: 'first_name', threshold: 0.9 },
          { key: 'company', threshold: 0.85 },
        ],
        block: [['last_name_sound'], ['city', 'postal_code']],
        where: [{ field: 'leadSource', kind: 'any_of', values: ['007'] }],
        list: { kind: 'static', list: '012' },
      },
    ])
  })

  it('names the lists that must be exported for it', () => {
    expect(matchLists(service(rules).match)).toEqual([
      { kind: 'static', list: '012' },
    ])
  })
})

describe('match and never rules', () => {
  it('need the fields behind everything that they compare', () => {
    const { pipeline } = parse(dedupe(rules))
    const read = fieldUses(pipeline)
      .filter(({ path }) => path.includes('match') || path.includes('never'))
      .map(({ field, isNamed }) => (isNamed ? field : `(${field})`))
    expect(read).toEqual([
      'email',
      'firstName',
      'company',
      'lastName',
      'city',
      'postalCode',
      'leadSource',
      '(leadPartitionId)',
      'address',
      'lastName',
      'firstName',
      'email',
      'keepApart',
      'brand',
    ])
  })
})

describe('employees', () => {
  it('are whoever writes from a domain or under it', () => {
    expect(
      excludedBy({ kind: 'employees', domains: ['acme.com'] }).flat(),
    ).toEqual([
      { field: 'email', kind: 'pattern', pattern: '*@acme.com' },
      { field: 'email', kind: 'pattern', pattern: '*@*.acme.com' },
    ])
  })
})

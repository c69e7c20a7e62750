import { describe, expect, it } from 'vitest'
import { fieldUses, keyFields, matchKeys } from '../../src/pipeline/field.js'
import { dedupe, parse, sandbox, services } from './parse.js'

function uses(text: string): string[] {
  const loaded = parse(text)
  return fieldUses(loaded.pipeline).map(({ field, purpose, path, isNamed }) => {
    const { line, column } = loaded.locate(path, 'key')
    const named = isNamed ? '' : ' implied'
    return `${line}:${column} ${purpose} ${field}${named}`
  })
}

describe('keyFields', () => {
  it('knows the Marketo fields of every match key', () => {
    expect(matchKeys.map((key) => keyFields(key).join('+'))).toEqual([
      'email',
      'email',
      'email',
      'phone+country',
      'mobilePhone+country',
      'firstName',
      'firstName',
      'firstName',
      'lastName',
      'lastName',
      'lastName+firstName',
      'firstName+lastName',
      'company',
      'website',
      'address',
      'address',
      'address',
      'city',
      'state',
      'postalCode',
      'country',
      'dateOfBirth',
      'dateOfBirth',
    ])
  })

  it('takes any other key for a field, even one that objects have', () => {
    expect(keyFields('leadScore')).toEqual(['leadScore'])
    expect(keyFields('constructor')).toEqual(['constructor'])
  })
})

describe('fieldUses', () => {
  it('finds every field that a dedupe service reads or writes', () => {
    const text = dedupe(`match:
  - same: [phone, last_name]
never:
  - differ: sfdcAccountId
  - where: { leadSource: Web }
winner:
  - crm_contact
  - highest: leadScore
  - where: { city: Oslo }
survive:
  phone: most_recent
consent: { optIn: any_true }
stamp: { dupes: count }`)
    expect(uses(text).filter((use) => !/^3:|^4:/.test(use))).toEqual([
      '6:16 read phone',
      '6:16 read country implied',
      '6:23 read lastName',
      '8:9 read sfdcAccountId',
      '9:18 read leadSource',
      '11:9 read sfdcType implied',
      '11:9 read sfdcContactId implied',
      '11:9 read sfdcLeadId implied',
      '12:9 read leadScore',
      '13:18 read city',
      '10:5 read id',
      '15:7 read phone',
      '15:7 write phone',
      '15:7 read updatedAt implied',
      '16:16 read optIn',
      '16:16 write optIn',
      '16:5 read unsubscribed implied',
      '16:5 write unsubscribed implied',
      '16:5 read emailInvalid implied',
      '16:5 write emailInvalid implied',
      '16:5 read emailSuspended implied',
      '16:5 write emailSuspended implied',
      '16:5 read marketingSuspended implied',
      '16:5 write marketingSuspended implied',
      '16:5 read blackListed implied',
      '16:5 write blackListed implied',
      '17:14 read dupes',
      '17:14 write dupes',
    ])
  })

  it('finds the email behind hashes and domains, and their targets', () => {
    const text = services(
      'h: { type: hash, write: { a: {} } }',
      'd: { type: domain, write: { b: host } }',
      'e: { type: enrich, model: enrich/x, write: { c: col } }',
    )
    expect(uses(text)).toEqual([
      '3:8 read email',
      '3:29 read a',
      '3:29 write a',
      '4:8 read email',
      '4:8 read company implied',
      '4:31 read b',
      '4:31 write b',
      '5:48 read c',
      '5:48 write c',
    ])
  })

  it('finds the fields that analysts want', () => {
    expect(uses(`${sandbox}extract: { fields: [title, city] }\n`)).toEqual([
      '2:21 read title',
      '2:28 read city',
    ])
  })
})

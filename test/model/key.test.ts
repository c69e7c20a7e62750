import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyFields, matchKeys } from '../../src/pipeline/field.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { base } from './base.js'
import { nameCases } from './name-key-case.js'
import { otherCases } from './place-key-case.js'

interface Case {
  readonly key: string
  readonly typed: string
  readonly wanted: string | null
  readonly lead: Readonly<Record<string, string>>
}

function leadOf(key: string, typed: string): Case['lead'] {
  if (key === 'phone') {
    const [phone = '', country = ''] = typed.split(';').map((t) => t.trim())
    return { phone, country }
  }
  if (typed.includes('|')) {
    const [first = '', last = ''] = typed.split('|').map((t) => t.trim())
    return { firstName: first, lastName: last }
  }
  return { [keyFields(key)[0] ?? key]: typed }
}

function casesOf([key, lines]: readonly [string, string]): Case[] {
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [typed = '', wanted = ''] = line.slice(4).split('=>')
      const text = key === 'email' ? typed : typed.trim()
      const lead = leadOf(key, text)
      return { key, typed: text, wanted: wanted.trim() || null, lead }
    })
}

const all = { ...nameCases, ...otherCases }
const cases = Object.entries(all).flatMap(casesOf)
const keys = Object.keys(all)

/** Rules of eight keys each, so that every key is worked out. */
function rules(): string {
  const lines: string[] = []
  for (let from = 0; from < keys.length; from += 8) {
    lines.push(`      - same: [${keys.slice(from, from + 8).join(', ')}]`)
  }
  return `  people:\n    type: dedupe\n    match:\n${lines.join('\n')}\n`
}

let warehouse: Warehouse
let found: Record<string, unknown>[]

beforeAll(async () => {
  // Twice each, because phone numbers of one lead only are not parsed.
  const leads = [...cases, ...cases].map(({ lead }, index) => ({
    id: String(index + 1),
    ...lead,
  }))
  warehouse = await base({
    pipeline: `marketo: sandbox\nservices:\n${rules()}`,
    leads,
    types: { joinDate: 'date' },
    models: ['lead_key_reason'],
  })
  found = await warehouse.rows('select * from dedupe.lead_key order by id')
})
afterAll(async () => {
  await warehouse.close()
})

describe('a normalised key', () => {
  it.each(
    cases.map(
      (each, index) => [each.key, each.typed, each.wanted, index] as const,
    ),
  )('%s of %j is %j', (key, _typed, wanted, index) => {
    expect(found[index]?.[`key_${key}`]).toBe(wanted)
  })

  it('has at least fifteen cases for each word of the vocabulary', () => {
    // As long as these words they are the same keys of another field.
    const same = ['mobile_phone', 'date_of_birth']
    const few = matchKeys.filter(
      (key) => cases.filter((each) => each.key === key).length < 15,
    )
    expect(few).toEqual(same)
  })

  it('is there or has a reason, for every lead', async () => {
    const counted = await warehouse.rows<{ key: string; leads: bigint }>(
      `select key, sum(leads) as leads from dedupe.lead_key_reason group by all order by key`,
    )
    for (const { key, leads } of counted) {
      const missing = found.filter((lead) => lead[`key_${key}`] === null)
      expect([key, Number(leads)]).toEqual([key, missing.length])
    }
    expect(counted.map(({ key }) => key)).toEqual(keys.toSorted())
  })

  it('says what a typed value is not', async () => {
    const rows = await warehouse.rows<{ key: string; reason: string }>(
      `select key, reason from dedupe.lead_key_reason where reason not in ('empty', 'placeholder') order by all`,
    )
    expect(rows.map(({ key, reason }) => `${key}: ${reason}`)).toContain(
      'birth_date: not a date of birth that can be told',
    )
  })
})

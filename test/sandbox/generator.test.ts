import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { brandOf } from '../../src/sandbox/company.js'
import { writeGenerated } from './generated-file.js'
import {
  generateLeads,
  type GeneratedLead,
} from '../../src/sandbox/generator.js'
import { folder } from './caller.js'

const until = Date.parse('2026-11-20T00:00:00Z')

function text(lead: GeneratedLead, field: string): string {
  const value = lead.lead.values[field]
  return typeof value === 'string' ? value : ''
}

let leads: GeneratedLead[] = []
let people = new Map<number, GeneratedLead[]>()

beforeAll(() => {
  leads = [...generateLeads({ count: 12_000, seed: 11, until })]
  people = new Map()
  for (const lead of leads) {
    people.set(lead.truth, [...(people.get(lead.truth) ?? []), lead])
  }
})

describe('the generator', () => {
  it('gives the same leads for the same seed, others for another', () => {
    const again = [...generateLeads({ count: 12_000, seed: 11, until })]
    expect(again).toEqual(leads)
    const other = [...generateLeads({ count: 50, seed: 12, until })]
    expect(other.map(({ lead }) => lead.values)).not.toEqual(
      leads.slice(0, 50).map(({ lead }) => lead.values),
    )
  })

  it('gives ascending ids with gaps and times within 14 months', () => {
    const ids = leads.map(({ lead }) => Number(lead.id))
    expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? id))).toBe(true)
    expect((ids.at(-1) ?? 0) - (ids[0] ?? 0)).toBeGreaterThan(15_000)
    for (const { lead } of leads) {
      expect(lead.createdAt).toBeGreaterThan(until - 426 * 86_400_000)
      expect(lead.createdAt <= lead.updatedAt).toBe(true)
      expect(lead.updatedAt <= lead.fieldUpdatedAt).toBe(true)
      expect(lead.fieldUpdatedAt <= until).toBe(true)
    }
  })

  it('gives people one to five records each', () => {
    const sizes = new Set([...people.values()].map((group) => group.length))
    expect([...sizes].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
    const repeated = leads.length - people.size
    expect(repeated / leads.length).toBeGreaterThan(0.2)
    expect(repeated / leads.length).toBeLessThan(0.4)
  })

  it('shares an address between people only where a mailbox is shared', () => {
    const owners = new Map<string, Set<number>>()
    for (const lead of leads) {
      const email = text(lead, 'email').trim().toLowerCase()
      if (!/^[^@]+@[^@]+\.[^@]+$/.test(email)) continue
      owners.set(email, (owners.get(email) ?? new Set()).add(lead.truth))
    }
    const shared = [...owners].filter(([, group]) => group.size > 1)
    expect(shared.length).toBeGreaterThan(100)
    const personal = shared.filter(
      ([email]) =>
        !/^(info|sales|office|contact)(\+\w+)?@|^family\.|example/.test(
          email,
        ) && !/[;,]/.test(email),
    )
    // A slip of the hand may hit somebody else's address.
    expect(personal.length).toBeLessThanOrEqual(3)
  })

  it('writes in many scripts and countries', () => {
    for (const script of [
      'Latin',
      'Cyrillic',
      'Greek',
      'Han',
      'Hangul',
      'Arabic',
      'Hebrew',
    ]) {
      const letters = new RegExp(`\\p{Script=${script}}`, 'u')
      const found = leads.filter((lead) => letters.test(text(lead, 'lastName')))
      expect(found.length, script).toBeGreaterThan(20)
    }
    const countries = new Set(leads.map((lead) => text(lead, 'country')))
    expect(countries.size).toBeGreaterThanOrEqual(20)
  })

  it('knows opt-outs that only some records of a person tell', () => {
    const split = [...people.values()].filter((group) => {
      const out = group.filter(
        ({ lead }) => lead.values['unsubscribed'] === true,
      )
      return out.length > 0 && out.length < group.length
    })
    expect(split.length).toBeGreaterThan(120)
    for (const { lead } of leads) {
      expect(typeof lead.values['unsubscribed']).toBe('boolean')
      expect(typeof lead.values['emailInvalid']).toBe('boolean')
    }
  })

  it('has CRM leads, contacts, and people who are both', () => {
    const both = [...people.values()].filter((group) => {
      const types = new Set(group.map((lead) => text(lead, 'sfdcType')))
      return types.has('Lead') && types.has('Contact')
    })
    expect(both.length).toBeGreaterThan(20)
    const ids = leads.flatMap((lead) => [
      text(lead, 'sfdcLeadId'),
      text(lead, 'sfdcContactId'),
    ])
    const given = ids.filter((id) => id !== '')
    expect(new Set(given).size).toBe(given.length)
    expect(given.every((id) => /^(00Q|003)\w{15}$/.test(id))).toBe(true)
  })

  it('has families, hostile texts, nulls by name and broken addresses', () => {
    const homes = new Map<string, Set<number>>()
    for (const lead of leads) {
      const home = `${text(lead, 'phone')}|${text(lead, 'address')}`
      if (text(lead, 'phone') === '' || text(lead, 'address') === '') continue
      homes.set(home, (homes.get(home) ?? new Set()).add(lead.truth))
    }
    expect(
      [...homes.values()].filter((home) => home.size > 1).length,
    ).toBeGreaterThan(25)
    const values = leads.flatMap(({ lead }) => Object.values(lead.values))
    for (const one of [
      "'; drop table lead; --",
      'line\u2028separator',
      'Null',
      'n/a',
    ]) {
      expect(values, one).toContain(one)
    }
    expect(values.some((value) => String(value).includes('\u0000'))).toBe(false)
  })

  it('has bytes that break parsers only where dirt is asked for', () => {
    const dirty = [
      ...generateLeads({ count: 12_000, seed: 11, until, dirt: true }),
    ]
    const values = dirty.flatMap(({ lead }) => Object.values(lead.values))
    expect(values.some((value) => String(value).includes('\u0000'))).toBe(true)
    expect(values).toContain(12.5)
  })

  it('never gives two companies the same brand', () => {
    const brands = Array.from({ length: 200_000 }, (_, i) => brandOf(i))
    expect(new Set(brands).size).toBe(200_000)
  })
})

describe('a generated file', () => {
  it('looks like an export and comes with its truth', () => {
    const [path, truth] = [
      join(folder(), 'leads.csv'),
      join(folder(), 'truth.csv'),
    ]
    const options = { count: 2000, seed: 4, until }
    const { rows, bytes } = writeGenerated(path, truth, options)
    expect(rows).toBe(2000)
    const csv = readFileSync(path)
    expect(bytes).toBe(csv.length)
    expect(csv.toString()).toMatch(/^id,email,salutation,/)
    const lines = readFileSync(truth, 'utf8').trim().split('\n')
    expect(lines[0]).toBe('id,cluster')
    const clusters = [...generateLeads(options)].map(
      ({ lead, truth: person }) => `${lead.id},${person}`,
    )
    expect(lines.slice(1)).toEqual(clusters)
  })
})

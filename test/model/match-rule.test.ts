import { afterEach, describe, expect, it } from 'vitest'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { base, type BaseLead } from './base.js'

let warehouse: Warehouse | undefined

afterEach(async () => {
  await warehouse?.close()
  warehouse = undefined
})

async function built(
  rules: string,
  leads: readonly BaseLead[],
  lists: Readonly<Record<string, readonly string[]>> = {},
): Promise<Warehouse> {
  warehouse = await base({
    pipeline: `marketo: sandbox\nservices:\n  people:\n    type: dedupe\n${rules}`,
    leads: leads.map((lead, index) => ({ id: String(index + 1), ...lead })),
    lists,
    models: ['candidate_pair', 'match_hold', 'match_block_count'],
  })
  return warehouse
}

/** Pairs of ids that a rule file makes, as `1-2`. */
async function pairs(...args: Parameters<typeof built>): Promise<string[]> {
  const made = await built(...args)
  const rows = await made.rows<{ pair: string }>(
    `select distinct a || '-' || b as pair from dedupe.candidate_pair order by a, b`,
  )
  return rows.map(({ pair }) => pair)
}

const zoe = { email: 'zoe@acme.example', firstName: 'Zoe', lastName: 'Berg' }
const email = '    match: [{ same: [email] }]\n'

describe('a rule of similarity', () => {
  const rule = `    match:
      - similar: { first_name: 0.85, last_name: 0.88 }
        block: [last_name_sound, email_domain]
`
  it('joins names with slips, in any of its blocks, once', async () => {
    const found = await pairs(rule, [
      { firstName: 'Jonathan', lastName: 'Meyer', email: 'a@acme.com' },
      { firstName: 'Jonathon', lastName: 'Meier', email: 'b@acme.com' },
      { firstName: 'Jonathan', lastName: 'Meyers', email: 'c@acme.com' },
      { firstName: 'Petra', lastName: 'Meyer', email: 'd@acme.com' },
    ])
    expect(found).toEqual(['1-2', '1-3'])
  })

  it('keeps how alike the leads are, and no value', async () => {
    const made = await built(rule, [
      { firstName: 'Martha', lastName: 'Dixon' },
      { firstName: 'Marhta', lastName: 'Dixon' },
    ])
    const rows = await made.rows(
      'select round(similarity, 3) as similarity, evidence from dedupe.candidate_pair',
    )
    // Jaro-Winkler of MARTHA and MARHTA is 0.961 (Winkler 1990).
    expect(rows).toEqual([
      { similarity: 0.981, evidence: 'first name 0.96, last name 1.00' },
    ])
  })

  it('compares companies by words in any order, and addresses by words in common', async () => {
    const found = await pairs(
      `    match:
      - similar: { company: 0.95, address: 0.8 }
        block: [postal_code]
`,
      [
        {
          company: 'Berg Smith Ltd',
          address: '12 Main St',
          postalCode: '1017',
        },
        {
          company: 'Smith & Berg',
          address: 'Main Street 12, Apt 4',
          postalCode: '1017',
        },
        { company: 'Smith & Berg', address: '14 Main St', postalCode: '1017' },
        { company: 'Smith & Berg', address: '12 Main St', postalCode: '2000' },
      ],
    )
    expect(found).toEqual(['1-2'])
  })

  it('compares numbers and dates by places', async () => {
    const found = await pairs(
      `    match:
      - same: [last_name]
        similar: { birth_date: 0.8 }
`,
      [
        { lastName: 'Berg', dateOfBirth: '1990-02-03' },
        { lastName: 'Berg', dateOfBirth: '1990-03-02' },
        { lastName: 'Berg', dateOfBirth: '1971-12-24' },
        { lastName: 'Dahl', dateOfBirth: '1990-02-03' },
      ],
    )
    expect(found).toEqual(['1-2'])
  })

  it('takes a list in the list of blocks for keys that hold together', async () => {
    const found = await pairs(
      `    match:
      - similar: { first_name: 0.8 }
        block: [[last_name, city]]
`,
      [
        { firstName: 'Anna', lastName: 'Berg', city: 'Oslo' },
        { firstName: 'Anne', lastName: 'Berg', city: 'Oslo' },
        { firstName: 'Anna', lastName: 'Berg', city: 'Rome' },
        { firstName: 'Anna', lastName: 'Dahl', city: 'Oslo' },
      ],
    )
    expect(found).toEqual(['1-2'])
  })

  it('splits a block that is too large, and says what is too large even then', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      firstName:
        index < 280
          ? `Ann${'bcdfghjklm'[index % 10]}`
          : `Zo${'eëè'[index % 3]}`,
      lastName: 'Berg',
      city: 'Oslo',
    }))
    const made = await built(
      `    match:
      - similar: { first_name: 0.99 }
        block: [city]
`,
      many,
    )
    const counted = await made.rows(
      'select status, blocks, leads, pairs from dedupe.match_block_count order by status',
    )
    expect(counted).toEqual([
      { status: 'skipped', blocks: 1, leads: 280, pairs: 39060 },
      { status: 'split', blocks: 1, leads: 20, pairs: 190 },
    ])
    const held = await made.rows(
      'select service, rule, reason, "values", leads from dedupe.match_hold',
    )
    expect(held).toEqual([
      {
        service: 'people',
        rule: 1,
        reason: 'block too large',
        values: 1,
        leads: 280,
      },
    ])
    const { least } = await made.one<{ least: number }>(
      'select min(a) as least from dedupe.candidate_pair',
    )
    expect(least).toBeGreaterThan(280)
  })
})

describe('a rule limited to some leads', () => {
  it('by conditions joins only leads that both fulfil them', async () => {
    const found = await pairs(
      '    match: [{ same: [email], where: { leadSource: Web } }]\n',
      [
        { ...zoe, leadSource: 'Web' },
        { ...zoe, leadSource: 'web ' },
        { ...zoe, leadSource: 'List' },
        zoe,
      ],
    )
    expect(found).toEqual(['1-2'])
  })

  it('by a list joins only leads that are both on it', async () => {
    const found = await pairs(
      `    match:
      - { same: [email], list: { static: News } }
      - { similar: { last_name: 0.9 }, block: [first_name], list: { static: Fair } }
`,
      [
        zoe,
        zoe,
        zoe,
        { firstName: 'Al', lastName: 'Dahlberg' },
        { firstName: 'Al', lastName: 'Dahlbergs' },
        { firstName: 'Al', lastName: 'Dahlberg' },
      ],
      { News: ['1', '3'], Fair: ['4', '5'] },
    )
    expect(found).toEqual(['1-3', '4-5'])
  })
})

describe('a suffix of the name', () => {
  it('keeps leads apart under every rule', async () => {
    const leads = [
      { ...zoe, lastName: 'Berg Jr.' },
      { ...zoe, lastName: 'Berg, Sr' },
      { ...zoe, lastName: 'Berg Junior' },
    ]
    expect(await pairs(email, leads)).toEqual(['1-3'])
    await warehouse?.close()
    const similar = `    match: [{ similar: { first_name: 0.9 }, block: [last_name] }]\n`
    expect(await pairs(similar, leads)).toEqual(['1-3'])
  })

  it('joins a lead without one where no choice is left', async () => {
    const leads = [{ ...zoe, lastName: 'Berg Jr.' }, zoe]
    expect(await pairs(email, leads)).toEqual(['1-2'])
  })
})

/** The star of equal leads and all pairs of similar ones join the same. */
async function apart(
  never: string,
  leads: readonly BaseLead[],
): Promise<string[]> {
  const made = await built(
    `${email}    never: [${never}]
  others:
    type: dedupe
    match: [{ similar: { last_name: 0.9 }, block: [email] }]
    never: [${never}]
`,
    leads,
  )
  const rows = await made.rows<{ service: string; pair: string }>(
    `select service, a || '-' || b as pair from dedupe.candidate_pair order by all`,
  )
  const of = (name: string) =>
    rows.flatMap(({ service, pair }) => (service === name ? [pair] : []))
  expect(of('others')).toEqual(of('people'))
  return of('people')
}

describe('a never rule', () => {
  it('partition keeps leads of different partitions apart', async () => {
    const found = await apart('partition', [
      { ...zoe, leadPartitionId: '1' },
      { ...zoe, leadPartitionId: '2' },
      { ...zoe, leadPartitionId: '1' },
    ])
    expect(found).toEqual(['1-3'])
  })

  it('employees leaves out people of our own domains and their subdomains', async () => {
    const found = await apart('{ employees: [acme.example] }', [
      zoe,
      zoe,
      { ...zoe, email: 'zoe@mail.acme.example' },
      { ...zoe, email: 'zoe@mail.acme.example' },
      { ...zoe, email: 'zoe@notacme.example' },
      { ...zoe, email: 'zoe@notacme.example' },
    ])
    expect(found).toEqual(['5-6'])
  })

  it('intentional leaves out what a field marks as wanted', async () => {
    const found = await apart('{ intentional: keepApart }', [
      { ...zoe, keepApart: 'true' },
      zoe,
      { ...zoe, keepApart: 'false' },
      { ...zoe, keepApart: '1' },
    ])
    expect(found).toEqual(['2-3'])
  })

  it('extra_key joins where the field agrees, or is empty on both', async () => {
    const found = await apart('{ extra_key: brand }', [
      { ...zoe, brand: 'North' },
      zoe,
      { ...zoe, brand: 'north ' },
      zoe,
      { ...zoe, brand: 'South' },
    ])
    expect(found).toEqual(['1-3', '2-4'])
  })

  it('household keeps other first names at one address and surname apart', async () => {
    const home = {
      address: '12 Main Street',
      lastName: 'Berg',
      email: zoe.email,
    }
    const found = await apart('household', [
      { ...home, firstName: 'Robert' },
      { ...home, firstName: 'Anna' },
      { ...home, firstName: 'Bob', address: 'Main St 12' },
    ])
    expect(found).toEqual(['1-3'])
  })

  it('household says nothing of another address, surname or an initial', async () => {
    const found = await apart('household', [
      { ...zoe, firstName: 'Robert', address: '1 Elm St' },
      { ...zoe, firstName: 'R.', address: '1 Elm St' },
      { ...zoe, email: 'b@acme.example', firstName: 'Ed', address: '1 Elm St' },
      { ...zoe, email: 'b@acme.example', firstName: 'Al', address: '2 Oak St' },
    ])
    expect(found).toEqual(['1-2', '3-4'])
  })
})

describe('a value that is no evidence', () => {
  it('is counted by rule and reason: shared mailboxes and values of several people', async () => {
    const people = [
      'Anna Berg',
      'Carl Dahl',
      'Eva Falk',
      'Gert Holm',
      'Ida Juhl',
    ]
    const leads = people.flatMap((name) => {
      const [firstName = '', lastName = ''] = name.split(' ')
      return [
        {
          firstName,
          lastName,
          email: 'info@acme.example',
          phone: '702-919-1300',
        },
        { firstName, lastName, email: `${firstName}@acme.example` },
      ]
    })
    const made = await built(
      '    match: [{ same: [email] }, { same: [phone] }, { same: [phone, last_name] }]\n',
      leads,
    )
    expect(await made.rows('select * from dedupe.candidate_pair')).toEqual([])
    const held = await made.rows(
      'select rule, reason, "values", leads from dedupe.match_hold order by rule',
    )
    expect(held).toEqual([
      { rule: 1, reason: 'shared mailbox', values: 1, leads: 5 },
      { rule: 2, reason: 'value of several people', values: 1, leads: 5 },
    ])
  })
})

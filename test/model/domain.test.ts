import { describe, expect, it } from 'vitest'
import { domainStage, type Lead } from './domain-stage.js'

async function rowsOf(leads: readonly Lead[], sql: string, service?: string) {
  const warehouse = await domainStage(leads, service)
  try {
    return await warehouse.rows(sql)
  } finally {
    await warehouse.close()
  }
}

/** Address, canonical host, what is wrong with it. */
const addresses: readonly [string, string | null, string | null][] = [
  [' Zoe@Mail.ACME.co.uk\n', 'mail.acme.co.uk', null],
  ['zoe@bücher.example', 'xn--bcher-kva.example', null],
  ['zoe@XN--BCHER-KVA.example', 'xn--bcher-kva.example', null],
  ['zoe@faß.example', 'xn--fa-hia.example', null],
  ['zoe@公司.cn', 'xn--55qx5d.cn', null],
  ['zoe@ａｃｍｅ。example', 'acme.example', null],
  ['zoe@почта.рф', 'xn--80a1acny.xn--p1ai', null],
  ['nobody', null, 'no_at'],
  ['a@b@c.example', null, 'several_at'],
  ['a@x.example, b@x.example', null, 'several_addresses'],
  ['@x.example', 'x.example', 'no_name'],
  ['zoe@', null, 'no_host'],
  ['zoe smith@x.example', 'x.example', 'space'],
  ['zoe\u00a0smith@x.example', 'x.example', 'space'],
  ['Zoe <zoe@x.example>', null, 'space'],
  ['<zoe@x.example>', null, 'bad_character'],
  ['zoe\u200b@x.example', 'x.example', 'bad_character'],
  [`${'z'.repeat(65)}@x.example`, 'x.example', 'too_long'],
  ['zoe.@x.example', 'x.example', 'misplaced_dot'],
  ['z..oe@x.example', 'x.example', 'misplaced_dot'],
  ['zoe@x..example', null, 'misplaced_dot'],
  ['zoe@x.example.', null, 'misplaced_dot'],
  ['zoe@localhost', null, 'no_suffix'],
  ['zoe@127.0.0.1', null, 'ip_address'],
  ['zoe@-x.example', null, 'bad_host'],
  ['zoe@x_y.example', null, 'bad_host'],
  ['zoe@x.example1', 'x.example1', null],
  ['zoe@x.1', null, 'bad_host'],
  ['zoe@xn--zzzz.example', null, 'bad_host'],
  ['zoe@a%41.example', null, 'bad_host'],
  [`zoe@${'x'.repeat(64)}.example`, null, 'too_long'],
]

describe('an email address', () => {
  it('has one canonical host, or a reason why it has none', async () => {
    const found = await rowsOf(
      addresses.map(([email]) => ({ email })),
      'select email, host, problem from lead_address join live_lead using (id) order by id',
    )
    expect(found).toEqual(
      addresses.map(([email, host, problem]) => ({ email, host, problem })),
    )
  })

  it('that is empty is neither right nor wrong', async () => {
    const found = await rowsOf(
      [{ email: ' ' }, { email: '' }],
      'select * from lead_address',
    )
    expect(found).toEqual([])
  })

  it('is written back as people write it, with the reason', async () => {
    const service =
      '{ type: domain, write: { a: unicode, b: problem, c: domain, d: host } }'
    const found = await rowsOf(
      [{ email: 'zoe@mail.bücher.example' }, { email: 'nobody' }],
      'select id, field, value from lead_domain order by id, field',
      service,
    )
    expect(found).toEqual([
      { id: 1, field: 'a', value: 'mail.bücher.example' },
      { id: 1, field: 'c', value: 'xn--bcher-kva.example' },
      { id: 1, field: 'd', value: 'mail.xn--bcher-kva.example' },
      { id: 2, field: 'b', value: 'no_at' },
    ])
  })
})

const types = [
  ['zoe@gmail.com', 'free'],
  ['zoe@privaterelay.appleid.com', 'relay'],
  ['x1@inbox.mozmail.com', 'relay'],
  ['zoe@appleid.com', 'business'],
  ['zoe@mailinator.com', 'disposable'],
  ['zoe@any.mailinator.com', 'disposable'],
  ['zoe@cs.ox.ac.uk', 'education'],
  ['zoe@army.mil', 'government'],
  ['zoe@acme.example', 'business'],
] as const

describe('the type of a domain', () => {
  it('is that of the host, or of the domain above it that a list names', async () => {
    const found = await rowsOf(
      types.map(([email]) => ({ email })),
      `select email, type from lead_address join email_host using (host)
       join live_lead on live_lead.id = lead_address.id order by lead_address.id`,
    )
    expect(found).toEqual(types.map(([email, type]) => ({ email, type })))
  })
})

/** Typed, meant, what went wrong. */
const slips = [
  ['gnail.com', 'gmail.com', 'a key beside'],
  ['gamil.com', 'gmail.com', 'two letters exchanged'],
  ['gmal.com', 'gmail.com', 'a letter missing'],
  ['gmaill.com', 'gmail.com', 'a letter doubled'],
  ['gmail.con', 'gmail.com', 'another ending'],
  ['gmail.co', 'gmail.com', 'another ending'],
  ['gnail.con', 'gmail.com', 'a key beside, another ending'],
  ['hotmial.fr', 'hotmail.fr', 'two letters exchanged'],
  ['nortwind-steel.example', 'northwind-steel.example', 'a letter missing'],
] as const

/** What only looks like a slip. */
const real = [
  ['aon.com', 'a company three letters long'],
  ['web.dk', 'another country'],
  ['orange.pr', 'another country'],
  ['give.com', 'a word of four letters'],
  ['email.com', 'a provider of its own'],
  ['ymail.com', 'a provider of its own'],
  ['mail.com', 'a provider of its own'],
  ['gmail.acme.example', 'a subdomain'],
  ['northwind.example', 'more than one slip'],
] as const

describe('a suggestion', () => {
  /** A base in which Gmail and one company have many leads. */
  const base: readonly Lead[] = [
    { email: 'a@gmail.com', times: 300 },
    { email: 'a@northwind-steel.example', times: 400 },
  ]

  it('is made for slips of the fingers, and says which', async () => {
    const found = await rowsOf(
      [...base, ...slips.map(([domain]) => ({ email: `a@${domain}` }))],
      'select domain, suggestion, slip from domain_suggestion where confidence > 0.75 order by domain',
    )
    expect(found).toEqual(
      slips
        .map(([domain, suggestion, slip]) => ({ domain, suggestion, slip }))
        .toSorted((a, b) => (a.domain < b.domain ? -1 : 1)),
    )
  })

  it('is not made for domains that exist in their own right', async () => {
    const found = await rowsOf(
      [...base, ...real.map(([domain]) => ({ email: `a@${domain}` }))],
      'from domain_suggestion',
    )
    expect(found).toEqual([])
  })

  it('is less sure the more leads have the domain as typed', async () => {
    const [one, ten] = [await sure(base, 1), await sure(base, 10)]
    expect(one).toBeGreaterThan(ten)
    expect(ten).toBeGreaterThan(0.5)
    expect(await sure(base, 300)).toBe(0)
  })

  it('is written from the confidence that the service asks for', async () => {
    expect(await written(base, 0.5)).toEqual([{ value: 'gmail.com' }])
    expect(await written(base, 0.99)).toEqual([])
  })
})

/** How sure it is that so many people meant Gmail; 0 where it is not said. */
async function sure(base: readonly Lead[], times: number): Promise<number> {
  const [found] = (await rowsOf(
    [...base, { email: 'a@gnail.com', times }],
    'select confidence from domain_suggestion',
  )) as { confidence: number }[]
  return found?.confidence ?? 0
}

async function written(base: readonly Lead[], confidence: number) {
  return await rowsOf(
    [...base, { email: 'a@gnail.com', times: 3 }],
    'select distinct value from lead_domain',
    `{ type: domain, confidence: ${confidence}, write: { a: suggestion } }`,
  )
}

describe('the mart of domains', () => {
  it('has one row per registrable domain with its company, leads and days', async () => {
    const found = await rowsOf(
      [
        {
          email: 'a@acme.example',
          company: 'ACME, Inc.',
          createdAt: '2026-01-01T00:00:00Z',
        },
        {
          email: 'b@mail.acme.example',
          company: 'Acme',
          createdAt: '2026-03-01T00:00:00Z',
        },
        { email: 'c.@acme.example', company: 'Acme', createdAt: '2026-02-01' },
        { email: 'd@acme.example', company: 'Other' },
        { email: 'e@gmail.com', company: 'Acme' },
      ],
      `select domain, type, hosts, leads, malformed, company, company_leads,
         company_share, companies, cast(first_seen as varchar) as first_seen,
         cast(last_seen as varchar) as last_seen
       from email_domain`,
    )
    expect(found).toEqual([
      {
        domain: 'acme.example',
        type: 'business',
        hosts: 2,
        leads: 4,
        malformed: 1,
        company: 'Acme',
        company_leads: 3,
        company_share: 0.75,
        companies: 2,
        first_seen: '2026-01-01 00:00:00',
        last_seen: '2026-03-01 00:00:00',
      },
      {
        domain: 'gmail.com',
        type: 'free',
        hosts: 1,
        leads: 1,
        malformed: 0,
        company: null,
        company_leads: null,
        company_share: null,
        companies: null,
        first_seen: '2026-01-01 00:00:00',
        last_seen: '2026-01-01 00:00:00',
      },
    ])
  })

  it('is the same whatever order the leads come in', async () => {
    const leads: Lead[] = Array.from({ length: 400 }, (_, index) => ({
      email: `a@${['gmail.com', 'gnail.com', 'acme.example', 'acne.example'][index % 4] ?? ''}`,
      company: `Company ${index % 3}`,
    }))
    const sql = 'from email_domain'
    expect(await rowsOf(leads.toReversed(), sql)).toEqual(
      await rowsOf(leads, sql),
    )
  })
})

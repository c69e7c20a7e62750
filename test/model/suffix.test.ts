import { describe, expect, it } from 'vitest'
import { domainStage } from './domain-stage.js'
import { toASCII } from './punycode-reader.js'
import { icannRules, privateRules, registrable } from './suffix-rule.js'

/**
 * Every rule as a suffix alone, with one, two and four labels before it; a
 * wildcard's star as one label and as none. And hosts that no rule names.
 */
function hosts(): string[] {
  const suffixes = [...icannRules, ...privateRules].flatMap((rule) => {
    const name = rule.replace('!', '')
    return name.startsWith('*.')
      ? [name.slice(2), `any${name.slice(1)}`]
      : [name]
  })
  const named = suffixes.flatMap((suffix) => [
    suffix,
    `acme.${suffix}`,
    `mail.acme.${suffix}`,
    `aa1.bb2.cc3.dd4.${suffix}`,
  ])
  const unknown = [
    'acme.example',
    'mail.acme.example',
    'a.b.unknownsuffix',
    'www.city.kawasaki.jp',
    'www.www.ck',
  ]
  const mixed = [
    'Почта.рф',
    'mail.BÜCHER.de',
    'acme.公司.香港',
    'ACME.Co.UK',
    'acme.xn--55qx5d.cn',
    'acme.xn--p1ai',
  ]
  const all = [...named, ...unknown, ...mixed].filter((host) =>
    host.includes('.'),
  )
  return [...new Set(all)]
}

const ascii = (host: string) =>
  host.toLowerCase().split('.').map(toASCII).join('.')

describe.each([
  [true, 'with private suffixes, as by default', ''],
  [false, 'without private suffixes', ', private_suffixes: false'],
])('the registrable domain', (withPrivate, title, option) => {
  it(`agrees with an own reading of the list's rules, ${title}`, async () => {
    const typed = hosts()
    expect(typed.length).toBeGreaterThan(200)
    const warehouse = await domainStage(
      typed.map((host) => ({ email: `zoe@${host}` })),
      `{ type: domain, write: { a: domain }${option} }`,
    )
    const found = await warehouse.rows<{
      email: string
      domain: string | null
    }>(
      `select email, domain from live_lead
       left join lead_address using (id) left join email_host using (host)
       order by live_lead.id`,
    )
    await warehouse.close()
    expect(found).toEqual(
      typed.map((host) => ({
        email: `zoe@${host}`,
        domain: registrable(ascii(host), withPrivate),
      })),
    )
  })
})

describe('the kind of a suffix', () => {
  it('tells the rules of registries from those of companies and from none', async () => {
    const warehouse = await domainStage(
      ['acme.co.uk', 'acme.uk.com', 'acme.nosuchsuffix'].map((host) => ({
        email: `zoe@${host}`,
      })),
    )
    const found = await warehouse.rows(
      'select host, suffix, suffix_kind from email_host order by host',
    )
    await warehouse.close()
    expect(found).toEqual([
      { host: 'acme.co.uk', suffix: 'co.uk', suffix_kind: 'icann' },
      {
        host: 'acme.nosuchsuffix',
        suffix: 'nosuchsuffix',
        suffix_kind: 'unknown',
      },
      { host: 'acme.uk.com', suffix: 'uk.com', suffix_kind: 'private' },
    ])
  })
})

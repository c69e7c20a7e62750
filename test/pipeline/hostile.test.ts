import { describe, expect, it } from 'vitest'
import { dedupe, instance, mistakes, sandbox, services } from './parse.js'

/** Quotes, templates, comments, control characters, direction marks. */
const hostile = [
  "a' or '1'='1",
  'a"; drop table lead; --',
  '{{{triple}}}',
  "{{literal 'x'}}",
  '{{! comment',
  'a /* b */ c',
  'a;b',
  'a`b',
  'a\\nb',
  '../../etc/passwd',
  'C:\\windows',
  '$(touch x)',
  '%s%n',
  'zoë',
  '名前',
  'a\u202eb',
  'a\u200bb',
  'a\u0007b',
  'a\u009bb',
  'a\u2028b',
  "a'||(select 1)||'",
  'x'.repeat(300),
  ' leading',
  '',
]

const quoted = (text: string) => JSON.stringify(text)
const same = 'match: [{ same: [email] }]\n'

const places: Record<string, (name: string) => string> = {
  'a service': (name) =>
    services(`${name}: { type: domain, write: { a: host } }`),
  'a match key': (name) => dedupe(`match: [{ same: [${name}] }]`),
  'a survive field': (name) => dedupe(`${same}survive: { ${name}: max }`),
  'a consent field': (name) => dedupe(`${same}consent: { ${name}: latest }`),
  'a stamp field': (name) => dedupe(`${same}stamp: { ${name}: count }`),
  'a winner field': (name) => dedupe(`${same}winner: [{ highest: ${name} }]`),
  'a never field': (name) => dedupe(`${same}never: [{ differ: ${name} }]`),
  'a condition field': (name) =>
    dedupe(`${same}never: [{ where: { ${name}: x } }]`),
  'a hash target': (name) =>
    services(`h: { type: hash, write: { ${name}: {} } }`),
  'a domain target': (name) =>
    services(`d: { type: domain, write: { ${name}: host } }`),
  'an enrich model': (name) =>
    services(`e: { type: enrich, model: ${name}, write: { a: b } }`),
  'an enrich column': (name) =>
    services(`e: { type: enrich, model: m, write: { a: ${name} } }`),
  'an extract field': (name) => `${sandbox}extract: { fields: [${name}] }\n`,
  'a group': (name) => `${sandbox}groups: [${name}]\n`,
}

describe('hostile names', () => {
  it.each(Object.entries(places))('are refused as %s', (_, file) => {
    const accepted = hostile.filter(
      (name) => mistakes(file(quoted(name))).length === 0,
    )
    expect(accepted).toEqual([])
  })

  it('cannot drive the terminal that shows the mistake', () => {
    const lines = Object.values(places).flatMap((file) =>
      hostile.flatMap((name) => mistakes(file(quoted(name)))),
    )
    expect(lines.length).toBeGreaterThan(300)
    const raw = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u
    expect(lines.filter((line) => raw.test(line))).toEqual([])
  })

  it('stay as they are as values of conditions, for SQL to quote', () => {
    for (const value of hostile.filter((each) => !each.includes('*'))) {
      const text = dedupe(`${same}never: [{ where: { a: ${quoted(value)} } }]`)
      expect(mistakes(text)).toEqual([])
    }
  })
})

describe('a secret', () => {
  const canary = 'k9Zq7Tr2Wm5Xc8Vb'

  it.each([
    ['client_secret', instance.replace('${SECRET}', canary)],
    ['client_id', instance.replace('${ID}', canary)],
    [
      'client_secret beside a mistake',
      `${instance.replace('${SECRET}', canary)}  tme_scale: 1\n`,
    ],
    ['a list', instance.replace('${SECRET}', `[${canary}]`)],
    ['a webhook', `${sandbox}alert: [{ slack: "https://x/${canary}" }]\n`],
    ['an endpoint', instance.replace('https://', `https://u:${canary}@`)],
  ])('written as %s is refused and never repeated', (_, text) => {
    const lines = mistakes(text)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('\n')).not.toContain(canary)
  })

  it('from the environment is in no message', () => {
    const text = `${instance}  time_scale: 5\nonwer: x\n`
    const env = { ID: canary, SECRET: canary }
    expect(mistakes(text, env).join('\n')).not.toContain(canary)
  })
})

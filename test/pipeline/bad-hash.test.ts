import { describe, expect, it } from 'vitest'
import { mistakes, parse, services } from './parse.js'

const hash = (rule: string) =>
  services(`h: { type: hash, write: { a: ${rule} } }`)

const key = '"${ACME_HASH_KEY}"'

const cases: readonly [string, string, string][] = [
  [
    'a phone for a platform that takes none',
    '{ profile: linkedin, input: phone }',
    'input must be one of email; linkedin takes nothing else hashed.',
  ],
  [
    'a field for a platform',
    '{ profile: meta, input: industry }',
    'input must be one of email, phone, mobile_phone, first_name, last_name, date_of_birth; meta takes nothing else hashed.',
  ],
  [
    'an input that is none',
    '{ input: "last name" }',
    'input "last name" cannot be hashed; use email, phone, mobile_phone, first_name, last_name, date_of_birth, or a Marketo field.',
  ],
  [
    'a version that never was',
    '{ profile: google, version: 9 }',
    'version must be 1 or 2; google has no other version.',
  ],
  [
    'an HMAC for a platform',
    `{ profile: google, algorithm: hmac-sha256, key: ${key} }`,
    'algorithm must be sha256; google matches nothing else.',
  ],
  [
    'an HMAC without a key',
    '{ algorithm: hmac-sha256 }',
    'algorithm needs a key beside it, such as key: ${ACME_HASH_KEY} with the name of an environment variable.',
  ],
  [
    'a key without an HMAC',
    `{ key: ${key} }`,
    'key is for algorithm: hmac-sha256 only; leave it out.',
  ],
  [
    'a key in two parts',
    '{ algorithm: hmac-sha256, key: "a${ACME_HASH_KEY}" }',
    'key must be one reference to an environment variable and nothing else, such as ${ACME_HASH_KEY}.',
  ],
  [
    'a key that is written out',
    '{ algorithm: hmac-sha256, key: k9Zq7Tr2Wm5Xc8Vbk9Zq7Tr2 }',
    'key is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
  ],
  [
    'an encoding of no key',
    '{ key_encoding: hex }',
    'key_encoding says how a key is written, and there is none.',
  ],
  [
    "TikTok's choices for another",
    '{ profile: meta, tag: remove }',
    'tag is for profile: tiktok only; leave it out.',
  ],
]

describe('a hash rule', () => {
  it.each(cases)('refuses %s', (_, rule, message) => {
    const env = { ACME_HASH_KEY: 'a key of sixteen bytes' }
    const lines = mistakes(hash(rule), env)
    expect(
      lines.map((line) => line.replace(/^\S+ +services\.h\.write\.a\./, '')),
    ).toEqual([message])
  })

  it.each([
    [{}, 'needs the environment variable ACME_HASH_KEY, which is not set'],
    [
      { ACME_HASH_KEY: 'k9Zq7Tr2' },
      'is set to 8 bytes; a key needs at least 16',
    ],
  ])('refuses a key of %j', (env, message) => {
    const rule = `{ algorithm: hmac-sha256, key: ${key} }`
    const lines = mistakes(hash(rule), env).join('\n')
    expect(lines).toContain(message)
    expect(lines).not.toContain('k9Zq7Tr2')
  })

  it('refuses a key that is not of its encoding, without saying it', () => {
    const rule = `{ algorithm: hmac-sha256, key: ${key}, key_encoding: hex }`
    const lines = mistakes(hash(rule), { ACME_HASH_KEY: 'k9Zq7Tr2Wm5Xc8Vb' })
    expect(lines.join('\n')).toContain('is set to a value that is not hex.')
    expect(lines.join('\n')).not.toContain('k9Zq7')
  })

  it('takes no reference anywhere but as its key', () => {
    const lines = mistakes(hash(`{ input: ${key} }`)).join('\n')
    expect(lines).toContain('refers to the environment')
  })

  it('gets the newest version of its profile, and may keep an old one', () => {
    const text = services(
      'h: { type: hash, write: { a: { profile: google }, b: { profile: google, version: 1 } } }',
    )
    expect(parse(text).pipeline.services[0]).toMatchObject({
      write: [{ rule: { version: 2 } }, { rule: { version: 1 } }],
    })
  })
})

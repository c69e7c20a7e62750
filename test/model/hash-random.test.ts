/** 100,000 seeded addresses against an implementation of its own. */
import { createHash, createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HashStage } from './hash-stage.js'

const count = 100_000

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const letters = Array.from('abcXYZ019._-+..++')
const hosts = [
  'gmail.com',
  'GMail.Com',
  'googlemail.com',
  'GOOGLEMAIL.COM',
  'example.com',
  'gmail.com.evil.example',
  'xgmail.com',
  'gmail.co',
  'mail.gmail.com',
  'bücher.example',
  'ΣΊΣΥΦΟΣ.example',
]
const spaces = [' ', '\t', '\n', '\u00a0', '\u2003', '\u3000', '\ufeff', '\v']
const hostile = [
  "'",
  '"',
  '\\',
  '%',
  ';--',
  '{{x}}',
  '$1',
  '\u0000',
  '\u0007',
  '\u0085',
  '\u200b',
  '\u202e',
  'İ',
  'ß',
  'ẞ',
  'ΟΔΟΣ',
  'é',
  'e\u0301',
  '名前',
  '😀',
  'Ⅷ',
  '\u{10400}',
  '@',
  '@@',
]

function addresses(seed: number): string[] {
  const next = random(seed)
  const pick = (from: readonly string[]) =>
    from[Math.floor(next() * from.length)] ?? ''
  const some = (most: number, from: readonly string[]) =>
    Array.from({ length: Math.floor(next() * (most + 1)) }, () => pick(from))
  return Array.from({ length: count }, () => {
    const local = some(12, letters)
    if (next() < 0.2) local.splice(local.length / 2, 0, pick(hostile))
    if (next() < 0.05) local.splice(local.length / 2, 0, pick(spaces))
    const at = next() < 0.97 ? '@' : ''
    const host = next() < 0.03 ? '' : pick(hosts)
    const around = next() < 0.2
    return [
      ...(around ? some(2, spaces) : []),
      ...local,
      at,
      host,
      ...(around ? some(2, spaces) : []),
    ].join('')
  })
}

/** Character by character, as far as can be from regular expressions in SQL. */
function isSpace(character: string): boolean {
  return character.trim() === ''
}

function strip(text: string): string {
  const characters = Array.from(text)
  let start = 0
  let end = characters.length
  while (start < end && isSpace(characters[start] ?? '')) start += 1
  while (end > start && isSpace(characters[end - 1] ?? '')) end -= 1
  return characters.slice(start, end).join('')
}

function squeeze(text: string): string {
  return Array.from(text)
    .filter((character) => !isSpace(character))
    .join('')
}

interface Parts {
  readonly local: string
  readonly host: string
}

function split(text: string): Parts | null {
  const at = text.indexOf('@')
  if (at < 1 || at !== text.lastIndexOf('@') || at === text.length - 1) {
    return null
  }
  if (Array.from(text).some(isSpace)) return null
  return { local: text.slice(0, at), host: text.slice(at + 1) }
}

const beforePlus = (text: string) => text.split('+', 1)[0] ?? ''
const noDots = (text: string) => text.split('.').join('')

function joined(local: string, host: string): string | null {
  return local === '' ? null : `${local}@${host}`
}

const own: Record<string, (text: string) => string | null> = {
  '{}': (text) => (text === '' ? null : text),
  '{ profile: plain }': (text) => {
    const parts = split(strip(text).toLowerCase())
    return parts && joined(parts.local, parts.host)
  },
  '{ profile: meta }': (text) => {
    const parts = split(strip(text).toLowerCase())
    return parts && joined(parts.local, parts.host)
  },
  '{ profile: linkedin }': (text) => {
    const parts = split(strip(text).toLowerCase())
    return parts && joined(parts.local, parts.host)
  },
  '{ profile: google, version: 1 }': (text) => {
    const parts = split(squeeze(text).toLowerCase())
    if (parts === null) return null
    const isGmail = ['gmail.com', 'googlemail.com'].includes(parts.host)
    return joined(isGmail ? noDots(parts.local) : parts.local, parts.host)
  },
  '{ profile: google }': (text) => {
    const parts = split(squeeze(text).toLowerCase())
    if (parts === null) return null
    const isGmail = ['gmail.com', 'googlemail.com'].includes(parts.host)
    const local = isGmail ? noDots(beforePlus(parts.local)) : parts.local
    return joined(local, parts.host)
  },
  '{ profile: tiktok }': (text) => {
    const parts = split(squeeze(text).toLowerCase())
    return parts && joined(parts.local, parts.host)
  },
  '{ profile: tiktok, tag: remove, dots: remove }': (text) => {
    const parts = split(squeeze(text).toLowerCase())
    return parts && joined(noDots(beforePlus(parts.local)), parts.host)
  },
  '{ profile: uid2 }': (text) => {
    const parts = split(strip(text).toLowerCase())
    if (parts === null) return null
    const local =
      parts.host === 'gmail.com' ? noDots(beforePlus(parts.local)) : parts.local
    return joined(local, parts.host)
  },
}

let stage: HashStage
const inputs = addresses(20261121)
/** The rules that differ least from others see the first of them. */
const whole = ['{ profile: google }', '{ profile: uid2 }', '{ profile: plain }']
const few = count / 5

const rows = inputs.map((value) => ({ field: 'email', value }))

beforeAll(async () => {
  stage = await HashStage.open()
})
afterAll(async () => {
  await stage.warehouse.close()
})

const key = 'a key of sixteen bytes and more'

function share(test: (text: string) => boolean): number {
  return inputs.filter(test).length / count
}

describe(`${count} random addresses`, () => {
  it('hold every kind of address often', () => {
    expect(share((text) => /gmail\.com$/i.test(text))).toBeGreaterThan(0.1)
    expect(
      share((text) => own['{ profile: uid2 }']?.(text) === null),
    ).toBeGreaterThan(0.05)
    expect(share((text) => /[^\x20-\x7e]/.test(text))).toBeGreaterThan(0.2)
  })

  it.each(Object.entries(own))(
    'are hashed by %s as by hand',
    async (rule, make) => {
      const size = whole.includes(rule) ? count : few
      const made = await stage.hashes(rule, rows.slice(0, size))
      expect(made.length).toBe(size)
      const encoding = rule.includes('uid2') ? 'base64' : 'hex'
      const wrong = inputs.slice(0, size).filter((input, index) => {
        const text = make(input)
        if (text === null) return made[index]?.startsWith('!') !== true
        const wanted = createHash('sha256').update(text).digest(encoding)
        return made[index] !== wanted
      })
      expect(wrong.slice(0, 5)).toEqual([])
    },
  )

  it('are signed as by hand', async () => {
    const rule =
      '{ profile: plain, algorithm: hmac-sha256, key: "${ACME_HASH_KEY}" }'
    const made = await stage.hashes(rule, rows.slice(0, few), {
      ACME_HASH_KEY: key,
    })
    const wrong = inputs.slice(0, few).filter((input, index) => {
      const text = own['{ profile: plain }']?.(input) ?? null
      if (text === null) return made[index]?.startsWith('!') !== true
      const wanted = createHmac('sha256', key).update(text).digest('hex')
      return made[index] !== wanted
    })
    expect(wrong.slice(0, 5)).toEqual([])
  })
})

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HashKey } from '../../src/pipeline/hash-key.js'
import { HashStage } from './hash-stage.js'

let stage: HashStage

beforeAll(async () => {
  stage = await HashStage.open()
})
afterAll(async () => {
  await stage.warehouse.close()
})

/** RFC 4231, sections 4.2 to 4.8: key and data in hex, HMAC-SHA-256. */
const rfc4231 = [
  [
    '0b'.repeat(20),
    Buffer.from('Hi There').toString('hex'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    Buffer.from('Jefe').toString('hex'),
    Buffer.from('what do ya want for nothing?').toString('hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    'aa'.repeat(131),
    Buffer.from(
      'Test Using Larger Than Block-Size Key - Hash Key First',
    ).toString('hex'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    'aa'.repeat(131),
    Buffer.from(
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    ).toString('hex'),
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
] as const

const hmac =
  '{ algorithm: hmac-sha256, key: "${ACME_HASH_KEY}", key_encoding: hex }'

async function words(key: string): Promise<string> {
  return (await stage.one(hmac, 'x', { env: { ACME_HASH_KEY: key } })).rule
}

describe('an HMAC', () => {
  it.each(rfc4231)(
    'with key %s is that of RFC 4231',
    async (key, data, hex) => {
      const text = Buffer.from(data, 'hex').toString('utf8')
      expect(new HashKey('K', key, 'hex').sign(text)).toBe(hex)
      // A pipeline file takes no key as short as the RFC's second.
      if (key.length < 32) return
      const env = { ACME_HASH_KEY: key }
      expect((await stage.one(hmac, text, { env })).value).toBe(hex)
      const rule = hmac.replace('}"', '}", encoding: base64')
      const { value } = await stage.one(rule, text, { env })
      expect(value).toBe(Buffer.from(hex, 'hex').toString('base64'))
    },
  )

  it('takes a key as text or base64 as well', () => {
    const text = new HashKey('K', 'Jefe', 'text')
    const base64 = new HashKey('K', 'SmVmZQ==', 'base64')
    expect(base64.sign('x')).toBe(text.sign('x'))
    expect(base64.check).toBe(text.check)
  })

  it('says of its key the name and a check that another key has not', async () => {
    const [a, b] = [await words('0a'.repeat(16)), await words('0b'.repeat(16))]
    expect(a).toMatch(
      /^hmac-sha256 hex of email, as it is, key ACME_HASH_KEY [0-9a-f]{8}$/,
    )
    expect(a).not.toBe(b)
    expect(a).not.toContain('0a0a')
  })

  it('keeps its key out of everything that prints it', () => {
    const key = new HashKey('K', 'a-canary-of-acme', 'text')
    const shown = inspect(key, { showHidden: true }) + JSON.stringify(key)
    expect(shown).not.toContain('canary')
    expect(Object.values(key).join()).not.toContain('canary')
  })

  it('without its key fails and is not taken for a value that has none', async () => {
    await expect(stage.hash(hmac, [], {})).rejects.toThrow('ACME_HASH_KEY')
    await stage.warehouse.run('select 1')
    await expect(
      stage.warehouse.one("select hmac_sha256('NO_SUCH_KEY', 'x') as v"),
    ).rejects.toThrow('The environment variable NO_SUCH_KEY is not set')
  })
})

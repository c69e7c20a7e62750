import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashed, hashInput } from '../../src/model/hash.js'
import type { HashProfile, HashRule } from '../../src/pipeline/pipeline.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { memory } from './memory.js'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await memory()
})
afterAll(async () => {
  await warehouse.close()
})

async function sql(expression: string, input: string): Promise<unknown> {
  const row = await warehouse.one<{ value: unknown }>(
    `select ${expression} as value from (select $1::varchar as email)`,
    [input],
  )
  return row.value
}

const rule = (
  profile: HashProfile,
  encoding: HashRule['encoding'] = 'hex',
  algorithm: HashRule['algorithm'] = 'sha256',
): HashRule => ({ profile, encoding, algorithm })

/**
 * Published by the platforms; see the docs that hash.ts names. Only UID2
 * publishes base64, which is of the raw bytes and not of the hex text.
 */
const published: readonly [HashProfile, string, string, string | null][] = [
  [
    'uid2',
    'USER@example.com',
    'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514',
    'tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ=',
  ],
  [
    'uid2',
    'MyEmail@example.com',
    '16c18d336f0b250f0e2d907452ceb9658a74ecdae8bc94864c23122a72cc27a5',
    'FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U=',
  ],
  [
    'uid2',
    'My.Email@example.com',
    'e22b53bc6f871274f3a62ab37a3caed7214fc14d676215a96a242fcfada1c81f',
    '4itTvG+HEnTzpiqzejyu1yFPwU1nYhWpaiQvz62hyB8=',
  ],
  [
    'uid2',
    'JaneSaoirse+Work@example.com',
    '28aaee4815230cd3b4ebd88c515226550666e91ac019929e3adac3f66c288180',
    'KKruSBUjDNO069iMUVImVQZm6RrAGZKeOtrD9mwogYA=',
  ],
  [
    'uid2',
    'JANE.SAOIRSE@gmail.com',
    '92ee26057ed9dea2535d6c8b141d48373932476599196e00352254896db5888f',
    'ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8=',
  ],
  [
    'uid2',
    'JaneSaoirse+Work@gmail.com',
    '92ee26057ed9dea2535d6c8b141d48373932476599196e00352254896db5888f',
    'ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8=',
  ],
  [
    'meta',
    'John_Smith@gmail.com',
    '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
    null,
  ],
  [
    'tiktok',
    'janedoe@gmail.com',
    'd6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69',
    null,
  ],
]

describe('hashing an email address', () => {
  it.each(published)(
    '%s %s gives the published hex and base64',
    async (profile, input, hex, base64) => {
      expect(await sql(hashed(rule(profile), 'email'), input)).toBe(hex)
      expect(await sql(hashed(rule(profile, 'base64'), 'email'), input)).toBe(
        base64 ?? Buffer.from(hex, 'hex').toString('base64'),
      )
    },
  )

  it('agrees with Node on MD5 and SHA-1, the legacy algorithms', async () => {
    for (const algorithm of ['md5', 'sha1'] as const) {
      const wanted = createHash(algorithm)
        .update('user@example.com')
        .digest('hex')
      const expression = hashed(rule('meta', 'hex', algorithm), 'email')
      expect(await sql(expression, ' User@Example.com ')).toBe(wanted)
    }
  })
})

describe('what a profile hashes', () => {
  it.each<[HashProfile, string, string | null]>([
    ['uid2', 'TEst.TEST@Test.com ', 'test.test@test.com'],
    ['uid2', '+test@test.com', '+test@test.com'],
    ['uid2', 'TEst.TEst+123@GMail.Com', 'testtest@gmail.com'],
    ['uid2', 'a.b@googlemail.com', 'a.b@googlemail.com'],
    ['uid2', '', null],
    ['uid2', '@', null],
    ['uid2', 'a@', null],
    ['uid2', '@b.com', null],
    ['uid2', '+@gmail.com', null],
    ['uid2', '.+@gmail.com', null],
    ['uid2', 'a@ba@z.com', null],
    ['uid2', 'test test@test.com', null],
    ['google', ' J.Doe+x @Gmail.com', 'jdoe+x@gmail.com'],
    ['google', 'a.b@googlemail.com', 'ab@googlemail.com'],
    ['google', 'a.b@example.com', 'a.b@example.com'],
    ['meta', ' A.B+c@Example.com\n', 'a.b+c@example.com'],
    ['none', ' A@b ', ' A@b '],
  ])('%s: %j becomes %j', async (profile, input, wanted) => {
    expect(await sql(hashInput(profile, 'email'), input)).toBe(wanted)
  })
})

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HashStage } from './hash-stage.js'

let stage: HashStage

beforeAll(async () => {
  stage = await HashStage.open()
})
afterAll(async () => {
  await stage.warehouse.close()
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

/** Rule, country, input, what is hashed, SHA-256 as published. */
type Vector = readonly [
  rule: string,
  country: string,
  input: string,
  normalised: string,
  hex: string,
]

/** Published by the platforms; see the docs that hash-profile.ts names. */
const published: readonly Vector[] = [
  [
    '{ profile: uid2 }',
    '',
    'USER@example.com',
    'user@example.com',
    'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514',
  ],
  [
    '{ profile: uid2 }',
    '',
    'MyEmail@example.com',
    'myemail@example.com',
    '16c18d336f0b250f0e2d907452ceb9658a74ecdae8bc94864c23122a72cc27a5',
  ],
  [
    '{ profile: uid2 }',
    '',
    'My.Email@example.com',
    'my.email@example.com',
    'e22b53bc6f871274f3a62ab37a3caed7214fc14d676215a96a242fcfada1c81f',
  ],
  [
    '{ profile: uid2 }',
    '',
    'JaneSaoirse+Work@example.com',
    'janesaoirse+work@example.com',
    '28aaee4815230cd3b4ebd88c515226550666e91ac019929e3adac3f66c288180',
  ],
  [
    '{ profile: uid2 }',
    '',
    'JANESAOIRSE@example.com',
    'janesaoirse@example.com',
    'd6670e7a92007f1b5ff785f1fc81e53aa6d3d7bd06bdf5c473cdc7286c284b6d',
  ],
  [
    '{ profile: uid2 }',
    '',
    'Jane.Saoirse@example.com',
    'jane.saoirse@example.com',
    'b196432c7b989a2ca91c83799957c515da53e6c13abf20b78fea94f117e90bf8',
  ],
  ...['JANE.SAOIRSE@gmail.com', 'JaneSaoirse+Work@gmail.com'].map(
    (input): Vector => [
      '{ profile: uid2 }',
      '',
      input,
      'janesaoirse@gmail.com',
      '92ee26057ed9dea2535d6c8b141d48373932476599196e00352254896db5888f',
    ],
  ),
  [
    '{ profile: uid2, input: phone }',
    'US',
    '1 (234) 567-8901',
    '+12345678901',
    '10e6f0b47054a83359477dcb35231db6de5c69fb1816e1a6b98e192de9e5b9ee',
  ],
  [
    '{ profile: meta }',
    '',
    'John_Smith@gmail.com',
    'john_smith@gmail.com',
    '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
  ],
  [
    '{ profile: meta, input: phone }',
    'US',
    '(650)555-1212',
    '16505551212',
    'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176',
  ],
  [
    '{ profile: meta, input: first_name }',
    '',
    'Mary',
    'mary',
    '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
  ],
  [
    '{ profile: meta, input: first_name }',
    '',
    'Valéry',
    'valéry',
    '08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c',
  ],
  [
    '{ profile: meta, input: last_name }',
    '',
    '정',
    '정',
    '8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14',
  ],
  [
    '{ profile: tiktok }',
    '',
    'janedoe@gmail.com',
    'janedoe@gmail.com',
    'd6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69',
  ],
  [
    '{ profile: google }',
    '',
    '  ALEXZ@EXAMPLE.com   ',
    'alexz@example.com',
    '509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a',
  ],
  [
    '{ profile: google, input: phone }',
    'US',
    '1-800-555-0100',
    '+18005550100',
    'fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30',
  ],
  [
    '{ profile: google, input: first_name }',
    '',
    '  GivenName  ',
    'givenname',
    '128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814',
  ],
  [
    '{ profile: google, input: last_name }',
    '',
    'Familyname',
    'familyname',
    '77762c287e61ce065bee5c15464012c6fbe088398b8057627d5577249430d574',
  ],
]

describe('a published vector', () => {
  it.each(published)(
    '%s of %s %j is reproduced',
    async (rule, country, input, normalised, hex) => {
      const { value } = await stage.one(rule, input, { country })
      const isBase64 = rule.includes('uid2')
      expect(sha256(normalised)).toBe(hex)
      expect(value).toBe(isBase64 ? base64(hex) : hex)
    },
  )

  it('of UID2 is base64 of the raw bytes, as printed', async () => {
    const cases = [
      ['USER@example.com', 'tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ='],
      ['MyEmail@example.com', 'FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U='],
      [
        'JANE.SAOIRSE@gmail.com',
        'ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8=',
      ],
    ] as const
    for (const [input, printed] of cases) {
      expect((await stage.one('{ profile: uid2 }', input)).value).toBe(printed)
    }
    const phone = '{ profile: uid2, input: mobile_phone }'
    const options = { country: 'United States' }
    const { value } = await stage.one(phone, '1 (234) 567-8901', options)
    expect(value).toBe('EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4=')
  })

  it('of MD5 and SHA-1 is reproduced for partners who still ask', async () => {
    const legacy = [
      ['md5', 'b58996c504c5638798eb6b511e6f49af'],
      ['sha1', '63a710569261a24b3766275b7000ce8d7b32e2f7'],
    ]
    for (const [algorithm, hex] of legacy) {
      const rule = `{ profile: plain, algorithm: ${algorithm} }`
      expect((await stage.one(rule, ' User@Example.com ')).value).toBe(hex)
    }
  })
})

/** Rule, input, country, what is hashed or `!` and the reason. */
type Case = readonly [string, string, string, string]

const google1 = '{ profile: google, version: 1 }'
const google2 = '{ profile: google }'
const uid2 = '{ profile: uid2 }'
const uid2Phone = '{ profile: uid2, input: phone }'
const untagged = '{ profile: tiktok, tag: remove }'

const addresses: readonly Case[] = [
  [uid2, 'TEst.TEST@Test.com ', '', 'test.test@test.com'],
  [uid2, '+test@test.com', '', '+test@test.com'],
  [uid2, 'TEst.TEst+123@GMail.Com', '', 'testtest@gmail.com'],
  [uid2, 'a.b+c@googlemail.com', '', 'a.b+c@googlemail.com'],
  [uid2, '@', '', '!empty_part'],
  [uid2, 'a@', '', '!empty_part'],
  [uid2, '@b.com', '', '!empty_part'],
  [uid2, '+@gmail.com', '', '!empty_part'],
  [uid2, '.+@gmail.com', '', '!empty_part'],
  [uid2, 'a@ba@z.com', '', '!several_at'],
  [uid2, 'test test@test.com', '', '!inner_space'],
  [uid2, 'nobody', '', '!no_at'],
  [uid2, ' \t ', '', '!empty'],
  [google1, ' J.Doe+x @Gmail.com', '', 'jdoe+x@gmail.com'],
  [google1, 'a.b@googlemail.com', '', 'ab@googlemail.com'],
  [
    google2,
    'cloudy.sanfrancisco+shopping@gmail.com',
    '',
    'cloudysanfrancisco@gmail.com',
  ],
  [google2, 'a.b+c@googlemail.com', '', 'ab@googlemail.com'],
  [google2, 'user.name+NYC@Example.com', '', 'user.name+nyc@example.com'],
  [google2, 'j.e.f..ferson@gmail.com', '', 'jefferson@gmail.com'],
  [google2, '..@gmail.com', '', '!empty_part'],
  ['{ profile: meta }', ' A.B+c@Example.com\n', '', 'a.b+c@example.com'],
  ['{ profile: linkedin }', 'A.B@Gmail.com', '', 'a.b@gmail.com'],
  ['{ profile: tiktok }', 'J. D+x@Gmail.com', '', 'j.d+x@gmail.com'],
  [untagged, 'J.D+x@Example.com', '', 'j.d@example.com'],
  [
    '{ profile: tiktok, tag: remove, dots: remove }',
    'J.D+x@Gmail.com',
    '',
    'jd@gmail.com',
  ],
  [untagged, '+x@example.com', '', '!empty_part'],
  [
    '{ profile: plain }',
    '\u00a0ZOË@acme.example\ufeff',
    '',
    'zoë@acme.example',
  ],
  ['{}', ' A@b ', '', ' A@b '],
]

const others: readonly Case[] = [
  ['{ profile: google, input: phone }', '(800)555-0100', 'US', '+18005550100'],
  [uid2Phone, '0491 570 006', 'Australia', '+61491570006'],
  [uid2Phone, '(02) 1234 5678', 'AU', '+61212345678'],
  [uid2Phone, '+1234567890', '', '+1234567890'],
  [uid2Phone, '+123456789012345', '', '+123456789012345'],
  [uid2Phone, '+123456789', '', '!not_a_valid_number'],
  [uid2Phone, '+1234567890123456', '', '!not_a_valid_number'],
  [uid2Phone, '555-555-5555', '', '!no_country'],
  // UID2's page prints +6512345678 for it, with two digits exchanged.
  [uid2Phone, '65 1243 5678', 'SG', '+6512435678'],
  [uid2Phone, '(555) 555-5555', 'US', '+15555555555'],
  [
    '{ profile: google, input: phone }',
    '65 1243 5678',
    'SG',
    '!not_a_valid_number',
  ],
  ['{ profile: meta, input: phone }', '3865286', 'US', '!not_a_valid_number'],
  ['{ profile: meta, input: phone }', '070 123 45 67', 'Sweden', '46701234567'],
  ['{ profile: meta, input: phone }', 'n/a', 'Sweden', '!no_digits'],
  ['{ profile: meta, input: phone }', '070 123', 'Mars', '!unknown_country'],
  ['{ profile: tiktok, input: phone }', '(650) 555-1212', 'US', '+16505551212'],
  [
    '{ profile: tiktok, input: phone, plus: remove }',
    '(650) 555-1212',
    'US',
    '16505551212',
  ],
  ['{ input: phone }', '(650) 555-1212', 'US', '(650) 555-1212'],
  ['{ profile: google, input: first_name }', ' Mrs. Ann ', '', 'ann'],
  ['{ profile: google, input: first_name }', 'Mralex', '', 'mralex'],
  ['{ profile: google, input: first_name }', ' Mr. ', '', '!nothing_left'],
  ['{ profile: google, input: last_name }', 'Quinn, Jr., DDS', '', 'quinn'],
  ['{ profile: google, input: last_name }', "O'Neill-Ii", '', "o'neill-ii"],
  ['{ profile: google, input: last_name }', ', Jr. ', '', '!nothing_left'],
  ['{ profile: meta, input: last_name }', "O'Neill-Smith", '', 'oneillsmith'],
  ['{ profile: meta, input: last_name }', ' van der Berg ', '', 'van der berg'],
  ['{ profile: meta, input: last_name }', '???', '', '!nothing_left'],
  ['{ profile: meta, input: date_of_birth }', '1990-02-03', '', '19900203'],
  ['{ profile: meta, input: date_of_birth }', '1990-02-30', '', '!not_a_date'],
  [
    '{ profile: meta, input: date_of_birth }',
    '0090-02-03',
    '',
    '!not_a_birth_year',
  ],
  ['{ profile: plain, input: date_of_birth }', ' 1990-02-03', '', '1990-02-03'],
  ['{ profile: plain, input: industry }', ' Steel ', '', 'steel'],
]

describe('what a profile hashes', () => {
  it.each([...addresses, ...others])(
    '%s of %j in %j is %j',
    async (rule, input, country, wanted) => {
      const { value, problem } = await stage.one(rule, input, { country })
      if (wanted.startsWith('!')) {
        expect([value, problem]).toEqual([null, wanted.slice(1)])
        return
      }
      const hex = sha256(wanted)
      const isBase64 = rule.includes('uid2')
      expect(problem).toBe(null)
      expect(value).toBe(isBase64 ? base64(hex) : hex)
    },
  )

  it('is nothing for a lead without the value', async () => {
    expect(await stage.hash('{ input: lastName }', [])).toEqual([])
  })
})

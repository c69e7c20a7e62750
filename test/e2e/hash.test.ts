import { createHash, createHmac } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import { pipeline, project, temporaryFolder } from './support.js'

const leads = [
  'id,email,phone,country,createdAt,updatedAt,emailHmac,phoneSha256',
  '1,Jo.Doe+News@gmail.com,(650)555-1212,US,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,null',
  '2,zoe@acme.example,070 123 45 67,Sweden,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,null',
  '3,nobody,3865286,US,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,null',
  '4,null,null,null,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,null',
].join('\n')

const rules = (
  file: string,
  google: string,
) => `marketo: { sandbox: { from: ${JSON.stringify(file)} }, time_scale: 1000 }
services:
  hash:
    type: hash
    write:
      emailSha256: { profile: google${google} }
      emailHmac: { profile: plain, algorithm: hmac-sha256, key: "\${ACME_HASH_KEY}" }
      phoneSha256: { input: phone, profile: meta }
load: { apply: auto }
`

const oldKey = 'Canary-k9Zq7Tr2Wm5Xc8Vb'
const newKey = 'Kanari-p3Lw8Yt6Rn1Jd4Gs'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string, text: string) =>
  createHmac('sha256', key).update(text).digest('hex')

async function run(folder: string, key: string): Promise<RunRecord> {
  const args = ['--project-dir', folder, '--json', '--quiet', 'run', 'acme']
  const done = await pipeline(args, { ACME_HASH_KEY: key })
  expect([done.code, done.stderr]).toEqual([0, ''])
  return JSON.parse(done.stdout) as RunRecord
}

async function query(folder: string, sql: string): Promise<unknown> {
  const args = ['--project-dir', folder, '--json', 'show', 'acme', '--inline']
  const { stdout } = await pipeline([...args, sql], { ACME_HASH_KEY: 'x' })
  return (JSON.parse(stdout) as { rows: unknown }).rows
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
}

const spellings = (key: string) => [
  key,
  Buffer.from(key).toString('hex'),
  Buffer.from(key).toString('base64').slice(0, 24),
]

it('hashes by platform, hashes anew only what a new version or key changes, and leaves no key in any file', async () => {
  const file = join(temporaryFolder(), 'leads.csv')
  writeFileSync(file, leads)
  const folder = project({ acme: rules(file, ', version: 1') })
  const first = await run(folder, oldKey)
  expect(first.notes ?? []).toEqual([])
  expect(
    await query(
      folder,
      'select id, emailSha256, emailHmac, phoneSha256 from lead order by id',
    ),
  ).toEqual([
    {
      id: 1,
      emailSha256: sha256('jodoe+news@gmail.com'),
      emailHmac: hmac(oldKey, 'jo.doe+news@gmail.com'),
      phoneSha256: sha256('16505551212'),
    },
    {
      id: 2,
      emailSha256: sha256('zoe@acme.example'),
      emailHmac: hmac(oldKey, 'zoe@acme.example'),
      phoneSha256: sha256('46701234567'),
    },
    { id: 3, emailSha256: null, emailHmac: null, phoneSha256: null },
    { id: 4, emailSha256: null, emailHmac: null, phoneSha256: null },
  ])
  expect(
    await query(
      folder,
      'select field, problem, leads from hash_problem order by field',
    ),
  ).toEqual([
    { field: 'emailHmac', problem: 'no_at', leads: 1 },
    { field: 'emailSha256', problem: 'no_at', leads: 1 },
    { field: 'phoneSha256', problem: 'not_a_valid_number', leads: 1 },
  ])

  writeFileSync(join(folder, 'pipelines/acme.yml'), rules(file, ''))
  const second = await run(folder, newKey)
  const versions =
    'sha256 hex of email, google version 2; was sha256 hex of email, google version 1'
  expect(second.plan?.updates).toBe(2)
  expect(second.notes?.[1]).toBe(
    `emailSha256 is hashed anew on 1 lead, because its rule changed: ${versions}.`,
  )
  expect(second.notes?.[0]).toMatch(
    /^emailHmac is hashed anew on 2 leads.*key ACME_HASH_KEY \w{8}; was .*key ACME_HASH_KEY \w{8}/,
  )
  expect(
    await query(
      folder,
      `select lead_id, json_keys(after_values) as fields, reason -> 'from' -> 'emailSha256' ->> 'rule' as rule from meta.plan_row where plan_hash = '${second.plan?.hash}' order by lead_id`,
    ),
  ).toEqual([
    { lead_id: 1, fields: ['emailHmac', 'emailSha256'], rule: versions },
    { lead_id: 2, fields: ['emailHmac'], rule: null },
  ])

  const leaks = filesUnder(folder).filter((path) => {
    const bytes = readFileSync(path)
    return [oldKey, newKey]
      .flatMap(spellings)
      .some((spelling) => bytes.includes(spelling))
  })
  expect(leaks).toEqual([])
}, 300_000)

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { pipeline, project } from './support.js'

const file = `marketo: { sandbox: { leads: 40, seed: 3 } }
services:
  people: { type: dedupe, match: [{ same: [email] }] }
`

/** As a person would download it: other order, and one row broken. */
function exported(fields: readonly string[], rows: number): string {
  const line = (id: number) =>
    fields.map((name) => (name === 'id' ? String(id) : 'null')).join(',')
  const lines = Array.from({ length: rows }, (_, at) => line(at + 1))
  return `${fields.join(',')}\n${lines.join('\n')}\n9,"broken"x\n`
}

interface Raw {
  readonly leads: number
  readonly offset: number
}

async function raw(folder: string): Promise<Raw> {
  const instance = await DuckDBInstance.create(
    join(folder, 'warehouse', 'acme', 'build.duckdb'),
    { access_mode: 'READ_ONLY' },
  )
  const connection = await instance.connect()
  const read = await connection.runAndReadAll(
    `select (select count(*) from raw.lead)::int as leads,
      (select byte_offset from raw.reject)::int as "offset"`,
  )
  const [row] = read.getRowObjectsJS()
  connection.closeSync()
  instance.closeSync()
  return { leads: Number(row?.['leads']), offset: Number(row?.['offset']) }
}

it('exports that a person downloaded are landed by the command, and said for what they are', async () => {
  const folder = project({ acme: file })
  const at = ['--project-dir', folder]
  const csv = join(folder, 'downloaded.csv')
  writeFileSync(csv, 'id,email\n1,a@x\n')
  const land = ['extract', 'acme', '--from-file', csv]
  const lacking = await pipeline([...land, ...at])
  expect(lacking).toMatchObject({ code: 3 })
  expect(lacking.stderr).toMatch(
    /downloaded\.csv lacks the columns .*createdAt/,
  )
  const fields = /lacks the columns (.*), which/.exec(lacking.stderr)?.[1]
  const names = ['id', 'email', ...(fields ?? '').split(', ')]
  writeFileSync(csv, exported(names, 30))

  const before = '2026-11-20T05:00Z'
  const done = await pipeline([...land, '--as-of', before, ...at])
  expect({ ...done, stdout: '' }).toMatchObject({ code: 0, stderr: '' })
  expect(done.stdout).toContain('Taken as of 2026-11-20 05:00 UTC')
  expect(done.stdout).toContain('not a complete extract')
  expect(done.stdout).toContain('30 leads · 1 file · 1 row set aside')
  const offset = readFileSync(csv, 'utf8').indexOf('9,"broken')
  expect(await raw(folder)).toEqual({ leads: 30, offset })

  for (const args of [
    ['--as-of', 'yesterday', '--from-file', csv],
    ['--as-of', '2026-11-20T05:00', '--from-file', csv],
    ['--complete'],
    ['--from-file', join(folder, 'nowhere.csv')],
  ]) {
    const refused = await pipeline(['extract', 'acme', ...args, ...at])
    expect(refused.code).toBe(3)
  }
})

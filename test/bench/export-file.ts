/** A large export file as Marketo writes it, made by DuckDB in seconds. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

export interface ExportFile {
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** Columns and what they hold for lead `i`; about 300 bytes a lead. */
const columns: Readonly<Record<string, string>> = {
  id: 'i',
  email: `'person' || i || '@' || (i % 9973) || '.example'`,
  firstName: `['Ann', 'Zoë', 'José', 'Sam', '李', 'Olaf'][1 + i % 6]`,
  lastName: `'Name ' || (i * 7919 % 100003)`,
  company: `if(i % 7 = 0, 'Acme, "Widgets" Inc. ' || i % 5003, 'Company ' || i % 70001)`,
  title: `['CEO', 'Engineer', 'Head of, well, things', null][1 + i % 4]`,
  phone: `'+33 ' || (i * 104729 % 1000000000)`,
  address: `if(i % 11 = 0, i % 997 || ' Main Street' || chr(10) || 'Floor ' || i % 9, i % 997 || ' Main Street')`,
  city: `'City ' || i % 4001`,
  state: `if(i % 3 = 0, null, 'S' || i % 51)`,
  postalCode: `lpad((i * 31 % 100000)::varchar, 5, '0')`,
  country: `['France', 'Germany', 'Japan', 'United States'][1 + i % 4]`,
  leadSource: `['Web', 'Event', 'Partner', null][1 + i % 4]`,
  leadScore: 'i % 150',
  unsubscribed: 'i % 19 = 0',
  emailInvalid: 'i % 37 = 0',
  industry: `if(i % 2 = 0, 'Software', null)`,
  website: `'https://www.' || (i % 9973) || '.example/'`,
  sfdcType: `if(i % 5 = 0, 'Contact', null)`,
  sfdcContactId: `if(i % 5 = 0, '003' || lpad(i::varchar, 15, '0'), null)`,
  createdAt: `strftime(timestamp '2015-01-01' + interval (i * 60) second, '%Y-%m-%dT%H:%M:%SZ')`,
  updatedAt: `strftime(timestamp '2020-01-01' + interval (i * 30) second, '%Y-%m-%dT%H:%M:%SZ')`,
  mobilePhone: `'+49 ' || (i * 15485863 % 10000000000)`,
  externalId: `'crm-' || lpad((i * 7 % 10000000)::varchar, 12, '0')`,
  emailSha256: `if(i % 3 = 0, sha256(i::varchar), null)`,
  comment: `if(i % 13 = 0, 'said "yes", then' || chr(10) || 'left', null)`,
}

export const columnNames: readonly string[] = Object.keys(columns)

export async function makeExport(
  path: string,
  rows: number,
): Promise<ExportFile> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const cells = Object.entries(columns).map(
    ([name, sql]) => `cast(${sql} as varchar) as "${name}"`,
  )
  await connection.run(
    `copy (select ${cells.join(', ')} from range(1, ${rows + 1}) as t(i))
    to '${path}' (format csv, header, nullstr 'null')`,
  )
  connection.closeSync()
  instance.closeSync()
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return { rows, bytes: statSync(path).size, sha256: hash.digest('hex') }
}

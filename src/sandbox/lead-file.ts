import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { parse } from 'fast-csv'
import { asError, badInput, PipelineError } from '../error.js'
import type { Lead } from './change.js'
import { buildSchema, type Field, type FieldDefinition } from './schema.js'
import { parseTime, valueOfCell, type Value } from './value.js'

export interface LeadFile {
  readonly fields: readonly Field[]
  readonly leads: readonly Lead[]
}

/** Columns that live beside a lead's values. */
const computed = new Set(['id', 'createdAt', 'updatedAt', 'leadPartitionId'])

interface Table {
  readonly columns: readonly string[]
  readonly fields: readonly Field[]
  readonly types: readonly (Field | undefined)[]
}

/** Leads of a CSV shaped like a bulk export: API names, `null` for empty. */
export async function readLeadFile(
  path: string,
  extra: readonly FieldDefinition[],
  now: number,
): Promise<LeadFile> {
  let table: Table | null = null
  const leads = new Map<string, Lead>()
  try {
    for await (const row of rowsOf(path)) {
      if (table === null) {
        table = tableOf(path, row, extra)
        continue
      }
      const lead = leadOf(path, table, row, leads.size + 2, now)
      if (leads.has(lead.id)) throw wrong(path, `id ${lead.id} occurs twice`)
      leads.set(lead.id, lead)
    }
  } catch (thrown) {
    throw unreadable(path, thrown)
  }
  if (table === null) throw wrong(path, 'it is empty')
  return { fields: table.fields, leads: [...leads.values()] }
}

function rowsOf(path: string): AsyncIterable<string[]> {
  const file = createReadStream(path)
  const parser = parse({ headers: false })
  // Errors of the file end the rows instead of the process.
  file.once('error', (error) => parser.destroy(error))
  return file.pipe(parser) as AsyncIterable<string[]>
}

function tableOf(
  path: string,
  row: readonly string[],
  extra: readonly FieldDefinition[],
): Table {
  const columns = row.map((name) => name.replace(/^\uFEFF/, '').trim())
  if (!columns.includes('id')) throw wrong(path, "it has no column 'id'")
  if (new Set(columns).size < columns.length) {
    throw wrong(path, 'its header names a column twice')
  }
  const fields = buildSchema(columns, extra)
  const byName = new Map(fields.map((field) => [field.name, field]))
  return { columns, fields, types: columns.map((name) => byName.get(name)) }
}

function leadOf(
  path: string,
  { columns, types }: Table,
  row: readonly string[],
  line: number,
  now: number,
): Lead {
  if (row.length !== columns.length) {
    const found = `record ${line} has ${row.length} cells, not ${columns.length}`
    throw wrong(path, found)
  }
  const values: Record<string, Value> = {}
  const own: Record<string, string> = {}
  row.forEach((cell, index) => {
    const [name, field] = [columns[index], types[index]]
    if (name === undefined || field === undefined) return
    if (computed.has(name)) own[name] = cell
    else {
      const value = valueOfCell(field.dataType, cell)
      if (value !== null) values[name] = value
    }
  })
  const id = own['id'] ?? ''
  if (!/^[1-9]\d*$/.test(id)) {
    throw wrong(path, `record ${line} has no positive integer as id`)
  }
  const createdAt = parseTime(own['createdAt'] ?? '') ?? now
  const updatedAt = parseTime(own['updatedAt'] ?? '') ?? createdAt
  const partition = Number(own['leadPartitionId']) || 1
  return {
    id,
    createdAt,
    updatedAt,
    fieldUpdatedAt: updatedAt,
    partition,
    values,
  }
}

function wrong(path: string, why: string): PipelineError {
  return badInput(
    'sandbox_leads',
    `The lead file ${path} cannot be served: ${why}. It has to look like a Marketo bulk export: a header of API names with id, and null for empty.`,
  )
}

/** The parser quotes the cell that it cannot read, which is a lead's. */
function unreadable(path: string, thrown: unknown): Error {
  if (thrown instanceof PipelineError) return thrown
  const error = asError(thrown)
  if (error.message.startsWith('Parse Error')) {
    return wrong(
      path,
      'a quote in it is not closed, or is followed by more text in its cell',
    )
  }
  const isGone = 'code' in error && error.code === 'ENOENT'
  return wrong(path, isGone ? 'there is no such file' : error.message)
}

/** Identifies the content, so that a state file knows its origin. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    const bytes = createReadStream(path) as AsyncIterable<Buffer>
    for await (const chunk of bytes) hash.update(chunk)
  } catch (thrown) {
    throw unreadable(path, thrown)
  }
  return hash.digest('hex')
}

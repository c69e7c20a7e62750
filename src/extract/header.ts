import { open } from 'node:fs/promises'
import { exitCode, PipelineError } from '../error.js'
import { cellText, type CsvRecord, parseRecord } from './record.js'

export type LineEnd = '\n' | '\r\n' | '\r'

export interface Header {
  readonly names: readonly string[]
  /** What ends the header; later lines may end in another way. */
  readonly lineEnd: LineEnd
}

/** A column to land, and where it stands in the file. */
export interface Column {
  readonly name: string
  readonly position: number
}

const mostBytes = 1024 * 1024
const byteOrderMark = Buffer.from('\uFEFF')

/** The names in a file's first line; null for a file without any. */
export async function readHeader(path: string): Promise<Header | null> {
  const bytes = await firstBytes(path)
  const start = bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
  if (bytes.length === start) return null
  const crEnds = !bytes.includes(0x0a) && bytes.includes(0x0d)
  const record = parseRecord(bytes, start, { last: true, crEnds })
  if (record.kind !== 'record') throw noHeader(path)
  const lineEnd = crEnds ? '\r' : record.next - record.end === 2 ? '\r\n' : '\n'
  return { names: cells(bytes, record), lineEnd }
}

function cells(bytes: Buffer, record: CsvRecord): string[] {
  return record.quoted.map((_, cell) => cellText(bytes, record, cell).trim())
}

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(mostBytes),
      0,
      mostBytes,
      0,
    )
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/**
 * Where the wanted columns stand. Marketo does not promise their order (Adobe
 * docs, bulk extract), so they are found by name.
 */
export function placeColumns(
  header: Header,
  wanted: readonly string[],
  file: string,
): Column[] {
  const places = new Map<string, number>()
  for (const [position, name] of header.names.entries()) {
    if (places.has(name) && wanted.includes(name)) throw twice(file, name)
    places.set(name, position)
  }
  const missing = wanted.filter((name) => !places.has(name))
  if (missing.length > 0) throw lacks(file, missing)
  return wanted.map((name) => ({ name, position: places.get(name) ?? 0 }))
}

function noHeader(file: string): PipelineError {
  return new PipelineError(
    'export_header',
    `The first line of ${file} is not a CSV header; look at the file and export it again.`,
    { exit: exitCode.failed, details: { file } },
  )
}

function twice(file: string, name: string): PipelineError {
  return new PipelineError(
    'export_header',
    `The first line of ${file} names the column ${name} twice, so it is not known which one holds the values; export it again.`,
    { exit: exitCode.failed, details: { file, name } },
  )
}

function lacks(file: string, missing: readonly string[]): PipelineError {
  return new PipelineError(
    'export_header',
    `The file ${file} lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${missing.join(', ')}, which ${missing.length === 1 ? 'was' : 'were'} asked for; export it again.`,
    { exit: exitCode.failed, details: { file, missing } },
  )
}

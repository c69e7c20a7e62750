import { chmod, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { finishFile } from '../durable.js'
import { asMachineError, exitCode, PipelineError } from '../error.js'
import { counted, formatShare } from '../format.js'
import type { RejectLimit } from '../pipeline/pipeline.js'
import { identifier, literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { fileHash, sizeOf } from './file.js'
import { type Column, type Header, placeColumns, readHeader } from './header.js'
import { mayBeMisread } from './misread.js'
import type { Reject } from './reject.js'
import { tolerantReading } from './reading.js'

export interface LandingRequest {
  /** The CSV file as it was downloaded. */
  readonly csv: string
  /** The Parquet file to make; only a whole one ever has this name. */
  readonly parquet: string
  /** Columns by their names in the header; all of them must be there. */
  readonly fields: readonly string[]
  /** What each is called in the Parquet file, where that differs. */
  readonly names?: ReadonlyMap<string, string>
  /** Records by Marketo's count; null where nobody counted. */
  readonly rows: number | null
  /** Rows that may be set aside. */
  readonly limit: RejectLimit
}

export interface LandedTable {
  /** null where the export holds no record. */
  readonly parquet: {
    readonly path: string
    readonly bytes: number
    readonly sha256: string
  } | null
  readonly rows: number
  readonly rejects: readonly Reject[]
}

/** The file does not hold as many records as Marketo counted. */
export class CountMismatch extends Error {
  readonly expected: number
  readonly found: number

  constructor(expected: number, found: number) {
    super(`${found} records instead of ${expected}`)
    this.expected = expected
    this.found = found
  }
}

/** A row longer than this is a quote that was never closed. */
const longestLine = 8 * 1024 * 1024

/**
 * Makes a Parquet file, every column text, of a downloaded CSV file. `null`
 * becomes NULL, quoted or not: Marketo writes both alike. Rows and rejects
 * together are Marketo's record count, or CountMismatch is thrown.
 */
export async function landCsv(
  warehouse: Warehouse,
  request: LandingRequest,
): Promise<LandedTable> {
  const doing = `Landing ${basename(request.csv)}`
  try {
    const header = await readHeader(request.csv)
    if (header === null) return nothing(request)
    const file = basename(request.csv)
    const columns = placeColumns(header, request.fields, file)
    return await landRows(warehouse, { ...request, header, columns })
  } catch (error) {
    throw asMachineError(error, doing)
  } finally {
    await rm(temporary(request.parquet), { force: true })
  }
}

interface Rows extends LandingRequest {
  readonly header: Header
  readonly columns: readonly Column[]
}

function nothing(request: LandingRequest): LandedTable {
  if (request.rows) throw new CountMismatch(request.rows, 0)
  return { parquet: null, rows: 0, rejects: [] }
}

async function landRows(
  warehouse: Warehouse,
  request: Rows,
): Promise<LandedTable> {
  const fast = await fastReading(warehouse, request)
  if (fast !== null) return await finish(request, fast, [])
  const clean = `${request.parquet}.clean`
  try {
    const reading = await tolerantReading(request.csv, clean, {
      columns: request.header.names.length,
      id: idPosition(request),
      crEnds: request.header.lineEnd === '\r',
      wanted: request.rows,
    })
    if (reading.rejects === null) {
      throw new CountMismatch(request.rows ?? 0, reading.rows)
    }
    refuseTooMany(request, reading.rows, reading.rejects.length)
    await copy(warehouse, request, clean)
    const { rows } = await count(warehouse, request.parquet)
    if (rows !== reading.rows) throw new CountMismatch(reading.rows, rows)
    return await finish(request, rows, reading.rejects)
  } finally {
    await rm(clean, { force: true })
  }
}

/**
 * DuckDB alone, for files without a flaw; null where there is one. It has
 * been seen to read CRLF files as empty and to drop rows without an error, so
 * it is believed only where a count says how many there must be.
 */
async function fastReading(
  warehouse: Warehouse,
  request: Rows,
): Promise<number | null> {
  if (request.rows === null || request.header.lineEnd !== '\n') return null
  if (await mayBeMisread(request.csv)) return null
  try {
    await copy(warehouse, request, request.csv)
  } catch (error) {
    // A stop or a full disk is final; what else fails is the file's fault.
    if (error instanceof PipelineError) throw error
    return null
  }
  const { rows, bad } = await count(warehouse, request.parquet)
  return request.rows === rows && bad === 0 ? rows : null
}

async function copy(
  warehouse: Warehouse,
  request: Rows,
  csv: string,
): Promise<void> {
  const read = request.header.names.map((_, at) => `'c${at}': 'VARCHAR'`)
  const select = request.columns.map(
    ({ name, position }) =>
      `c${position} as ${identifier(request.names?.get(name) ?? name)}`,
  )
  // Nothing is left to guess: one broken quote makes the sniffer drop quoting.
  await warehouse.run(
    `copy (select ${select.join(', ')} from read_csv(${literal(csv)},
      auto_detect = false, header = true, delim = ',', quote = '"',
      escape = '"', nullstr = 'null', strict_mode = true,
      new_line = '\\n',
      max_line_size = ${longestLine}, buffer_size = ${4 * longestLine},
      columns = {${read.join(', ')}}))
    to ${literal(temporary(request.parquet))}
      (format parquet, compression zstd)`,
  )
}

async function count(
  warehouse: Warehouse,
  parquet: string,
): Promise<{ rows: number; bad: number }> {
  return await warehouse.one<{ rows: number; bad: number }>(
    `select count(*) as rows, count(*) filter (
        where not regexp_full_match(coalesce(id, ''), '[0-9]+')
      ) as bad
    from read_parquet(${literal(temporary(parquet))})`,
  )
}

async function finish(
  request: Rows,
  rows: number,
  rejects: readonly Reject[],
): Promise<LandedTable> {
  const path = request.parquet
  await chmod(temporary(path), 0o600)
  const bytes = (await sizeOf(temporary(path))) ?? 0
  const sha256 = await fileHash(temporary(path))
  await finishFile(temporary(path), path)
  return { parquet: { path, bytes, sha256 }, rows, rejects }
}

function temporary(parquet: string): string {
  return `${parquet}.tmp`
}

function idPosition(request: Rows): number {
  const isId = (name: string) => (request.names?.get(name) ?? name) === 'id'
  return request.columns.find(({ name }) => isId(name))?.position ?? 0
}

/** A few broken rows are data; many say that the file is not what it seems. */
function refuseTooMany(
  { csv, limit }: LandingRequest,
  rows: number,
  rejects: number,
): void {
  const all = rows + rejects
  if (rejects <= Math.max(limit.rows, limit.share * all)) return
  const most =
    limit.share * all > limit.rows
      ? formatShare(limit.share)
      : counted(limit.rows, 'row')
  throw new PipelineError(
    'too_many_rejects',
    `${rejects} of ${all} rows of ${basename(csv)} are not valid CSV, more than the ${most} that extract.rejects lets be set aside; nothing of the file was landed. Look at the file in the landing folder, and export it anew or raise the limit.`,
    { exit: exitCode.guardrail, details: { rows, rejects } },
  )
}

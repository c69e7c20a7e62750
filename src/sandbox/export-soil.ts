import type { RowWriter } from './csv.js'
import type { ExportRecord } from './export-job.js'
import type { Dirt } from './dirt.js'
import type { Service } from './service.js'

/** The columns that a job's file has; a fault may change them. */
export function columnsOf({ fields, dirt }: ExportRecord): readonly string[] {
  if (dirt === 'reordered-columns') return fields.toReversed()
  return dirt === 'dropped-column' ? fields.slice(0, -1) : fields
}

/** How many more records the status tells than the file has distinct ones. */
export function toldRows(dirt: Dirt | null): number {
  const more: readonly (Dirt | null)[] = ['row-count', 'row-twice', 'row-twin']
  return more.includes(dirt) ? 1 : 0
}

/** What the last cell of the first row becomes, as written. */
const lastCells: Partial<Record<Dirt, string>> = {
  'bare-quote': '"a "b" c"',
  nul: 'nul\u0000byte',
  'bare-cr': 'bare\rreturn',
  'line-separator': 'a\u2028b\u2029c\u0085d',
  newline: '"two\nlines, ""one"" cell\r\nthree"',
  'open-quote': '"never closed',
  'long-cell': 'x'.repeat(30_000),
  'null-text': 'NULL',
  'invalid-utf8': 'bad\uE0FFbyte',
}

/** Stands for a byte that no UTF-8 text has. */
const badByte = Buffer.from('\uE0FF')

/** The first block with its header, its first row dirty where asked. */
export function soiled(
  service: Service,
  job: ExportRecord,
  header: string,
  cells: readonly string[][],
  writer: RowWriter,
): Buffer {
  const { dirt } = job
  const [first, ...rest] = cells
  const bom = dirt === 'bom' ? '\uFEFF' : ''
  const head = first === undefined ? '' : firstRow(service, job, first, writer)
  const text = bom + (dirt === 'no-header' ? '' : header) + head
  const bytes = Buffer.from(text + rest.map((row) => writer.join(row)).join(''))
  if (dirt !== 'invalid-utf8') return bytes
  const at = bytes.indexOf(badByte)
  if (at < 0) return bytes
  const after = bytes.subarray(at + badByte.length)
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), after])
}

/** The first row with its cells changed, and what follows it. */
function firstRow(
  service: Service,
  job: ExportRecord,
  cells: string[],
  writer: RowWriter,
): string {
  const { dirt } = job
  const row = writer.join(cells)
  const rest = cells.slice(0, -1)
  const last = dirt === null ? undefined : lastCells[dirt]
  if (last !== undefined) return writer.join([...rest, last])
  if (dirt === 'duplicate-row' || dirt === 'row-twice') return row + row
  if (dirt === 'row-twin') return row + writer.join([...rest, 'another'])
  if (dirt === 'missing-column') return writer.join(rest)
  if (dirt === 'extra-column') return writer.join([...cells, 'extra'])
  if (dirt === 'crlf') return row.replace(/\n$/, '\r\n')
  if (dirt !== 'decimal') return row
  return writer.join(withDecimal(service, job, cells))
}

/** Exports have been seen with fractions in columns of whole numbers. */
function withDecimal(
  service: Service,
  { fields }: ExportRecord,
  cells: readonly string[],
): string[] {
  const whole = fields.findIndex((name) => {
    const type = service.world.schema.field(name)?.dataType ?? 'string'
    return name !== 'id' && ['integer', 'score', 'percent'].includes(type)
  })
  return cells.map((cell, at) => (at === whole ? '12.50' : cell))
}

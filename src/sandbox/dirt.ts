/** Dirt that exports have been seen with (simulators, connectors). */
export const dirts = [
  /** A row twice, told once; or told twice, the same or not quite. */
  'duplicate-row',
  'row-twice',
  'row-twin',
  /** A row with a cell too few, or too many. */
  'missing-column',
  'extra-column',
  /** Quotes that no parser of RFC 4180 takes. */
  'bare-quote',
  'open-quote',
  /** Texts in the last cell of the first row. */
  'nul',
  'bare-cr',
  'line-separator',
  'newline',
  'long-cell',
  'null-text',
  'invalid-utf8',
  /** A fraction in a column of whole numbers. */
  'decimal',
  /** A row that ends in CRLF; a byte-order mark before the header. */
  'crlf',
  'bom',
  /** Columns in another order, one of them absent, or no header. */
  'reordered-columns',
  'dropped-column',
  'no-header',
  /** What the status tells is wrong, or missing; the file is right. */
  'row-count',
  'size',
  'checksum',
  'no-checksum',
  'md5-checksum',
] as const

export type Dirt = (typeof dirts)[number]

export function isDirt(value: unknown): value is Dirt {
  return dirts.some((dirt) => dirt === value)
}

import type { DataType, Value } from './value.js'

export type Format = 'CSV' | 'TSV' | 'SSV'

const delimiters = { CSV: ',', TSV: '\t', SSV: ';' } as const

/**
 * Writes rows as Marketo's exports have them: an empty value is the bare
 * word null, quotes only where needed, `\n` at the end of a row.
 */
export class RowWriter {
  readonly #delimiter: string
  readonly #special: RegExp
  readonly #quoteNull: boolean

  constructor(format: Format, quoteNull = false) {
    this.#delimiter = delimiters[format]
    this.#special = new RegExp(`["\\r\\n${this.#delimiter}]`)
    this.#quoteNull = quoteNull
  }

  row(values: readonly Value[]): string {
    return this.join(values.map((value) => this.cell(value)))
  }

  /** A row of cells that are written already. */
  join(cells: readonly string[]): string {
    // Joined at once: growing a long text piece by piece costs twice.
    return `${cells.join(this.#delimiter)}\n`
  }

  /** One value as its cell is written. */
  cell(value: Value): string {
    if (value === null) return 'null'
    if (typeof value !== 'string') return String(value)
    const quoted =
      this.#special.test(value) || (this.#quoteNull && value === 'null')
    return quoted ? `"${value.replaceAll('"', '""')}"` : value
  }
}

/** Types that a bulk export leaves out (Adobe docs, field types). */
export function isExportable(type: DataType): boolean {
  return type !== 'lead_function'
}

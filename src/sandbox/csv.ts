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
    let text = ''
    for (let i = 0; i < values.length; i++) {
      if (i > 0) text += this.#delimiter
      text += this.#cell(values[i] ?? null)
    }
    return `${text}\n`
  }

  #cell(value: Value): string {
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

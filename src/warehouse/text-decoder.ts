import accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js'

/**
 * DuckDB's client decodes every text as if it were a file and drops a leading
 * U+FEFF, so a value read back would differ from the one stored. The client
 * takes its decoder from its module at every text; there is no option for it.
 */
export function keepLeadingMarks(): void {
  Object.assign(accessors, {
    textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }),
  })
}

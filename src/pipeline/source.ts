/** The user's own tables that a pipeline file declares. */
import { z } from 'zod'
import { quoted } from './problem.js'
import { checked, text } from './scalar.js'

export interface SourceColumn {
  readonly name: string
  /** DuckDB's type in lower case. */
  readonly type: string
}

interface SourceBase {
  /** What models call it. */
  readonly name: string
  /** As written; goes from the folder of the pipeline file. */
  readonly path: string
  /** Columns that must be there, with their types. */
  readonly columns: readonly SourceColumn[]
}

export interface CsvSource extends SourceBase {
  readonly kind: 'csv'
  /** One character. */
  readonly delimiter: string
}

export interface ParquetSource extends SourceBase {
  readonly kind: 'parquet'
}

export interface DuckdbSource extends SourceBase {
  readonly kind: 'duckdb'
  readonly schema: string
  readonly table: string
}

export type Source = CsvSource | ParquetSource | DuckdbSource

/** DuckDB takes these for patterns, and one file is wanted. */
const filePath = checked((path) => {
  if (path.trim() === '') return 'is empty.'
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    return 'is an address; name a file on this machine.'
  }
  return /[*?[\]]/.test(path)
    ? `${quoted(path)} is a pattern; name one file.`
    : null
})

const typePattern =
  /^(varchar|smallint|integer|bigint|double|decimal\(\d{1,2}, ?\d{1,2}\)|boolean|date|time|timestamp|timestamptz)$/i

const columnType = checked((type) =>
  typePattern.test(type)
    ? null
    : `${quoted(type)} is not a type; use varchar, integer, bigint, double, decimal(18, 2), boolean, date, time, timestamp or timestamptz.`,
).meta({ pattern: typePattern.source })

const tablePattern = /^\w+(\.\w+)?$/

const tableName = checked((name) =>
  tablePattern.test(name)
    ? null
    : `${quoted(name)} is not a table; write its name, or schema.name.`,
).meta({ pattern: tablePattern.source })

const namePattern = /^[a-z][a-z0-9_]{0,62}$/

const sourceName = checked((name) =>
  namePattern.test(name)
    ? null
    : "is not a source's name; use lower-case letters, digits and _.",
).meta({ pattern: namePattern.source })

const delimiter = checked((value) =>
  /^[,;|\t]$/.test(value) ? null : 'must be one of , ; | and a tab.',
)

const columns = z
  .record(text, columnType)
  .optional()
  .describe('Columns that must be there, and their types.')

const sourceForm = z
  .strictObject({
    csv: filePath.optional().describe('A CSV file with a header, in UTF-8.'),
    parquet: filePath.optional().describe('A Parquet file.'),
    duckdb: filePath.optional().describe('A DuckDB file; needs table.'),
    table: tableName.optional().describe('Its table, or schema.table.'),
    delimiter: delimiter
      .optional()
      .describe('Between the cells of a CSV file. Default a comma.'),
    columns,
  })
  .refine(hasOneFile, {
    error: () => 'must have one of csv, parquet and duckdb.',
  })
  .refine(
    ({ duckdb, table }) => (duckdb === undefined) === (table === undefined),
    {
      error: () => 'must have table with duckdb, and only with it.',
    },
  )
  .refine(
    ({ csv, delimiter: mark }) => csv !== undefined || mark === undefined,
    {
      error: () => 'can have delimiter with csv only.',
    },
  )

type SourceForm = z.infer<typeof sourceForm>

function hasOneFile(form: {
  readonly csv?: string | undefined
  readonly parquet?: string | undefined
  readonly duckdb?: string | undefined
}): boolean {
  const files = [form.csv, form.parquet, form.duckdb]
  return files.filter((file) => file !== undefined).length === 1
}

export const sourceSchema = z
  .record(sourceName, sourceForm)
  .describe(
    'Tables of your own that models of this pipeline read by {{source "name"}}; paths go from the folder of this file.',
  )

export function sourcesOf(
  form: Readonly<Record<string, SourceForm>> | undefined,
): Source[] {
  return Object.entries(form ?? {}).map(([name, source]) =>
    sourceOf(name, source),
  )
}

function sourceOf(name: string, form: SourceForm): Source {
  const base = { name, columns: columnsOf(form.columns) }
  if (form.csv !== undefined) {
    const { csv, delimiter: mark = ',' } = form
    return { ...base, kind: 'csv', path: csv, delimiter: mark }
  }
  if (form.parquet !== undefined) {
    return { ...base, kind: 'parquet', path: form.parquet }
  }
  const [last = '', schema = 'main'] = (form.table ?? '')
    .split('.')
    .toReversed()
  return {
    ...base,
    kind: 'duckdb',
    path: form.duckdb ?? '',
    schema,
    table: last,
  }
}

function columnsOf(form: SourceForm['columns']): SourceColumn[] {
  return Object.entries(form ?? {}).map(([name, type]) => ({
    name,
    type: type.toLowerCase(),
  }))
}

import { describe, expect, it } from 'vitest'
import { mistakes, parse, sandbox } from './parse.js'

const source = (line: string) => `${sandbox}source:\n  ${line}\n`

const cases: readonly [string, string, readonly string[]][] = [
  [
    'two files in one source',
    source('a: { csv: a.csv, parquet: a.parquet }'),
    ['3:3  source.a must have one of csv, parquet and duckdb.'],
  ],
  [
    'a source without a file',
    source('a: { columns: { x: date } }'),
    ['3:3  source.a must have one of csv, parquet and duckdb.'],
  ],
  [
    'a DuckDB file without a table',
    source('a: { duckdb: a.duckdb }'),
    ['3:3  source.a must have table with duckdb, and only with it.'],
  ],
  [
    'a table of a CSV file',
    source('a: { csv: a.csv, table: t }'),
    ['3:3  source.a must have table with duckdb, and only with it.'],
  ],
  [
    'a delimiter of a Parquet file',
    source('a: { parquet: a.parquet, delimiter: ";" }'),
    ['3:3  source.a can have delimiter with csv only.'],
  ],
  [
    'a type that is none',
    source('a: { csv: a.csv, columns: { x: text } }'),
    [
      '3:34  source.a.columns.x "text" is not a type; use varchar, integer, bigint, double, decimal(18, 2), boolean, date, time, timestamp or timestamptz.',
    ],
  ],
  [
    'a pattern of files',
    source('a: { csv: "data/*.csv" }'),
    ['3:13  source.a.csv "data/*.csv" is a pattern; name one file.'],
  ],
  [
    'an address',
    source('a: { parquet: "https://files.example/a.parquet" }'),
    ['3:17  source.a.parquet is an address; name a file on this machine.'],
  ],
  [
    'a name that SQL would have to quote',
    source('Order-lines: { csv: a.csv }'),
    [
      "3:3  source.Order-lines is not a source's name; use lower-case letters, digits and _.",
    ],
  ],
  [
    'a misspelt key',
    source('a: { cvs: a.csv }'),
    ['3:8  source.a.cvs is not a key here. Did you mean "csv"?'],
  ],
  [
    'a wrong policy for long values',
    `${sandbox}services:\n  e: { type: enrich, model: enrich/x, write: { a: b }, on_too_long: cut }\n`,
    ['3:69  services.e.on_too_long must be one of refuse, skip, not "cut".'],
  ],
]

describe('a source in a pipeline file', () => {
  it.each(cases)('refuses %s', (_, text, lines) => {
    expect(mistakes(text)).toEqual(lines)
  })

  it('has defaults for all that is left out', () => {
    const { sources } = parse(
      `${sandbox}source:\n  a: { csv: a.csv, columns: { x: DATE } }\n  b: { duckdb: b.duckdb, table: s.t }\n`,
    ).pipeline
    expect(sources).toEqual([
      {
        name: 'a',
        kind: 'csv',
        path: 'a.csv',
        delimiter: ',',
        columns: [{ name: 'x', type: 'date' }],
      },
      {
        name: 'b',
        kind: 'duckdb',
        path: 'b.duckdb',
        schema: 's',
        table: 't',
        columns: [],
      },
    ])
  })

  it('takes the path of a sandbox file from the folder of the pipeline', () => {
    const { marketo } = parse(
      'marketo:\n  sandbox: { from: data/lead.csv }\n',
    ).pipeline
    expect(marketo).toMatchObject({ from: 'pipelines/data/lead.csv' })
  })
})

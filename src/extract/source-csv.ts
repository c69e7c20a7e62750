import type { CsvSource } from '../pipeline/source.js'
import { identifier, literal } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { scanCsv } from './csv-scan.js'
import {
  requireColumns,
  SourceFault,
  type SourcePlace,
} from './source-fault.js'
import {
  castTo,
  type ColumnFacts,
  factsOf,
  isOfType,
  isText,
  typeOf,
} from './source-type.js'

/** The cells as text, before they have types. */
const cells = 'temp.main.source_cell'

/** Bytes; a longer row is a quote that was never closed. */
const longestLine = 8 * 1024 * 1024

/**
 * Reads a CSV file into a table. DuckDB drops rows of odd files without a
 * word, so the file is looked through first, and the counts must agree.
 */
export async function landCsvSource(
  warehouse: Warehouse,
  source: CsvSource,
  place: SourcePlace,
): Promise<void> {
  const { path, file } = place
  const { header, records, fault } = await scanCsv(path, source.delimiter)
  if (fault !== null) {
    throw new SourceFault([
      `${file}:${fault.line}  is not CSV that can be read: ${fault.reason}.`,
    ])
  }
  const names = checkedNames(header, file)
  requireColumns(source.columns, names, place)
  try {
    await readCells(warehouse, source, names.length, path)
    await refuseLost(warehouse, records, file)
    const types = await typesOf(warehouse, source, names)
    await refuseOthers(warehouse, source, types, place)
    const columns = [...types].map(
      ([name, type], at) => `${castTo(`c${at}`, type)} as ${identifier(name)}`,
    )
    await warehouse.run(
      `create or replace table ${place.into} as
       select ${columns.join(', ')} from ${cells}`,
    )
  } finally {
    await warehouse.run(`drop table if exists ${cells}`)
  }
}

/** Names that can be columns; DuckDB tells none apart by case. */
function checkedNames(
  header: readonly string[] | null,
  file: string,
): readonly string[] {
  if (header === null) {
    throw new SourceFault([`${file}:1  is empty, without even a header.`])
  }
  const lower = header.map((name) => name.toLowerCase())
  const problems = header.flatMap((name, at) => {
    if (name === '') return [`has no name for column ${at + 1} in its header`]
    if (lower.indexOf(name.toLowerCase()) === at) return []
    return [`names the column ${name} twice in its header`]
  })
  if (problems.length === 0) return header
  throw new SourceFault(
    problems.map((why) => `${file}:1  ${why}; give every column one name.`),
  )
}

/** Nothing is left to guess, and nothing is turned into anything yet. */
async function readCells(
  warehouse: Warehouse,
  { delimiter }: CsvSource,
  width: number,
  path: string,
): Promise<void> {
  const columns = Array.from(
    { length: width },
    (_, at) => `'c${at}': 'VARCHAR'`,
  )
  await warehouse.run(
    `create or replace temp table source_cell as
     from read_csv(${literal(path)}, auto_detect = false, header = true,
       delim = ${literal(delimiter)}, quote = '"', escape = '"',
       strict_mode = true, max_line_size = ${longestLine},
       columns = {${columns.join(', ')}})`,
  )
}

async function refuseLost(
  warehouse: Warehouse,
  records: number,
  file: string,
): Promise<void> {
  const { rows } = await warehouse.one<{ rows: number }>(
    `select count(*) as rows from ${cells}`,
  )
  if (rows === records) return
  throw new SourceFault([
    `${file}:1  holds ${records} records, and ${rows} could be read; look for stray quotes and line ends.`,
  ])
}

/** Declared types, and for other columns the narrowest that holds all cells. */
async function typesOf(
  warehouse: Warehouse,
  { columns }: CsvSource,
  names: readonly string[],
): Promise<Map<string, string>> {
  const declared = new Map(columns.map(({ name, type }) => [name, type]))
  const open = names.flatMap((name, at) => (declared.has(name) ? [] : [at]))
  const facts = await factsOfAll(warehouse, open)
  return new Map(
    names.map((name, at) => {
      const found = facts[`c${at}`]
      const type = found === undefined ? 'varchar' : typeOf(found)
      return [name, declared.get(name) ?? type]
    }),
  )
}

/** Cells that settle most columns, because they are plainly text. */
const sample = 20_000

async function factsOfAll(
  warehouse: Warehouse,
  columns: readonly number[],
): Promise<Readonly<Record<string, ColumnFacts>>> {
  const ask = async (
    wanted: readonly number[],
    known: Readonly<Record<string, ColumnFacts>>,
    from: string,
  ) => {
    if (wanted.length === 0) return {}
    const selected = wanted.map(
      (at) => `${factsOf(`c${at}`, known[`c${at}`] ?? null)} as c${at}`,
    )
    return await warehouse.one<Record<string, ColumnFacts>>(
      `select ${selected.join(', ')} from ${from}`,
    )
  }
  const first = await ask(columns, {}, `(from ${cells} limit ${sample})`)
  const open = columns.filter((at) => {
    const found = first[`c${at}`]
    return found === undefined || !isText(found)
  })
  return await ask(open, first, cells)
}

/** Cells that are not of their declared type, with the line of the first. */
async function refuseOthers(
  warehouse: Warehouse,
  source: CsvSource,
  types: ReadonlyMap<string, string>,
  { path, file }: SourcePlace,
): Promise<void> {
  const problems: string[] = []
  const names = [...types.keys()]
  for (const { name, type } of source.columns) {
    const cell = `c${names.indexOf(name)}`
    const { wrong, first } = await warehouse.one<{
      wrong: number
      first: number | null
    }>(
      `select count(*) as wrong, min(rowid) as first from ${cells}
       where ${cell} is not null and not ${isOfType(cell, type)}`,
    )
    if (first === null) continue
    const scan = await scanCsv(path, source.delimiter, first + 1)
    const more = wrong === 1 ? '' : ` (and ${wrong - 1} more)`
    problems.push(
      `${file}:${scan.wantedLine ?? 1}  column ${name} is not ${type} there${more}; correct the file, or declare source.${source.name}.columns.${name} as varchar.`,
    )
  }
  if (problems.length > 0) throw new SourceFault(problems)
}

/** The CSV of an import, and those of its failures and warnings. */
import { parseString, writeToString } from 'fast-csv'
import type { UpdateRow } from './plan.js'

/** Cells of a row in the order of the file's columns, the id first. */
function cellsOf(row: UpdateRow, fields: readonly string[]): string[] {
  return [row.id, ...fields.map((field) => row.set[field] ?? '')]
}

/**
 * The id stands first and is never blank, because Marketo's files of failures
 * lose the column of a blank lookup value (practitioner's report, TEK-ROW).
 */
export async function importText(
  rows: readonly UpdateRow[],
  fields: readonly string[],
): Promise<string> {
  const lines = [['id', ...fields], ...rows.map((row) => cellsOf(row, fields))]
  return await writeToString(lines, {
    rowDelimiter: '\n',
    includeEndRowDelimiter: true,
  })
}

export interface Notes {
  /** What Marketo says of a row, by the id of its lead. */
  readonly reasons: ReadonlyMap<string, string>
  /** Lines that do not fit any row that was sent, by all of their cells. */
  readonly unmatched: number
}

export const noNotes: Notes = { reasons: new Map(), unmatched: 0 }

/**
 * Reads a file of failures or warnings: the columns that were sent and one
 * with the reason. A line counts for a lead only if its id and every other
 * cell are as they were sent; where it stands says nothing.
 */
export async function readNotes(
  text: string,
  rows: readonly UpdateRow[],
  fields: readonly string[],
): Promise<Notes> {
  const [header = [], ...lines] = await linesOf(text)
  const places = ['id', ...fields].map((name) => header.indexOf(name))
  const sent = new Map(rows.map((row) => [row.id, row]))
  const reasons = new Map<string, string>()
  let unmatched = 0
  for (const line of lines) {
    const cells = places.map((place) => line[place])
    const row = sent.get(cells[0] ?? '')
    const isWhole =
      row !== undefined &&
      line.length === header.length &&
      cellsOf(row, fields).every((cell, n) => cells[n] === cell)
    if (isWhole) reasons.set(row.id, line.at(-1) ?? '')
    else unmatched += 1
  }
  return { reasons, unmatched }
}

function linesOf(text: string): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const lines: string[][] = []
    parseString<string[], string[]>(text, { headers: false })
      .on('data', (line: string[]) => lines.push(line))
      .on('error', reject)
      .on('end', () => resolve(lines))
  })
}

import { open } from 'node:fs/promises'
import { asMachineError, exitCode, PipelineError } from '../error.js'
import { chunksOf } from './file.js'
import { type Reject, rejectsOf } from './reject.js'
import { type Belief, type Layout, NotCsv, Splitter } from './splitter.js'

export interface Reading {
  readonly rows: number
  /** null where rows and rejects cannot be as many as Marketo counted. */
  readonly rejects: readonly Reject[] | null
}

interface Wanted extends Layout {
  /** Records by Marketo's count; null where nobody counted. */
  readonly wanted: number | null
}

/**
 * Reads a flawed CSV file so that as few rows as possible are lost, and
 * writes those that hold to `clean`, under a header. Where a broken quote
 * leaves two ways to read it, Marketo's record count decides; where both
 * agree with it, the one that keeps more rows.
 */
export async function tolerantReading(
  csv: string,
  clean: string,
  wanted: Wanted,
): Promise<Reading> {
  try {
    const first = await split(csv, clean, wanted, 'quotes')
    if (first.certain) return first
    const second = await split(csv, clean, wanted, 'lines')
    if (!isBetter(second, first)) {
      return await split(csv, clean, wanted, 'quotes')
    }
    return second
  } catch (error) {
    if (error instanceof NotCsv) throw notCsv(csv)
    throw asMachineError(error, `Reading ${csv}`)
  }
}

function isBetter(second: Reading, first: Reading): boolean {
  if (second.rejects === null) return false
  return first.rejects === null || second.rows > first.rows
}

async function split(
  csv: string,
  clean: string,
  wanted: Wanted,
  belief: Belief,
): Promise<Reading & { readonly certain: boolean }> {
  const splitter = new Splitter(wanted, belief)
  const out = await open(clean, 'w', 0o600)
  try {
    await out.writeFile(header(wanted.columns))
    for await (const chunk of chunksOf(csv)) {
      await out.writeFile(splitter.push(chunk, false))
    }
    await out.writeFile(splitter.push(Buffer.alloc(0), true))
  } finally {
    await out.close()
  }
  const { rows, stretches } = splitter
  const left = wanted.wanted === null ? null : wanted.wanted - rows
  const rejects = rejectsOf(stretches, left)
  // As many rejects as bad places: no place can have swallowed a good row.
  const certain = rejects !== null && rejects.length === stretches.length
  return { rows, rejects, certain }
}

/**
 * A first line of its own keeps DuckDB from taking U+FEFF in the first cell
 * for a byte-order mark.
 */
function header(columns: number): string {
  return `${Array.from({ length: columns }, (_, at) => `c${at}`).join(',')}\n`
}

function notCsv(csv: string): PipelineError {
  return new PipelineError(
    'not_csv',
    `The file ${csv} is not CSV as Marketo writes it: too much of it cannot be read; look at the file and export it again.`,
    { exit: exitCode.failed },
  )
}

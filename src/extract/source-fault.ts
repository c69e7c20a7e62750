import { didYouMean, quoted } from '../pipeline/problem.js'
import type { SourceColumn } from '../pipeline/source.js'

/** What is wrong with a source, a line each. */
export class SourceFault extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

export interface SourcePlace {
  /** Absolute path of the file. */
  readonly path: string
  /** The same as a person would type it. */
  readonly file: string
  /** The table to make, quoted. */
  readonly into: string
  /** Where the pipeline file names it: file, line, column and key. */
  readonly where: string
}

/** Throws where a declared column is not there. */
export function requireColumns(
  columns: readonly SourceColumn[],
  present: readonly string[],
  { file, where }: SourcePlace,
): void {
  const missing = columns.filter(({ name }) => !present.includes(name))
  if (missing.length === 0) return
  throw new SourceFault(
    missing.map(({ name }) => {
      const near = didYouMean(name, present)
      const all = near === '' ? ` It has ${present.join(', ')}.` : near
      return `${where} names ${file}, which has no column ${quoted(name)}.${all}`
    }),
  )
}

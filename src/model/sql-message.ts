/** What DuckDB says of a statement, on one line and without its text. */
import { asError } from '../error.js'

/**
 * `Binder Error: … (line 2)`. DuckDB quotes the line under its message; its
 * number says as much, and a message of one line reads better in a sentence.
 * @param before lines that stand before the SQL in the statement that ran
 */
export function sqlMessage(thrown: unknown, before = 1): string {
  const [text = '', ...excerpts] = asError(thrown).message.split(/\n+LINE /)
  const words = text.replaceAll(/\s*\n\s*/g, ' ').trimEnd()
  const line = Number.parseInt(excerpts.at(-1) ?? '', 10) - before
  return line > 0 ? `${words} (line ${line} of its compiled SQL)` : words
}

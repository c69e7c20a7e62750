import type { Cell } from './csv.js'
import { didYouMean, type Problem, quoted } from './problem.js'

/** What is wrong with a first line that must name exactly these columns. */
export function headerProblems(
  cells: readonly Cell[],
  known: readonly string[],
  file: string,
): Problem[] {
  const names = cells.map(({ text }) => text)
  const strange = cells.flatMap((cell, index): Problem[] => {
    const { text, line, column } = cell
    const isTwice = names.indexOf(text) !== index
    if (known.includes(text) && !isTwice) return []
    const message = isTwice
      ? 'is a column twice; keep one.'
      : `is not a column here.${didYouMean(text, known) || ` Columns are ${known.join(', ')}.`}`
    return [{ file, line, column, path: quoted(text), message }]
  })
  const { line, column } = cells[0] ?? { line: 1, column: 1 }
  const missing = known
    .filter((name) => !names.includes(name))
    .map((path) => ({
      file,
      line,
      column,
      path,
      message: `is missing from the first line, which must be ${known.join(',')}.`,
    }))
  return [...strange, ...missing]
}

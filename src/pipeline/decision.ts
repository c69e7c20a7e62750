/** Decisions that a reviewer made, as a CSV brings them. */
import { type Cell, readCsv } from './csv.js'
import {
  didYouMean,
  PipelineFileError,
  type Position,
  type Problem,
  quoted,
  sorted,
} from './problem.js'

export type Verdict = 'same' | 'different' | 'winner' | 'skip'

export interface Decision extends Position {
  readonly item: string
  readonly verdict: Verdict
  /** The two leads it is about; null: all leads of the item. */
  readonly pair: readonly [string, string] | null
  /** The lead that is to stay; null: whoever the rules choose. */
  readonly winner: string | null
  readonly author: string
  readonly reason: string
}

/** Also as a person says them. */
const verdicts: Readonly<Record<string, Verdict>> = {
  same: 'same',
  'same person': 'same',
  different: 'different',
  'different people': 'different',
  winner: 'winner',
  skip: 'skip',
}

/** Columns that are read; an export has others beside them. */
const wanted = ['item', 'decision', 'a', 'b', 'winner', 'author', 'reason']

/** Columns without which there is nothing to take. */
const needed = ['item', 'decision']

/**
 * Every decided line; lines without a decision are left out, so an export can
 * be filled in as far as one gets.
 * @throws PipelineFileError (exit 3) with every mistake, file, line, column
 */
export function parseDecisions(text: string, file: string): Decision[] {
  const { rows, problems } = readCsv(text)
  const [header, ...lines] = rows
  const columns = (header?.cells ?? []).map((cell) => cell.text)
  const found: Problem[] = problems.map((each) => ({ file, path: '', ...each }))
  for (const path of needed) {
    if (columns.includes(path)) continue
    const near = didYouMean(path, columns)
    const message = `is missing from the first line.${near}`
    found.push({ file, line: 1, column: 1, path, message })
  }
  if (found.length > 0) throw new PipelineFileError(sorted(found))
  const decisions = lines.flatMap((row): Decision[] => {
    const at = (name: string): Cell =>
      row.cells[columns.indexOf(name)] ?? { ...row, text: '' }
    if (at('decision').text === '') return []
    const say = (path: string, message: string) => {
      const { line, column } = at(path)
      found.push({ file, line, column, path, message })
    }
    const cell = (name: string) => unquoted(at(name).text)
    return [{ ...decisionOf(cell, say), line: row.line, column: row.column }]
  })
  if (found.length > 0) throw new PipelineFileError(sorted(found))
  return decisions
}

/** Without the apostrophe that keeps a spreadsheet from computing. */
function unquoted(text: string): string {
  return text.replace(/^'/, '').trim()
}

function decisionOf(
  cell: (name: string) => string,
  say: (path: string, message: string) => void,
): Omit<Decision, keyof Position> {
  const written = cell('decision').toLowerCase()
  const verdict = verdicts[written]
  if (verdict === undefined) {
    const names = Object.keys(verdicts)
    say(
      'decision',
      `${quoted(written)} is not a decision.${didYouMean(written, names) || ` Decisions are ${names.join(', ')}.`}`,
    )
  }
  if (cell('item') === '') say('item', 'is missing.')
  for (const name of ['a', 'b', 'winner']) {
    if (/^([1-9]\d{0,17})?$/.test(cell(name))) continue
    say(name, `${quoted(cell(name))} is not a lead id; write digits.`)
  }
  const [a, b] = [cell('a'), cell('b')]
  if ((a === '') !== (b === '')) {
    say(a === '' ? 'a' : 'b', 'is missing; a pair has two leads.')
  }
  const winner = cell('winner')
  if (verdict === 'winner' && winner === '') {
    say('winner', 'is missing; name the lead that is to stay.')
  }
  if (verdict === 'different' && winner !== '') {
    say('winner', 'must be empty where people are different.')
  }
  return {
    item: cell('item'),
    verdict: verdict ?? 'skip',
    pair: a === '' ? null : [a, b],
    winner: winner === '' ? null : winner,
    author: plainText(cell('author')),
    reason: plainText(cell('reason')),
  }
}

/** What the file is told to remember, for ever; never a formula. */
export function plainText(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/^[=+\-@|%\s]+/, '')
}

export { wanted as decisionColumns }

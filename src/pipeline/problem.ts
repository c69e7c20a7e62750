import { exitCode, PipelineError } from '../error.js'
import { nearest } from './nearest.js'

/** Keys and indexes from the top of a file to one of its values. */
export type Path = readonly (string | number)[]

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One mistake in a pipeline file. */
export interface Problem extends Position {
  readonly file: string
  /** `services.hash.write`, or empty for the file as a whole. */
  readonly path: string
  /** Follows the path in a sentence: `is missing`. */
  readonly message: string
}

export function dotted(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${shown(part)}`))
    .join('')
    .replace(/^\./, '')
}

/** Names are shown as written; strange ones in quotes and not for ever. */
export function shown(name: string): string {
  if (/^[\w-]{1,80}$/.test(name)) return name
  return quoted(name)
}

export function quoted(text: string): string {
  const characters = Array.from(text)
  const cut =
    characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : text
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** ` Did you mean "winner"?`, or nothing where no name is near. */
export function didYouMean(
  name: string,
  candidates: readonly string[],
): string {
  const [near] = name.length > 100 ? [] : nearest(name, candidates)
  return near === undefined ? '' : meant(near)
}

export function meant(name: string): string {
  return ` Did you mean "${name}"?`
}

export function problemLine(problem: Problem): string {
  const { file, line, column, path, message } = problem
  const subject = path === '' ? '' : `${path} `
  return `${file}:${line}:${column}  ${subject}${message}`
}

/** All mistakes of one or more files, one line each. */
export class PipelineFileError extends PipelineError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super('pipeline_file', problems.map(problemLine).join('\n'), {
      exit: exitCode.badInput,
      details: { problems },
    })
    this.problems = problems
  }
}

/** In the order of the file, each said once. */
export function sorted(problems: readonly Problem[]): Problem[] {
  const byLine = new Map(problems.map((each) => [problemLine(each), each]))
  return [...byLine.values()].toSorted(
    (a, b) => a.line - b.line || a.column - b.column,
  )
}

import { asError, exitCode, PipelineError } from '../error.js'
import { didYouMean } from '../pipeline/problem.js'

/** A place in a template; lines and columns count from 1. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A template and the path that errors name. */
export interface Template {
  readonly file: string
  readonly text: string
  /** Where the text begins in the file, if it is a part of one. */
  readonly from?: { readonly line: number; readonly column: number }
}

/** A line from 1 and a column from 0 of the text, as a place in the file. */
export function locationIn(
  { file, from }: Template,
  line: number,
  column: number,
): Location {
  return {
    file,
    line: line + (from?.line ?? 1) - 1,
    column: column + (from?.column ?? 1),
  }
}

/** A template that its author must correct; exit code 3. */
export class TemplateError extends PipelineError {
  readonly at: Location
  /** The message without the place. */
  readonly reason: string

  constructor(at: Location, message: string, cause?: unknown) {
    super('template', `${at.file}:${at.line}:${at.column}  ${message}`, {
      exit: exitCode.badInput,
      details: { ...at },
      ...(cause === undefined ? {} : { cause }),
    })
    this.at = at
    this.reason = message
  }
}

/** What a helper threw, told with the place of its call. */
export function helperError(
  at: Location,
  name: string,
  thrown: unknown,
): TemplateError {
  if (thrown instanceof TemplateError) return thrown
  const { message } = asError(thrown)
  return new TemplateError(at, `the helper ${name} failed: ${message}`, thrown)
}

const shownNames = 12

/** The nearest name, or the names there are. */
export function hint(name: string, names: readonly string[]): string {
  const near = didYouMean(name, names)
  if (near !== '') return near
  if (names.length === 0) return ''
  const more = names.length > shownNames ? ', …' : ''
  return ` There is ${names.slice(0, shownNames).join(', ')}${more}.`
}

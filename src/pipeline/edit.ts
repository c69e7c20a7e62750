/**
 * A change of a pipeline file: shown first, refused where the validator
 * refuses it, written whole, and only over the file that was shown.
 */
import { createHash } from 'node:crypto'
import { chmod, link, readFile, realpath, rm, stat } from 'node:fs/promises'
import { replaceFile } from '../durable.js'
import {
  asError,
  asMachineError,
  badInput,
  exitCode,
  PipelineError,
} from '../error.js'
import { diffText, type Hunk } from './edit-diff.js'
import { type Edit, editText } from './edit-text.js'
import { loadPipelineText } from './load.js'
import { type Problem, PipelineFileError } from './problem.js'

export interface Change {
  /** Path of the file. */
  readonly file: string
  readonly before: string
  readonly after: string
  /** Of `before`; whoever saves gives it back. */
  readonly shown: string
  readonly hunks: readonly Hunk[]
  /** What the validator says of `after`; none: it may be saved. */
  readonly problems: readonly Problem[]
}

function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** How a file would change; nothing is written. */
export async function proposeEdits(
  file: string,
  edits: readonly Edit[],
  base?: string,
): Promise<Change> {
  const before = await readFile(file, 'utf8')
  return await change(file, before, editText(before, edits), base)
}

/** The same, with the whole text as a person typed it. */
export async function proposeText(
  file: string,
  text: string,
  base?: string,
): Promise<Change> {
  const before = await readFile(file, 'utf8')
  return await change(file, before, inLinesOf(before, text), base)
}

/** Browsers send CRLF whatever the text had. */
function inLinesOf(before: string, text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n*$/, '\n')
  return before.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines
}

async function change(
  file: string,
  before: string,
  after: string,
  base?: string,
): Promise<Change> {
  return {
    file,
    before,
    after,
    shown: textHash(before),
    hunks: diffText(before, after),
    problems: await problemsOf(file, after, base),
  }
}

/** Every mistake of a text that would be this pipeline's file. */
export async function problemsOf(
  file: string,
  text: string,
  base?: string,
): Promise<readonly Problem[]> {
  const options = {
    secrets: 'ignored',
    ...(base !== undefined && { base }),
  } as const
  try {
    await loadPipelineText(text, file, {}, options)
    return []
  } catch (thrown) {
    if (thrown instanceof PipelineFileError) return thrown.problems
    throw thrown
  }
}

/**
 * Writes a text that was shown over the file that it was shown for.
 * @throws PipelineError (exit 3) where it has mistakes, or somebody changed
 * the file since
 */
export async function saveText(
  file: string,
  { after, shown }: Pick<Change, 'after' | 'shown'>,
  base?: string,
): Promise<void> {
  const problems = await problemsOf(file, after, base)
  if (problems.length > 0) throw new PipelineFileError(problems)
  const path = await realpath(file)
  if (textHash(await readFile(path, 'utf8')) !== shown) throw overtaken(file)
  const { mode } = await stat(path)
  await replaceFile(path, after)
  await chmod(path, mode & 0o777)
}

function overtaken(file: string): PipelineError {
  return new PipelineError(
    'edit_overtaken',
    `${file} was changed by somebody else since it was shown; look at it again and repeat the change.`,
    { exit: exitCode.badInput, recovery: 'retry', details: { file } },
  )
}

/**
 * Writes a new pipeline file; never over one that is there.
 * @throws PipelineError (exit 3) where the text has mistakes
 */
export async function createPipelineFile(
  file: string,
  text: string,
  base?: string,
): Promise<void> {
  const problems = await problemsOf(file, text, base)
  if (problems.length > 0) throw new PipelineFileError(problems)
  const ready = `${file}.new`
  await replaceFile(ready, text)
  try {
    await chmod(ready, 0o644)
    // A link, unlike a rename, never takes the place of a file.
    await link(ready, file)
  } catch (thrown) {
    throw isTaken(thrown)
      ? taken(file)
      : asMachineError(thrown, `Writing ${file}`)
  } finally {
    await rm(ready, { force: true })
  }
}

function isTaken(thrown: unknown): boolean {
  const error = asError(thrown)
  return 'code' in error && error.code === 'EEXIST'
}

function taken(file: string): PipelineError {
  return badInput(
    'file_exists',
    `${file} exists already and was left as it is; choose another name.`,
    { file },
  )
}

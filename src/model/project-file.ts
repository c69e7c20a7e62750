/** Reading the files of a project, every mistake with its place. */
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { asError, badInput, exitCode, PipelineError } from '../error.js'
import { readDocument, type SourceDocument } from '../pipeline/document.js'
import { seenFrom } from '../pipeline/load.js'
import {
  dotted,
  type Problem,
  problemLine,
  sorted,
} from '../pipeline/problem.js'
import { findings } from '../pipeline/sentence.js'
import { TemplateError } from './template-error.js'

/** All mistakes of a project's files, one line each; exit code 3. */
export class ProjectError extends PipelineError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super('model_file', problems.map(problemLine).join('\n'), {
      exit: exitCode.badInput,
      details: { problems },
    })
    this.problems = problems
  }
}

export function throwProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const files = [...new Set(problems.map(({ file }) => file))].toSorted()
  throw new ProjectError(
    files.flatMap((name) =>
      sorted(problems.filter(({ file }) => file === name)),
    ),
  )
}

/** A problem of a file as a whole. */
export function fileProblem(file: string, message: string): Problem {
  return { file, line: 1, column: 1, path: '', message }
}

/** What was thrown for a template's author, as one problem among others. */
export function templateProblem(thrown: unknown): Problem {
  if (!(thrown instanceof TemplateError)) throw thrown
  return { ...thrown.at, path: '', message: thrown.reason }
}

export interface ProjectFile {
  /** Under the folder, with `/` on every system. */
  readonly path: string
  /** As a person would type it. */
  readonly file: string
  readonly text: string
}

/** Every .sql and .yml file under a folder, by name. */
export async function readFiles(
  folder: string,
  base: string,
): Promise<ProjectFile[]> {
  const paths = await readdir(folder, { recursive: true }).catch(
    (thrown: unknown) => {
      throw badInput(
        'no_models',
        `The models cannot be read from ${folder} (${asError(thrown).message.split(',')[0] ?? ''}); run this in the project's folder or give --project-dir.`,
      )
    },
  )
  const wanted = paths
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(sql|ya?ml)$/.test(path))
    .toSorted()
  // Two hundred small files: a trip to a thread for each would cost more.
  const files = wanted.map((path) => ({
    path,
    file: seenFrom(base, join(folder, path)),
    bytes: readFileSync(join(folder, path)),
  }))
  const broken = files.filter(({ bytes }) => decoded(bytes) === null)
  throwProblems(
    broken.map(({ file }) =>
      fileProblem(file, 'the file is not UTF-8 text; save it as UTF-8.'),
    ),
  )
  return files.map(({ path, file, bytes }) => ({
    path,
    file,
    text: decoded(bytes) ?? '',
  }))
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

export interface Form<T> {
  /** null where problems were found. */
  readonly form: T | null
  readonly document: SourceDocument
  readonly problems: readonly Problem[]
}

/** A YAML file that must have the shape of a schema. */
export function readForm<T extends z.ZodType>(
  { file, text }: ProjectFile,
  schema: T,
): Form<z.output<T>> {
  const document = readDocument(text)
  const written = document.problems.map(({ position, message }) => ({
    file,
    ...position,
    path: '',
    message,
  }))
  const found =
    document.value === undefined ? [] : findings(schema, document.value)
  const problems = [
    ...written,
    ...found.map(({ path, part, message }) => ({
      file,
      ...document.locate(path, part),
      path: dotted(path) || 'the file',
      message,
    })),
  ]
  const parsed = schema.safeParse(document.value)
  const isRight = problems.length === 0 && parsed.success
  return { form: isRight ? parsed.data : null, document, problems }
}

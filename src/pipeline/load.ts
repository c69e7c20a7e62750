import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import {
  basename,
  dirname,
  isAbsolute,
  relative,
  resolve as resolvePath,
} from 'node:path'
import { asError, badInput } from '../error.js'
import { serviceFindings } from './check.js'
import {
  type DomainList,
  type DomainListFile,
  readDomainList,
} from './domain-list.js'
import { readDocument, type SourceDocument } from './document.js'
import type { Part } from './node.js'
import { normalise } from './normalise.js'
import type { Pipeline } from './pipeline.js'
import {
  dotted,
  type Path,
  type Position,
  type Problem,
  PipelineFileError,
  quoted,
  sorted,
} from './problem.js'
import { alertFindings } from './alert.js'
import { type Label, labelFile, parseLabels } from './label.js'
import { type Override, overrideFile, parseOverrides } from './override.js'
import type { Environment } from './reference.js'
import { isSlug } from './scalar.js'
import { marketoSchema, pipelineSchema } from './schema.js'
import { type Finding, findings } from './sentence.js'
import { type ServiceForm, serviceSchema } from './service.js'
import { targetFindings } from './target.js'
import { variableFindings } from './variable.js'

export interface LoadedPipeline {
  readonly pipeline: Pipeline
  /** What people said of pairs of leads. */
  readonly labels: readonly Label[]
  /** Lists of domains of the pipeline's own. */
  readonly domainLists: readonly DomainList[]
  /** Where in the file the value was written; lines count from 1. */
  locate(path: Path, part?: Part): Position
}

export interface LoadOptions {
  /**
   * `ignored`: references to the environment stay as they are written, for
   * commands that never speak to Marketo.
   */
  readonly secrets: 'required' | 'ignored'
  /** Messages name files as seen from here; default the current folder. */
  readonly base?: string
}

/**
 * Reads, checks and normalises one pipeline file. Throws PipelineError with
 * every mistake in it, one line each, and `details.problems`.
 */
export async function loadPipeline(
  file: string,
  env: Environment,
  options: LoadOptions = { secrets: 'required' },
): Promise<LoadedPipeline> {
  pipelineName(file)
  const text = await read(file, seenFrom(options.base ?? '.', file))
  return await loadPipelineText(text, file, env, options)
}

/** The same for a text that is, or would be, the file. */
export async function loadPipelineText(
  text: string,
  file: string,
  env: Environment,
  options: LoadOptions,
): Promise<LoadedPipeline> {
  const name = pipelineName(file)
  const seen = seenFrom(options.base ?? '.', file)
  const { secrets } = options
  const base = options.base ?? '.'
  const overrides = await beside(overrideFile(file), base, parseOverrides)
  const labels = await beside(labelFile(file), base, parseLabels)
  const loaded = parsePipeline(text, {
    name,
    file: seen,
    env,
    secrets,
    overrides,
    labels,
  })
  return { ...loaded, domainLists: await readLists(loaded, file, base) }
}

/** The lists that domain services name. Throws with every mistake in them. */
async function readLists(
  loaded: LoadedPipeline,
  file: string,
  base: string,
): Promise<DomainList[]> {
  const lists: DomainList[] = []
  const problems: Problem[] = []
  for (const each of listFiles(loaded)) {
    const path = resolvePath(dirname(file), each.file)
    const seen = seenFrom(base, path)
    if (!existsSync(path)) {
      problems.push(missingList(loaded, each, seen))
      continue
    }
    const found = readDomainList(await read(path, seen), each.list, seen)
    const { mtime } = await stat(path)
    const dated = mtime.toISOString().slice(0, 10)
    const { list, change } = each
    lists.push({ list, change, file: each.file, dated, values: found.values })
    problems.push(...found.problems)
  }
  if (problems.length > 0) throw new PipelineFileError(problems)
  return lists
}

type NamedList = DomainListFile & { readonly service: string }

function listFiles({ pipeline }: LoadedPipeline): NamedList[] {
  return pipeline.services.flatMap((service) =>
    service.type === 'domain'
      ? service.lists.map((each) => ({ ...each, service: service.name }))
      : [],
  )
}

function missingList(
  loaded: LoadedPipeline,
  { service, list, change }: NamedList,
  seen: string,
): Problem {
  const path = ['services', service, 'lists', list, change]
  const message = `names the file ${seen}, which is not there.`
  const { file } = loaded.pipeline
  return { file, ...loaded.locate(path), path: dotted(path), message }
}

/** What a file beside the pipeline's own holds; nothing where it is none. */
async function beside<T>(
  file: string,
  base: string,
  parse: (text: string, file: string) => readonly T[],
): Promise<readonly T[]> {
  if (!existsSync(file)) return []
  const seen = seenFrom(base, file)
  return parse(await read(file, seen), seen)
}

/** The path as a person in that folder would type it. */
export function seenFrom(base: string, file: string): string {
  if (!isAbsolute(file)) return file
  const path = relative(base, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path
}

/** A pipeline is called what its file is called. */
function pipelineName(file: string): string {
  const name = basename(file, '.yml')
  if (file.endsWith('.yml') && isSlug(name)) return name
  throw badInput(
    'pipeline_name',
    `${quoted(file)} cannot be a pipeline file: its name must be lower-case letters, digits, _ or -, and end in .yml.`,
  )
}

async function read(file: string, seen: string): Promise<string> {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    const error = asError(thrown)
    const code = 'code' in error ? String(error.code) : error.message
    const why =
      code === 'ENOENT'
        ? `There is no file ${seen}; pipeline list shows what is in ${dirname(seen)}.`
        : `${seen} cannot be read (${code}); check that it is a file you may read.`
    throw badInput('pipeline_file', why, { file: seen })
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new PipelineFileError([
      {
        file,
        line: 1,
        column: 1,
        path: '',
        message: 'the file is not UTF-8 text; save it as UTF-8.',
      },
    ])
  }
}

export interface Source {
  readonly secrets: LoadOptions['secrets']
  readonly name: string
  readonly file: string
  readonly env: Environment
  /** Default: no decisions. */
  readonly overrides?: readonly Override[]
  /** Default: none. */
  readonly labels?: readonly Label[]
}

/** The same from text; pure. */
export function parsePipeline(text: string, source: Source): LoadedPipeline {
  const document = readDocument(text)
  const problems = examine(document, source)
  const parsed = pipelineSchema.safeParse(document.value)
  if (problems.length > 0 || !parsed.success)
    throw new PipelineFileError(problems)
  const pipeline = normalise(parsed.data, document, source)
  const labels = source.labels ?? []
  return {
    pipeline,
    labels,
    domainLists: [],
    locate: (path, part) => document.locate(path, part),
  }
}

/** Every mistake; one of them does not hide the others. */
function examine(document: SourceDocument, source: Source): Problem[] {
  const written = document.problems.map(({ position, message }) => ({
    file: source.file,
    ...position,
    path: '',
    message,
  }))
  if (document.value === undefined) return sorted(written)
  const found = [
    ...findings(pipelineSchema, document.value),
    ...variableFindings(
      document,
      wellFormed(member(document.value, 'services')),
      source,
    ),
    ...partFindings(document.value, source),
  ]
  return sorted([
    ...written,
    ...found.map((each) => problemOf(each, document, source.file)),
  ])
}

/** Checks between parts, for the parts that are well-formed in themselves. */
function partFindings(value: unknown, source: Source): Finding[] {
  const marketo = marketoSchema.safeParse(member(value, 'marketo'))
  const alert = member(value, 'alert')
  const services = wellFormed(member(value, 'services'))
  return [
    ...(marketo.success
      ? targetFindings(marketo.data, source.env, source.secrets)
      : []),
    ...serviceFindings(services),
    ...(source.secrets === 'required'
      ? alertFindings(alert, source.env, member(value, 'marketo'))
      : []),
  ]
}

function wellFormed(services: unknown): Map<string, ServiceForm> {
  const forms = new Map<string, ServiceForm>()
  if (typeof services !== 'object' || services === null) return forms
  for (const [name, value] of Object.entries(services)) {
    const form = serviceSchema.safeParse(value)
    if (form.success) forms.set(name, form.data)
  }
  return forms
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return new Map<string, unknown>(Object.entries(value)).get(key)
}

function problemOf(
  finding: Finding,
  document: SourceDocument,
  file: string,
): Problem {
  const { path, part, message } = finding
  const subject = dotted(path) || 'the file'
  return { file, ...document.locate(path, part), path: subject, message }
}

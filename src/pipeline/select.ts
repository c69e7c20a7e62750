import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { asError, badInput } from '../error.js'
import { readDocument } from './document.js'
import { type LoadedPipeline, type LoadOptions, loadPipeline } from './load.js'
import {
  didYouMean,
  PipelineFileError,
  type Problem,
  quoted,
} from './problem.js'
import type { Environment } from './reference.js'
import { isSlug } from './scalar.js'

export interface Selection {
  /** Names, and `group:NAME`. */
  readonly names: readonly string[]
  readonly all: boolean
}

/** Names of the pipeline files in a folder, sorted. */
export async function listPipelines(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch((thrown: unknown) => {
    const error = asError(thrown)
    throw badInput(
      'no_pipelines',
      `The folder ${folder} cannot be read (${error.message.split(',')[0] ?? ''}); run this in the project's folder or give --project-dir.`,
    )
  })
  return entries
    .filter((entry) => entry.endsWith('.yml'))
    .map((entry) => basename(entry, '.yml'))
    .toSorted()
}

/**
 * The names that a selection stands for, each once, in its order. A selection
 * that matches nothing is an error.
 */
export async function selectPipelines(
  folder: string,
  selection: Selection,
): Promise<string[]> {
  const known = await listPipelines(folder)
  if (known.length === 0) {
    throw badInput(
      'no_pipelines',
      `There is no pipeline in ${folder}; make one with: pipeline init NAME`,
    )
  }
  if (selection.all) return known
  if (selection.names.length === 0) {
    throw badInput(
      'nothing_selected',
      `Name a pipeline, a group:NAME, or --all. Pipelines are ${known.join(', ')}.`,
    )
  }
  const groups = selection.names.some((name) => name.startsWith('group:'))
    ? await groupsOf(folder, known)
    : new Map<string, string[]>()
  const names = selection.names.flatMap((name) =>
    name.startsWith('group:')
      ? members(name.slice('group:'.length), groups)
      : [checkedName(name, known, folder)],
  )
  return [...new Set(names)]
}

/** Loads a selection; the mistakes of all its files come in one error. */
export async function loadPipelines(
  folder: string,
  selection: Selection,
  env: Environment,
  options: LoadOptions = { secrets: 'required' },
): Promise<LoadedPipeline[]> {
  const loaded: LoadedPipeline[] = []
  const problems: Problem[] = []
  for (const name of await selectPipelines(folder, selection)) {
    try {
      const file = pipelineFile(folder, name)
      loaded.push(await loadPipeline(file, env, options))
    } catch (thrown) {
      if (!(thrown instanceof PipelineFileError)) throw asError(thrown)
      problems.push(...thrown.problems)
    }
  }
  if (problems.length > 0) throw new PipelineFileError(problems)
  return loaded
}

/** The file of a pipeline, whose name cannot lead out of the folder. */
export function pipelineFile(folder: string, name: string): string {
  if (isSlug(name)) return join(folder, `${name}.yml`)
  throw badInput(
    'pipeline_name',
    `${quoted(name)} cannot be a pipeline's name; use lower-case letters, digits, _ and -.`,
  )
}

function checkedName(
  name: string,
  known: readonly string[],
  folder: string,
): string {
  if (known.includes(name)) return name
  pipelineFile(folder, name)
  const near = didYouMean(name, known)
  const list = near === '' ? ` There are ${known.join(', ')}.` : near
  throw badInput(
    'no_pipeline',
    `There is no pipeline ${name} in ${folder}.${list}`,
  )
}

/**
 * Read from the raw files, so that a mistake in one pipeline does not keep
 * the groups of the others from running.
 */
async function groupsOf(
  folder: string,
  names: readonly string[],
): Promise<Map<string, string[]>> {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const file = join(folder, `${name}.yml`)
    const { value } = readDocument(await readFile(file, 'utf8'))
    for (const group of rawGroups(value)) {
      groups.set(group, [...(groups.get(group) ?? []), name])
    }
  }
  return groups
}

function rawGroups(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (!('groups' in value) || !Array.isArray(value.groups)) return []
  return value.groups.filter(
    (group): group is string => typeof group === 'string',
  )
}

function members(
  group: string,
  groups: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const found = groups.get(group)
  if (found !== undefined) return found
  const known = [...groups.keys()]
  const near = didYouMean(group, known)
  const list =
    known.length === 0
      ? ' No pipeline is in a group yet.'
      : near || ` Groups are ${known.join(', ')}.`
  throw badInput(
    'no_group',
    `No pipeline is in the group ${quoted(group)}.${list}`,
  )
}

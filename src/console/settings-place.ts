/** The file of a pipeline, as its settings pages read it. */
import { readFile } from 'node:fs/promises'
import { valueOf } from '../pipeline/edit-text.js'
import { asError, PipelineError } from '../error.js'
import { type LoadedPipeline, loadPipeline } from '../pipeline/load.js'
import type { PageRequest } from './page.js'
import type { PipelineFile } from './pipeline-file.js'

export interface Place extends PipelineFile {
  readonly text: string
  /** What the text says; null where it is not YAML. */
  readonly value: unknown
  /** As a person would type it. */
  readonly seen: string
}

/** null where there is no such pipeline. */
export async function placeOf({
  params,
  project,
}: Pick<PageRequest, 'params' | 'project'>): Promise<Place | null> {
  const file = await project.pipeline(params['name'])
  if (file === null) return null
  const text = await readFile(file.path, 'utf8')
  const seen = `pipelines/${file.name}.yml`
  return { ...file, text, seen, value: readable(text) }
}

function readable(text: string): unknown {
  try {
    return valueOf(text)
  } catch (thrown) {
    const error = asError(thrown)
    if (error instanceof PipelineError) return null
    throw error
  }
}

/** With what .env says now, which the keys of hashes may need. */
export async function freshLoaded(
  { dir, env }: PageRequest['project'],
  { path }: Pick<PipelineFile, 'path'>,
): Promise<LoadedPipeline> {
  return await loadPipeline(path, env, { secrets: 'ignored', base: dir })
}

export function settingsPath(name: string): string {
  return `/pipeline/${encodeURIComponent(name)}/settings`
}

export function settingsTrail(name: string) {
  return [
    { text: name, to: `/pipeline/${encodeURIComponent(name)}` },
    { text: 'Settings', to: settingsPath(name) },
  ]
}

/** What a person puts under version control now. */
export function commitWords(files: readonly string[]): string {
  return `Commit it: git add ${files.join(' ')} && git commit`
}

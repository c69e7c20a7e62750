/** Pipeline files as the console shows them; read again when they change. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { asError, PipelineError } from '../error.js'
import { type LoadedPipeline, loadPipeline } from '../pipeline/load.js'
import type { Environment } from '../pipeline/reference.js'
import { isSlug } from '../pipeline/scalar.js'

export interface PipelineFile {
  readonly name: string
  /** Absolute path. */
  readonly path: string
  /** null where the file has mistakes. References are left as written. */
  readonly loaded: LoadedPipeline | null
  /** Its mistakes, a line each; empty where it has none. */
  readonly problem: string
  /** Milliseconds since the epoch. */
  readonly changedAt: number
}

export class PipelineFiles {
  readonly #folder: string
  readonly #env: Environment
  readonly #known = new Map<string, { version: string; file: PipelineFile }>()

  constructor(folder: string, env: Environment) {
    this.#folder = folder
    this.#env = env
  }

  /** Sorted by name. */
  async all(): Promise<readonly PipelineFile[]> {
    const entries = await readdir(this.#folder).catch(() => [])
    const sizes = await this.#versions(entries)
    const names = entries
      .filter((entry) => entry.endsWith('.yml'))
      .map((entry) => basename(entry, '.yml'))
      .filter(isSlug)
      .toSorted()
    return await Promise.all(names.map((name) => this.#one(name, sizes)))
  }

  async #one(
    name: string,
    sizes: ReadonlyMap<string, string>,
  ): Promise<PipelineFile> {
    // Overrides and labels lie beside it, as `<name>.override.csv`.
    const version = [...sizes]
      .filter(([entry]) => entry.startsWith(`${name}.`))
      .map((parts) => parts.join(' '))
      .toSorted()
      .join(' ')
    const known = this.#known.get(name)
    if (known?.version === version) return known.file
    const path = join(this.#folder, `${name}.yml`)
    const { mtimeMs: changedAt } = await stat(path)
    const file = { name, path, changedAt, ...(await read(path, this.#env)) }
    this.#known.set(name, { version, file })
    return file
  }

  async #versions(entries: readonly string[]): Promise<Map<string, string>> {
    const found = await Promise.all(
      entries.map(async (entry) => {
        const facts = await stat(join(this.#folder, entry)).catch(() => null)
        const version = `${facts?.ino} ${facts?.mtimeMs} ${facts?.size}`
        return [entry, version] as const
      }),
    )
    return new Map(found)
  }
}

async function read(
  path: string,
  env: Environment,
): Promise<Pick<PipelineFile, 'loaded' | 'problem'>> {
  try {
    const base = dirname(dirname(path))
    const options = { secrets: 'ignored', base } as const
    return { loaded: await loadPipeline(path, env, options), problem: '' }
  } catch (thrown) {
    const error = asError(thrown)
    if (!(error instanceof PipelineError)) throw error
    return { loaded: null, problem: error.message }
  }
}

/** What the verbs on models share. */
import { existsSync } from 'node:fs'
import { systemClock } from '../clock.js'
import type { Compiled, CompiledModel } from '../model/compile.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { loadLocal } from './load.js'
import type { CommandContext, Settings } from './output.js'

export interface ModelWork {
  readonly loaded: LoadedPipeline
  readonly warehouse: Warehouse
  readonly compiled: Compiled
  /** `target/` of the pipeline. */
  readonly target: string
}

/**
 * Opens the build file without reach to anything outside, under the
 * pipeline's lock, with every model compiled.
 * @param rereads take the pipeline's own sources as they are now
 */
export async function withModels<T>(
  name: string,
  options: Settings,
  context: CommandContext,
  work: (models: ModelWork) => Promise<T>,
  { rereads }: { readonly rereads: boolean } = { rereads: false },
): Promise<T> {
  const { foldersOf, makeFolders } = await import('../run/folder.js')
  const { compileModels, nothingLanded } = await import('../run/project.js')
  const { sealed } = await import('../run/phase.js')
  const { lockFolder } = await import('../warehouse/lock.js')
  const loaded = await loadLocal(name, options, context)
  const folders = foldersOf(options.projectDir, name)
  if (!rereads && !existsSync(folders.build)) throw nothingLanded(name)
  makeFolders(folders)
  const lock = await lockFolder(folders.root)
  try {
    const place = { folders, clock: systemClock, loaded }
    if (rereads) {
      const { reloadLanded } = await import('../run/reload.js')
      await reloadLanded(place, () => {})
      const { readSources } = await import('../run/own-source.js')
      const { projectDir } = options
      await readSources({ ...place, projectDir }, () => {}, false)
    }
    return await sealed(place, async (warehouse) => {
      const compiled = await compileModels(
        warehouse,
        loaded,
        options.projectDir,
      )
      return await work({
        loaded,
        warehouse,
        compiled,
        target: folders.target,
      })
    })
  } finally {
    await lock.release()
  }
}

export interface SelectFlags {
  readonly select?: string[]
  readonly exclude?: string[]
}

/** Names of the selected models; a selection of nothing is an error. */
export async function selectedNames(
  compiled: Compiled,
  { select = [], exclude = [] }: SelectFlags,
): Promise<string[]> {
  const { selectModels } = await import('../model/selection.js')
  const models = [...compiled.models.values()].map(
    ({ model }: CompiledModel) => model,
  )
  return selectModels({ select, exclude }, models, compiled.graph)
}

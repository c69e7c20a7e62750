import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { exitCode } from '../error.js'
import { pipelineFolder } from '../extract/source.js'
import { counted, formatBytes } from '../format.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { type Check, failed, passed } from './check.js'

/** Whether the files of the pipeline's own sources are there. */
export async function sourceCheck(
  loaded: LoadedPipeline,
  projectDir: string,
): Promise<Check[]> {
  const { sources, file } = loaded.pipeline
  if (sources.length === 0) return []
  const folder = pipelineFolder(projectDir)
  const sizes = await Promise.all(
    sources.map(({ path }) => stat(resolve(folder, path)).catch(() => null)),
  )
  const missing = sources.filter((_, at) => sizes[at]?.isFile() !== true)
  if (missing.length > 0) {
    const names = missing.map(({ name, path }) => `${name} (${path})`)
    return [
      failed(
        'source',
        `There is no file for ${names.join(', ')}; paths in ${file} go from its folder.`,
        exitCode.badInput,
      ),
    ]
  }
  const bytes = sizes.reduce((sum, size) => sum + (size?.size ?? 0), 0)
  const text = `${counted(sources.length, 'file')}, ${formatBytes(bytes)}; the run checks what they hold`
  return [passed('source', text)]
}

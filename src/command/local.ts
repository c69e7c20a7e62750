import { join } from 'node:path'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { CommandContext, Settings } from './output.js'

/** A pipeline without its secrets, for verbs that never speak to Marketo. */
export async function loadLocal(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<LoadedPipeline> {
  const { loadPipelines } = await import('../pipeline/select.js')
  const [loaded] = await loadPipelines(
    join(options.projectDir, 'pipelines'),
    { names: [name], all: false },
    context.env,
    { secrets: 'ignored', base: context.cwd },
  )
  if (loaded === undefined) throw new Error(`No pipeline was loaded: ${name}`)
  return loaded
}

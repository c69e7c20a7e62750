import { join } from 'node:path'
import type { LoadedPipeline, LoadOptions } from '../pipeline/load.js'
import type { CommandContext, Settings } from './output.js'

/** A pipeline with its secrets. */
export async function loadOne(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<LoadedPipeline> {
  return await load(name, options, context, 'required')
}

/** A pipeline without its secrets, for verbs that never speak to Marketo. */
export async function loadLocal(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<LoadedPipeline> {
  return await load(name, options, context, 'ignored')
}

async function load(
  name: string,
  { projectDir }: Settings,
  { env, cwd }: CommandContext,
  secrets: LoadOptions['secrets'],
): Promise<LoadedPipeline> {
  const { loadPipelines } = await import('../pipeline/select.js')
  const [loaded] = await loadPipelines(
    join(projectDir, 'pipelines'),
    { names: [name], all: false },
    env,
    { secrets, base: cwd },
  )
  if (loaded === undefined) throw new Error(`No pipeline was loaded: ${name}`)
  return loaded
}

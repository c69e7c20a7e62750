/** Changes a pipeline's override file, one person at a time. */
import { join } from 'node:path'
import { privateFolder, replaceFile } from '../durable.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { type Override, overrideFile } from '../pipeline/override.js'
import { editOverrides, type OverrideEdit } from '../pipeline/override-edit.js'
import { overrideText } from '../pipeline/override-text.js'
import { PipelineFileError } from '../pipeline/problem.js'
import { contradictions } from '../pipeline/settle.js'
import { lockFolder } from '../warehouse/lock.js'
import type { Folders } from './folder.js'

export interface OverrideRequest {
  readonly folders: Folders
  /** The pipeline's own file. */
  readonly file: string
  /** Reads the pipeline again, under the lock. */
  readonly load: () => Promise<LoadedPipeline>
  readonly edit: OverrideEdit
}

/**
 * Writes the decisions after the change and returns them. Reviewers wait for
 * one another by the lock that imports take; a run is not waited for.
 * @throws PipelineFileError (exit 3) where decisions cannot all be true
 */
export async function changeOverrides(
  request: OverrideRequest,
): Promise<readonly Override[]> {
  const { folders, file, load, edit } = request
  await privateFolder(folders.root)
  const lock = await lockFolder(join(folders.root, 'review'))
  try {
    const { pipeline, labels } = await load()
    const overrides = editOverrides(pipeline.overrides, edit)
    const problems = contradictions(
      { overrides, labels },
      { file: 'the decision', pipeline: pipeline.name },
    )
    if (problems.length > 0) throw new PipelineFileError(problems)
    await replaceFile(overrideFile(file), overrideText(overrides))
    return overrides
  } finally {
    await lock.release()
  }
}

/** The user's own tables, read before the models that want them. */
import {
  landSources,
  type LandedSource,
  pipelineFolder,
} from '../extract/source.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { type Place, trusted } from './phase.js'
import type { Recorder } from './recorder.js'
import type { Session } from './session.js'

interface SourcePlace extends Place {
  readonly loaded: LoadedPipeline
  readonly projectDir: string
}

/**
 * Reads what the pipeline file declares under `source` into the build file.
 * @param missingOnly for work that goes on with what an earlier run read
 */
export async function readSources(
  place: SourcePlace,
  note: (text: string) => void,
  missingOnly: boolean,
): Promise<LandedSource[]> {
  const { loaded, projectDir } = place
  const { pipeline } = loaded
  if (pipeline.sources.length === 0) return []
  return await trusted(place, note, async (warehouse) =>
    landSources(warehouse, {
      pipeline,
      locate: (path) => loaded.locate(path),
      folder: pipelineFolder(projectDir),
      missingOnly,
    }),
  )
}

/** Before the export, because a missing file should cost no bytes. */
export async function takeSources(
  session: Session,
  recorder: Recorder,
): Promise<void> {
  const note = (text: string) => recorder.note(text)
  for (const { name, rows } of await readSources(session, note, false)) {
    session.log.event('source.landed', { source: name, rows })
  }
}

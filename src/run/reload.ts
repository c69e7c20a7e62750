/** A build file that was lost, or that an older version made. */
import { existsSync } from 'node:fs'
import { lastLanded, reload } from '../extract/replay.js'
import { type DecidedPlace, trusted } from './phase.js'
import { nothingLanded } from './project.js'

/**
 * Brings the build file up to what is landed, so that models can be built
 * without a new extract. Throws `nothing_landed` (exit 3) where there is none.
 */
export async function reloadLanded(
  place: DecidedPlace,
  note: (text: string) => void,
): Promise<void> {
  const { root, build } = place.folders
  const isLost = !existsSync(build)
  if (isLost && (await lastLanded(root)) === null) {
    throw nothingLanded(place.loaded.pipeline.name)
  }
  await trusted(place, note, (warehouse) => reload(warehouse, root))
}

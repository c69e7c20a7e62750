/** Takes reviewers' decisions into the override and label files. */
import { join } from 'node:path'
import { privateFolder, replaceFile } from '../durable.js'
import type { Decision } from '../pipeline/decision.js'
import { labelFile, labelText } from '../pipeline/label.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { overrideFile } from '../pipeline/override.js'
import { overrideText } from '../pipeline/override-text.js'
import { type Settled, settle } from '../pipeline/settle.js'
import { lockFolder } from '../warehouse/lock.js'
import type { Folders } from './folder.js'
import { findItems, withReview } from './review.js'

export interface TakeRequest {
  readonly folders: Folders
  /** The pipeline's own file. */
  readonly file: string
  /** Reads the pipeline again, under the lock. */
  readonly load: () => Promise<LoadedPipeline>
  readonly decisions: readonly Decision[]
  /** The decisions' file as a person would type it. */
  readonly source: string
  readonly author: string
  /** ISO 8601. */
  readonly at: string
}

export interface Taken extends Pick<Settled, 'counts' | 'added'> {
  readonly overrides: number
  readonly labels: number
}

/**
 * All decisions or none. Two reviewers at once wait for each other; a run is
 * not waited for, because it has read its files already.
 * @throws PipelineFileError (exit 3) where a decision cannot be taken
 */
export async function takeDecisions(request: TakeRequest): Promise<Taken> {
  const { folders, file, decisions, source, author, at } = request
  const desk = join(folders.root, 'review')
  await privateFolder(folders.root)
  const lock = await lockFolder(desk)
  try {
    const loaded = await request.load()
    const names = decisions.map(({ item }) => item)
    const day = at.slice(0, 10)
    const items = await withReview({ folders, loaded, day }, async (room) =>
      findItems(room, names),
    )
    const { pipeline, labels } = loaded
    const settled = settle({
      decisions,
      items: new Map(items.map((item) => [item.item, item])),
      known: { overrides: pipeline.overrides, labels },
      file: source,
      pipeline: pipeline.name,
      author,
      at,
    })
    const { counts, added } = settled
    if (counts.same + counts.different + counts.winner > 0) {
      // Labels first: killed in between, the same import says the rest again.
      await replaceFile(labelFile(file), labelText(settled.labels))
      await replaceFile(overrideFile(file), overrideText(settled.overrides))
    }
    return {
      counts,
      added,
      overrides: settled.overrides.length,
      labels: settled.labels.length,
    }
  } finally {
    await lock.release()
  }
}

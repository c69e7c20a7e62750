/** Takes a pipeline out; what it knows and made is kept. */
import { mkdir, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { privateFolder, syncFolder } from '../durable.js'
import { lockFolder } from '../warehouse/lock.js'
import type { Folders } from './folder.js'

export interface Removed {
  /** Private folder that holds the files now. */
  readonly backup: string
  /** Their names; moved back, the pipeline is there again. */
  readonly files: readonly string[]
}

/**
 * Moves the pipeline's file and those beside it (decisions, labels, the
 * trained model) into a dated folder under its private one. Landing, journals
 * and the published file stay where they are.
 * @param at ISO 8601
 * @throws PipelineError `locked` (exit 9) while it runs
 */
export async function removePipeline(
  folders: Folders,
  file: string,
  at: string,
): Promise<Removed> {
  const name = basename(file, '.yml')
  await privateFolder(folders.root)
  const lock = await lockFolder(folders.root)
  try {
    const stamp = at.slice(0, 19).replaceAll(/[-:]/g, '')
    const backup = join(folders.root, 'removed', stamp)
    await mkdir(backup, { recursive: true, mode: 0o700 })
    const folder = dirname(file)
    const beside = [
      `${name}.yml`,
      `${name}.override.csv`,
      `${name}.label.csv`,
      `${name}.match.json`,
    ]
    const there = await readdir(folder)
    const files = beside.filter((each) => there.includes(each))
    // The pipeline's own file last: killed in between, it is still listed.
    for (const each of files.toReversed()) {
      await rename(join(folder, each), join(backup, each))
    }
    await syncFolder(backup)
    await syncFolder(folder)
    return { backup, files }
  } finally {
    await lock.release()
  }
}

/**
 * Which slots of a pipeline are dealt with, on disk, so that a scheduler that
 * starts again, or a second one, gives no slot two runs: an empty file for
 * each of the last slots, which one process only can make.
 */
import { existsSync, readdirSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { privateFolder, syncFolder } from '../durable.js'
import { foldersOf } from '../run/folder.js'

/** Claims that are kept, for processes that were asleep for a while. */
const kept = 50

/** The last slot dealt with; null: no scheduler has had this pipeline yet. */
export function lastSlot(projectDir: string, pipeline: string): Date | null {
  const newest = claims(slotFolder(projectDir, pipeline)).at(-1)
  return newest === undefined ? null : momentOf(newest)
}

/**
 * Takes a slot for this process, and with it all that were before. False
 * where it, or a later one, is taken already.
 */
export async function claimSlot(
  projectDir: string,
  pipeline: string,
  slot: Date,
): Promise<boolean> {
  const folder = slotFolder(projectDir, pipeline)
  const name = claimOf(slot)
  await privateFolder(folder)
  try {
    const handle = await open(join(folder, name), 'wx', 0o600)
    await handle.close()
    await syncFolder(folder)
  } catch (error) {
    const isTaken =
      error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (isTaken) return false
    throw error
  }
  const all = claims(folder)
  for (const old of all.slice(0, -kept)) {
    await rm(join(folder, old), { force: true })
  }
  return all.at(-1) === name
}

function claims(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => /^\d{8}T\d{6}Z$/.test(name)).toSorted()
}

/** `20261122T050000Z` */
function claimOf(slot: Date): string {
  return slot.toISOString().replace(/[-:]|\.\d+/g, '')
}

function momentOf(claim: string): Date {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim) ?? []
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

function slotFolder(projectDir: string, pipeline: string): string {
  return join(foldersOf(projectDir, pipeline).root, 'slot')
}

/** Files that are whole or absent, whatever kills the process or the power. */
import {
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asMachineError } from './error.js'

export async function privateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

/** Replaces a file whole: a reader sees the old bytes or the new ones. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    const handle = await open(temporary, 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await settle(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw asMachineError(error, `Writing ${path}`)
  }
}

/**
 * Replaces a file that the next run makes again if need be: whole after a
 * kill, but perhaps the old one after a power cut. Costs nothing where the
 * text is what is there, and a tenth of `replaceFile` where it is not.
 */
export function replaceDerived(path: string, text: string): void {
  const bytes = Buffer.from(text)
  const temporary = `${path}.tmp`
  try {
    if (existsSync(path) && readFileSync(path).equals(bytes)) return
    writeFileSync(temporary, bytes, { mode: 0o600 })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw asMachineError(error, `Writing ${path}`)
  }
}

/** Gives a finished file its name, so that both survive a power cut. */
export async function finishFile(from: string, to: string): Promise<void> {
  try {
    await sync(from, 'r+')
    await settle(from, to)
  } catch (error) {
    throw asMachineError(error, `Writing ${to}`)
  }
}

/** Makes a new or renamed name in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  await sync(folder, 'r')
}

async function settle(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncFolder(dirname(to))
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

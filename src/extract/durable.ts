import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asMachineError } from '../error.js'

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

async function settle(from: string, to: string): Promise<void> {
  await rename(from, to)
  await sync(dirname(to), 'r')
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Bytes of a file, or null where there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return null
    }
    throw error
  }
}

/** SHA-256 of a file in hex. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}

/** The few things that applying a plan needs of a file system. */
import { copyFile, open, readFile, rm } from 'node:fs/promises'
import {
  finishFile,
  privateFolder,
  replaceFile,
  syncFolder,
} from '../durable.js'
import { asMachineError } from '../error.js'

export interface DiskFile {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>
  appendFile(text: string, encoding: 'utf8'): Promise<void>
  datasync(): Promise<void>
  truncate(bytes: number): Promise<void>
  stat(): Promise<{ size: number }>
  close(): Promise<void>
}

/** Passed in, so that a test may lose what was not synced. */
export interface Disk {
  /** `r` to read; `a+` to read and to append, made where it is missing. */
  open(path: string, flags: 'r' | 'a+'): Promise<DiskFile>
  /** Makes a folder that only this user may look into. */
  privateFolder(folder: string): Promise<void>
  /** Null where there is no such file. */
  read(path: string): Promise<string | null>
  /** A reader sees the old text or the new one. */
  write(path: string, text: string): Promise<void>
  /** Makes new names in a folder survive a power cut. */
  syncFolder(folder: string): Promise<void>
  /**
   * Puts a copy in the place of a file, so that whoever still has the old one
   * open writes to nothing. Does nothing where there is none, and stops where
   * `mayReplace`, asked last of all, throws.
   */
  replace(path: string, mayReplace: () => Promise<void>): Promise<void>
}

export const machineDisk: Disk = {
  open: (path, flags) => open(path, flags, 0o600),
  async read(path) {
    return await readFile(path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return null
      throw asMachineError(error, `Reading ${path}`)
    })
  },
  write: replaceFile,
  privateFolder,
  syncFolder,
  async replace(path, mayReplace) {
    const copy = `${path}.${process.pid}.tmp`
    try {
      await copyFile(path, copy)
    } catch (error) {
      if (isMissing(error)) return
      throw asMachineError(error, `Copying ${path}`)
    }
    try {
      await mayReplace()
      await finishFile(copy, path)
    } finally {
      await rm(copy, { force: true })
    }
  },
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

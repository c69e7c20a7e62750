/** The few things that applying a plan needs of a file system. */
import { open } from 'node:fs/promises'
import { privateFolder, syncFolder } from '../durable.js'

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
  /** Makes new names in a folder survive a power cut. */
  syncFolder(folder: string): Promise<void>
}

export const machineDisk: Disk = {
  open: (path, flags) => open(path, flags, 0o600),
  privateFolder,
  syncFolder,
}

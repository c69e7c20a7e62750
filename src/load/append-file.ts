import { dirname } from 'node:path'
import { asMachineError, exitCode, PipelineError } from '../error.js'
import { type Disk, type DiskFile, machineDisk } from './disk.js'

/** A file that only grows, private to the user. */
export class AppendFile {
  readonly path: string
  readonly #handle: DiskFile
  #broken = false

  private constructor(path: string, handle: DiskFile) {
    this.path = path
    this.#handle = handle
  }

  static async open(
    path: string,
    disk: Disk = machineDisk,
  ): Promise<AppendFile> {
    try {
      await disk.privateFolder(dirname(path))
      const handle = await disk.open(path, 'a+')
      await disk.syncFolder(dirname(path))
      return new AppendFile(path, handle)
    } catch (error) {
      throw asMachineError(error, `Opening ${path}`)
    }
  }

  get handle(): DiskFile {
    return this.#handle
  }

  /** Cuts what a crash left after the last line feed. */
  async dropTornLine(): Promise<void> {
    const { size } = await this.#handle.stat()
    if (size === 0) return
    const block = Buffer.allocUnsafe(Math.min(size, 1 << 16))
    let end = size
    while (end > 0) {
      const from = Math.max(0, end - block.length)
      const { bytesRead } = await this.#handle.read(block, 0, end - from, from)
      const feed = block.subarray(0, bytesRead).lastIndexOf(0x0a)
      if (feed !== -1) {
        end = from + feed + 1
        break
      }
      end = from
    }
    if (end < size) await this.truncate(end)
  }

  /** Cuts a torn end off, so that the next line starts on its own. */
  async truncate(bytes: number): Promise<void> {
    try {
      await this.#handle.truncate(bytes)
      await this.#handle.datasync()
    } catch (error) {
      throw asMachineError(error, `Writing ${this.path}`)
    }
  }

  /**
   * After one failed write nothing more is written: what the disk holds is
   * unknown, and a failed fsync must not be followed by one that succeeds.
   */
  async append(text: string, durable: boolean): Promise<void> {
    if (this.#broken) throw this.#unusable()
    try {
      await this.#handle.appendFile(text, 'utf8')
      if (durable) await this.#handle.datasync()
    } catch (error) {
      this.#broken = true
      throw asMachineError(error, `Writing ${this.path}`)
    }
  }

  /** What was appended so far is on the disk when this returns. */
  async sync(): Promise<void> {
    if (this.#broken) throw this.#unusable()
    try {
      await this.#handle.datasync()
    } catch (error) {
      this.#broken = true
      throw asMachineError(error, `Writing ${this.path}`)
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  #unusable(): PipelineError {
    return new PipelineError(
      'machine',
      `Writing ${this.path} failed before, so nothing more was sent. Check the disk and run the same command again.`,
      { exit: exitCode.machine },
    )
  }
}

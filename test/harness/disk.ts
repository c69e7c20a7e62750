import { asMachineError } from '../../src/error.js'
import type { Disk, DiskFile } from '../../src/load/disk.js'
import type { Process } from './time.js'

interface Content {
  bytes: Buffer
  length: number
  /** What a power cut leaves. */
  synced: number
  /** Whether its name survives a power cut. */
  named: boolean
}

/** The nth operation that changes something fails. */
export interface DiskFault {
  readonly nth: number
  readonly code: 'ENOSPC' | 'EIO'
}

/** Files in memory that know what a power cut would leave of them. */
export class MemoryDisk {
  readonly #files = new Map<string, Content>()
  /** Told of all text as it becomes durable, and as it is written. */
  readonly #note: (path: string, text: string, durable: boolean) => void
  fault: DiskFault | null = null
  /** Changing operations so far, over all processes. */
  operations = 0
  hits = 0

  constructor(note: (path: string, text: string, durable: boolean) => void) {
    this.#note = note
  }

  write(path: string, text: string): void {
    const bytes = Buffer.from(text)
    const { length } = bytes
    this.#files.set(path, { bytes, length, synced: length, named: true })
  }

  read(path: string): string | null {
    const file = this.#files.get(path)
    return file === undefined
      ? null
      : file.bytes.toString('utf8', 0, file.length)
  }

  remove(keep: (path: string) => boolean): void {
    for (const path of this.#files.keys()) {
      if (!keep(path)) this.#files.delete(path)
    }
  }

  paths(): string[] {
    return [...this.#files.keys()]
  }

  /** @param share of what was not synced that survives after all, 0 to 1 */
  cutPower(share: number): void {
    for (const [path, file] of this.#files) {
      if (!file.named) this.#files.delete(path)
      const loose = file.length - file.synced
      file.length = file.synced + Math.floor(loose * share)
      file.synced = file.length
    }
  }

  /** As one process sees it. */
  seenBy(process: Process): Disk {
    return {
      open: async (path, flags) => {
        await process.through('disk.open')
        const known = this.#files.get(path)
        if (known === undefined && flags === 'r') throw fault('ENOENT', path)
        if (known !== undefined) return this.#handle(path, known, process)
        this.#mayFail(path)
        const made = {
          bytes: Buffer.alloc(256),
          length: 0,
          synced: 0,
          named: false,
        }
        this.#files.set(path, made)
        return this.#handle(path, made, process)
      },
      read: async (path) => this.read(path),
      write: async (path, text) => {
        this.#mayFail(path)
        await process.through('disk.write')
        this.write(path, text)
      },
      privateFolder: async () => {},
      syncFolder: async (folder) => {
        this.#mayFail(folder)
        for (const [path, file] of this.#files) {
          if (path.startsWith(`${folder}/`)) file.named = true
        }
        await process.through('disk.named')
      },
      replace: async (path, mayReplace) => {
        const known = this.#files.get(path)
        if (known === undefined) return
        this.#mayFail(path)
        await process.through('disk.replace')
        await mayReplace()
        const bytes = Buffer.from(known.bytes.subarray(0, known.length))
        const { length } = bytes
        this.#files.set(path, { bytes, length, synced: length, named: true })
        await process.through('disk.replaced')
      },
    }
  }

  #mayFail(path: string): void {
    this.operations += 1
    if (this.fault === null || this.operations !== this.fault.nth) return
    this.hits += 1
    throw fault(this.fault.code, path)
  }

  #handle(path: string, file: Content, process: Process): DiskFile {
    let label = nameOf(path)
    return {
      read: async (buffer, offset, length, position) => {
        const end = Math.min(file.length, position + length)
        const bytesRead = Math.max(0, end - position)
        file.bytes.copy(buffer, offset, position, position + bytesRead)
        return { bytesRead }
      },
      appendFile: async (text) => {
        label = labelOf(path, text)
        await process.through(`${label}.before`)
        try {
          this.#mayFail(path)
        } catch (error) {
          // A full disk takes a part of it.
          grow(file, text.slice(0, text.length >> 1))
          throw error
        }
        grow(file, text)
        this.#note(path, text, false)
        await process.through(`${label}.written`)
      },
      datasync: async () => {
        this.#mayFail(path)
        const text = file.bytes.toString('utf8', file.synced, file.length)
        file.synced = file.length
        this.#note(path, text, true)
        await process.through(`${label}.synced`)
      },
      truncate: async (bytes) => {
        if (bytes === file.length) return
        this.#mayFail(path)
        file.length = bytes
        file.synced = Math.min(file.synced, bytes)
      },
      stat: async () => ({ size: file.length }),
      close: async () => {},
    }
  }
}

function grow(file: Content, text: string): void {
  const added = Buffer.from(text)
  const length = file.length + added.length
  if (length > file.bytes.length) {
    const bytes = Buffer.alloc(2 * length)
    file.bytes.copy(bytes, 0, 0, file.length)
    file.bytes = bytes
  }
  added.copy(file.bytes, file.length)
  file.length = length
}

function nameOf(path: string): string {
  if (path.endsWith('.snapshot.jsonl')) return 'snapshot'
  if (path.endsWith('.read-back.jsonl')) return 'readback'
  if (path.endsWith('lease.jsonl')) return 'lease'
  return 'journal'
}

/** `journal.intent`, `lease.take`; the others by their file alone. */
function labelOf(path: string, text: string): string {
  const name = nameOf(path)
  const kind = /"kind":"(\w+)"/.exec(text)?.[1]
  return name === 'journal' || name === 'lease' ? `${name}.${kind}` : name
}

function fault(code: string, path: string): Error {
  const error = Object.assign(new Error(code), { code, path })
  return code === 'ENOENT' ? error : asMachineError(error, 'The disk')
}

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Contents } from './export-contents.js'

/** Where finished export files are kept. */
export interface Shelf {
  put(name: string, contents: Contents): void
  size(name: string): number | null
  /** Bytes from `from` to before `to`. */
  read(name: string, from: number, to: number): Buffer
}

const pieceSize = 1_048_576

/** A shelf in memory, for a sandbox that nothing outlives. */
export class MemoryShelf implements Shelf {
  readonly #files = new Map<string, Contents>()

  put(name: string, contents: Contents): void {
    this.#files.set(name, contents)
  }

  size(name: string): number | null {
    return this.#files.get(name)?.size ?? null
  }

  read(name: string, from: number, to: number): Buffer {
    return this.#files.get(name)?.read(from, to) ?? Buffer.alloc(0)
  }
}

/** Files in a folder beside the state file; written whole or not at all. */
export class FolderShelf implements Shelf {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  put(name: string, contents: Contents): void {
    const path = join(this.#folder, name)
    const file = openSync(`${path}.new`, 'w', 0o600)
    try {
      for (let at = 0; at < contents.size; ) {
        at += writeSync(file, contents.read(at, at + pieceSize))
      }
    } finally {
      closeSync(file)
    }
    renameSync(`${path}.new`, path)
  }

  /** Removes what nobody may download any more. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#folder)) {
      if (!names.has(name)) rmSync(join(this.#folder, name), { force: true })
    }
  }

  size(name: string): number | null {
    const path = join(this.#folder, name)
    return existsSync(path) ? statSync(path).size : null
  }

  read(name: string, from: number, to: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, to - from))
    const file = openSync(join(this.#folder, name), 'r')
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from))
    } finally {
      closeSync(file)
    }
  }
}

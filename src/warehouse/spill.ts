import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const spillName = /^spill-(\d+)-/

/**
 * A private folder for what does not fit into memory. DuckDB leaves such
 * files, with leads in them, when a process is killed; those of processes
 * that are gone are removed first.
 */
export function createSpillFolder(temp: string): string {
  mkdirSync(temp, { recursive: true, mode: 0o700 })
  sweep(temp)
  const folder = join(temp, `spill-${process.pid}-${randomUUID()}`)
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

export function removeSpillFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function sweep(temp: string): void {
  for (const name of readdirSync(temp)) {
    const pid = spillName.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    rmSync(join(temp, name), { recursive: true, force: true })
  }
}

/** Signal 0 asks only whether the process exists; EPERM means it does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

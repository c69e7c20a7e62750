import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { type Clock, systemClock } from '../clock.js'
import { PipelineError } from '../error.js'
import { locked } from './fault.js'
import { Warehouse } from './warehouse.js'

export interface FolderLock {
  release(): Promise<void>
}

/**
 * The lock of a pipeline's folder. It is an open DuckDB file, because the
 * operating system releases that however the process dies. Throws `locked`
 * (exit 9) with the holder's pid where somebody else has it.
 */
export async function lockFolder(
  folder: string,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const held = await hold(folder).catch(async (error: unknown) => {
    if (!isCode(error, 'locked')) throw error
    // It may only be somebody who looks, as isLocked does.
    await clock.sleep(aLook)
    return await hold(folder)
  })
  return { release: () => held.close() }
}

/** Milliseconds in which a look at the lock is over. */
const aLook = 250

/** Whether somebody holds the lock; takes it for a moment to see. */
export async function isLocked(folder: string): Promise<boolean> {
  const path = join(folder, 'lock.duckdb')
  if (inode(path) === undefined) return false
  const temp = join(folder, 'temp')
  try {
    const options = { path, temp, sealed: true, readOnly: true, threads: 1 }
    const looked = await Warehouse.open(options)
    await looked.close()
    return false
  } catch (error) {
    return isCode(error, 'locked') || isCode(error, 'already_open')
  }
}

async function hold(folder: string): Promise<Warehouse> {
  const path = join(folder, 'lock.duckdb')
  if (inode(path) === undefined) await make(folder, path)
  const before = inode(path)
  try {
    return await open(folder, path)
  } catch (error) {
    if (isCode(error, 'warehouse_damaged') && before !== undefined) {
      setAside(path, before)
      await make(folder, path)
      return await open(folder, path).catch((again: unknown) => {
        throw inUse(folder, again)
      })
    }
    throw inUse(folder, error)
  }
}

/**
 * The file appears whole or not at all: of two that come at the same time none
 * must find one that the other is still writing, and take it for damaged.
 */
async function make(folder: string, path: string): Promise<void> {
  const temp = join(folder, 'temp')
  mkdirSync(temp, { recursive: true, mode: 0o700 })
  const own = join(temp, `lock-${process.pid}-${randomUUID()}.duckdb`)
  const made = await open(folder, own)
  await made.close()
  try {
    linkSync(own, path)
  } catch {
    // Somebody else was first, or this disk knows no links: opening it shows.
  } finally {
    rmSync(own, { force: true })
  }
}

async function open(folder: string, path: string): Promise<Warehouse> {
  const temp = join(folder, 'temp')
  return await Warehouse.open({ path, temp, sealed: true, threads: 1 })
}

/**
 * A process killed while it made the lock file leaves one that does not open.
 * It goes only if it is still the same file: another process may have put
 * its own lock there since.
 */
function setAside(path: string, before: number): void {
  if (inode(path) !== before) return
  const aside = `${path}.damaged-${process.pid}`
  renameSync(path, aside)
  if (inode(aside) === before) rmSync(aside)
  else renameSync(aside, path)
}

function inode(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

function inUse(folder: string, error: unknown): unknown {
  const name = basename(folder)
  const what = `The pipeline ${name} (${folder})`
  const look = ` (pipeline status ${name} shows how far it is)`
  if (isCode(error, 'already_open'))
    return locked(what, process.pid, error, look)
  if (!isCode(error, 'locked')) return error
  const pid = error.details['pid']
  return locked(what, typeof pid === 'number' ? pid : null, error, look)
}

function isCode(error: unknown, code: string): error is PipelineError {
  return error instanceof PipelineError && error.code === code
}

/** Phases in which the build file may read and write other files. */
import { renameSync } from 'node:fs'
import { basename } from 'node:path'
import { type Clock, instant } from '../clock.js'
import { asError, exitCode, PipelineError } from '../error.js'
import { registerFunctions } from '../model/function.js'
import { hashKeys } from '../model/hash-function.js'
import { loadSeeds } from '../model/seed.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { kyselyFor } from '../warehouse/dialect.js'
import { Warehouse } from '../warehouse/warehouse.js'
import type { Folders } from './folder.js'
import { ingest } from './ingest.js'
import type { Meta, MetaDatabase } from './meta.js'
import { migrateMeta } from './migration.js'
import { loadLabels } from './label.js'
import { loadOverrides } from './override.js'

/** Where a phase works. */
export interface Place {
  readonly folders: Folders
  readonly clock: Clock
}

/** A phase with models also knows the keys that their hashes need. */
export interface ModelPlace extends Place {
  readonly loaded: Pick<LoadedPipeline, 'pipeline'>
}

/** A trusted phase also brings in what people decided. */
export interface DecidedPlace extends Place {
  readonly loaded: Pick<LoadedPipeline, 'pipeline' | 'labels' | 'domainLists'>
}

/** Opens the build file for one phase and closes it whatever happens. */
async function withWarehouse<T>(
  folders: Folders,
  isSealed: boolean,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const warehouse = await Warehouse.open({
    path: folders.build,
    temp: folders.temp,
    sealed: isSealed,
  })
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
  }
}

/**
 * A trusted phase: landing, publishing, run tables. A build file that cannot
 * be opened is moved aside and rebuilt from its sources, once.
 */
export async function trusted<T>(
  { folders, clock, loaded }: DecidedPlace,
  note: (text: string) => void,
  work: (warehouse: Warehouse, meta: Meta) => Promise<T>,
): Promise<T> {
  const prepared = async (warehouse: Warehouse) => {
    const meta = kyselyFor<MetaDatabase>(warehouse)
    try {
      await migrateMeta(meta)
      await loadSeeds(warehouse, loaded.domainLists)
      const { overrides } = loaded.pipeline
      await loadOverrides(warehouse, overrides, instant(clock).slice(0, 10))
      await loadLabels(warehouse, loaded.labels, overrides)
      await ingest(warehouse, meta, folders)
      return await work(warehouse, meta)
    } finally {
      await meta.destroy()
    }
  }
  try {
    return await withWarehouse(folders, false, prepared)
  } catch (thrown) {
    const error = asError(thrown)
    if (!isDamage(error)) throw error
    const aside = setAside(folders.build, clock)
    note(
      `The build file could not be read, so it was moved to ${aside} and is built anew.`,
    )
    return await withWarehouse(folders, false, prepared)
  }
}

/**
 * A phase in which model SQL runs: no file, network or setting. A build file
 * that turns out to be damaged is moved aside, so that the next run builds it
 * anew from its sources; this one throws `warehouse_damaged` (exit 1).
 */
export async function sealed<T>(
  { folders, clock, loaded }: ModelPlace,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  try {
    return await withWarehouse(folders, true, async (warehouse) => {
      registerFunctions(warehouse, hashKeys(loaded.pipeline))
      return await work(warehouse)
    })
  } catch (thrown) {
    const error = asError(thrown)
    if (!isDamage(error)) throw error
    throw movedAside(setAside(folders.build, clock), folders, error)
  }
}

function movedAside(
  aside: string,
  { root }: Folders,
  cause: Error,
): PipelineError {
  return new PipelineError(
    'warehouse_damaged',
    `The build file of ${basename(root)} is damaged; it was moved to ${aside}. Readers are not affected; pipeline run ${basename(root)} builds it anew.`,
    { exit: exitCode.failed, cause },
  )
}

function isDamage(error: Error): boolean {
  return error instanceof PipelineError && error.code === 'warehouse_damaged'
}

function setAside(file: string, clock: Clock): string {
  const aside = `${file}.bad-${Math.floor(clock.now())}`
  renameSync(file, aside)
  try {
    renameSync(`${file}.wal`, `${aside}.wal`)
  } catch {
    // Most damaged files have no log beside them.
  }
  return aside
}

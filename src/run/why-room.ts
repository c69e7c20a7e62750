/** Where `why` looks: the published warehouse, and what was said since. */
import { existsSync } from 'node:fs'
import { type Clock, instant, systemClock } from '../clock.js'
import { badInput } from '../error.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { Warehouse } from '../warehouse/warehouse.js'
import type { Folders } from './folder.js'

export interface WhyRoom {
  /** The published warehouse, open for reading. */
  readonly warehouse: Warehouse
  readonly loaded: Pick<LoadedPipeline, 'pipeline' | 'locate' | 'domainLists'>
  /** Folder with the models. */
  readonly projectDir: string
  /** With the journals, which hold what was released after the last run. */
  readonly root: string
  /** For what does not fit into memory. */
  readonly temp: string
  /** Today, `2026-11-22`; decisions may have ended. */
  readonly day: string
}

export interface WhyQuestion {
  readonly lead: string
  /** Also why these two were or were not taken for one person. */
  readonly and?: string | null
}

/** Opens the published file, which no run ever blocks. */
export async function withWhy<T>(
  {
    folders,
    loaded,
    projectDir,
  }: Pick<WhyRoom, 'loaded' | 'projectDir'> & { readonly folders: Folders },
  work: (room: WhyRoom) => Promise<T>,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<T> {
  const { name } = loaded.pipeline
  if (!existsSync(folders.published)) throw nothingPublished(name)
  const { root, temp } = folders
  const warehouse = await Warehouse.open({
    path: folders.published,
    temp,
    sealed: true,
    readOnly: true,
  })
  try {
    const { tables } = await warehouse.one<{ tables: number }>(
      `select count(*) as tables from duckdb_tables()
       where (schema_name, table_name) in (('meta', 'attempt'), ('main', 'match_pair'))`,
    )
    if (tables < 2) throw nothingPublished(name)
    const day = instant(clock).slice(0, 10)
    return await work({ warehouse, loaded, projectDir, root, temp, day })
  } finally {
    await warehouse.close()
  }
}

function nothingPublished(pipeline: string): Error {
  return badInput(
    'nothing_published',
    `${pipeline} has published nothing that tells why yet: pipeline run ${pipeline}`,
  )
}

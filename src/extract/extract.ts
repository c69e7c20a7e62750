import { join } from 'node:path'
import type { Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { begin } from './begin.js'
import { planCensus } from './census.js'
import { landChanges } from './change-file.js'
import type { Emit } from './event.js'
import { Keeper } from './keeper.js'
import { describe, type Extract } from './landed.js'
import { withWarehouse } from './memory.js'
import { readStates, removeOld } from './state.js'
import { Turn } from './turn.js'
import { Volume } from './volume.js'
import type { Work } from './work.js'

export interface ExtractOptions {
  readonly marketo: Marketo
  readonly pipeline: Pipeline
  /** Columns to export, as fieldsToExport gives them. */
  readonly fields: readonly string[]
  /** The pipeline's private folder; `landing/` and `temp/` are used. */
  readonly folder: string
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly random: () => number
}

/**
 * Exports what the pipeline needs and lands it as Parquet. An unfinished
 * extract of the same fields, lists and start is continued: nothing that is
 * landed is exported or downloaded again. Throws `export_budget` and its kin
 * (exit 4) where it can only continue later.
 */
export async function extract(options: ExtractOptions): Promise<Extract> {
  const { marketo, emit, signal, folder } = options
  const landing = join(folder, 'landing')
  const jobs = await marketo.exportJobs()
  const states = await readStates(landing)
  const file = await begin(options, landing, states)
  const tasks = [...states, file].flatMap(({ state }) => state.tasks)
  const known = new Set(tasks.flatMap(({ exportId }) => exportId ?? []))
  const creation = new Turn()
  const { rejects: limit } = options.pipeline.extract
  const work: Work = { marketo, file, emit, signal, known, creation, limit }
  const { exportMbPerDay } = options.pipeline.marketo.budget
  const volume = new Volume(exportMbPerDay * 1_000_000)
  volume.addTasks(tasks)
  volume.addJobs(jobs)
  await landChanges(work)
  await planCensus(work, options.pipeline)
  await withWarehouse(join(folder, 'temp'), signal, async (warehouse) => {
    await new Keeper(work, volume, warehouse).run()
  })
  await file.change((state) => {
    state.status = 'done'
  })
  const { keepDays } = options.pipeline.extract
  await removeOld(landing, { keepDays, now: marketo.serverNow() })
  return told(describe(file), emit)
}

function told(extracted: Extract, emit: Emit): Extract {
  const { id, rows, bytes, jobs, rejected } = extracted
  emit({ type: 'done', extract: id, rows, bytes, jobs, rejects: rejected })
  return extracted
}

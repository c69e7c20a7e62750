import { join } from 'node:path'
import type { Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { abandon, begin } from './begin.js'
import { rememberCapability } from './capability.js'
import { chainOf } from './chain.js'
import { planCensus } from './census.js'
import { landChanges } from './change-file.js'
import type { Emit } from './event.js'
import { UpdatedAtRefused } from './job.js'
import { filterOf, Keeper } from './keeper.js'
import { readKnown } from './known.js'
import { patienceOf } from './patience.js'
import { describe, type Extract, toRead } from './landed.js'
import { lately } from './lately.js'
import { withWarehouse } from './memory.js'
import { weightsOf } from './reserve.js'
import { readStates, removeOld, type StateFile } from './state.js'
import { measuresOf } from './task.js'
import { Turn } from './turn.js'
import { Volume } from './volume.js'
import type { Measure } from './window.js'
import type { Work } from './work.js'

export interface ExtractOptions {
  readonly marketo: Marketo
  readonly pipeline: Pipeline
  /** Columns to export, as fieldsToExport gives them. */
  readonly fields: readonly string[]
  /** The pipeline's private folder; `landing/` and `temp/` are used. */
  readonly folder: string
  /** Exports everything, although changes would do. */
  readonly fullRefresh?: boolean
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly random: () => number
}

/**
 * Exports what the pipeline needs and lands it as Parquet: everything, or
 * what changed since the last extract. An unfinished extract of the same
 * fields, lists and start is continued: nothing that is landed is exported or
 * downloaded again. Throws `export_budget` and its kin (exit 4) where it can
 * only continue later.
 */
export async function extract(options: ExtractOptions): Promise<Extract> {
  const { marketo, emit, folder } = options
  const fullRefresh = options.fullRefresh ?? false
  const landing = join(folder, 'landing')
  for (;;) {
    const states = await readStates(landing)
    const file = await begin({ ...options, fullRefresh }, landing, states)
    try {
      await carryOut(options, file, states)
      const { keepDays } = options.pipeline.extract
      await removeOld(landing, { keepDays, now: marketo.serverNow() })
      return told(describe(file), emit)
    } catch (error) {
      if (!(error instanceof UpdatedAtRefused)) throw error
      await remember(options, false)
      await abandon(marketo, file, emit)
    }
  }
}

async function carryOut(
  options: ExtractOptions,
  file: StateFile,
  states: readonly StateFile[],
): Promise<void> {
  const { marketo, emit, signal, folder } = options
  const tasks = [...states, file].flatMap(({ state }) => state.tasks)
  const known = new Set(tasks.flatMap(({ exportId }) => exportId ?? []))
  const creation = new Turn()
  const { rejects: limit } = options.pipeline.extract
  const shared = { marketo, file, emit, signal }
  const isIncrement = file.state.kind === 'increment'
  const work: Work = {
    ...shared,
    known,
    creation,
    limit,
    ...(isIncrement && { patience: patienceOf(states) }),
  }
  const { exportMbPerDay } = options.pipeline.marketo.budget
  const volume = new Volume(exportMbPerDay * 1_000_000)
  volume.addTasks(tasks)
  await addJobs(work, volume, states)
  await landChanges(work, states)
  await planCensus(work, options.pipeline)
  const earlier = earlierMeasures(states, file)
  await withWarehouse(join(folder, 'temp'), signal, async (warehouse) => {
    const isList = file.state.kind === 'list'
    const before = chainOf(states).flatMap((each) => describe(each).leads)
    if (!isList) await readKnown(work, warehouse, before)
    const weights = weightsOf(states)
    await new Keeper(work, { volume, warehouse, earlier, weights }).run()
    // Who is on a list is known when its ids are exported.
    if (isList) await readKnown(work, warehouse, toRead(file))
  })
  await file.change((state) => {
    state.status = 'done'
  })
  if (filterOf(file.state) === 'updatedAt') await remember(options, true)
}

/**
 * Files that our API user had exported today by other means count, too. An
 * increment does not ask where lately nobody else used it.
 */
async function addJobs(
  { marketo, file, known }: Work,
  volume: Volume,
  states: readonly StateFile[],
): Promise<void> {
  const isSmall = file.state.kind === 'increment'
  if (isSmall && lately(states, marketo.serverNow(), 'isAlone')) return
  const jobs = await marketo.exportJobs()
  volume.addJobs(jobs)
  const isAlone = jobs.every(({ exportId }) => known.has(exportId))
  await file.change((state) => {
    state.isAlone = isAlone
  })
}

/** The windows of the last finished extract of the same kind. */
function earlierMeasures(
  states: readonly StateFile[],
  { state }: StateFile,
): Measure[] {
  const last = states.findLast(
    (each) => each.state.status === 'done' && each.state.kind === state.kind,
  )
  const leads = last?.state.tasks.filter(({ isLeads }) => isLeads)
  return measuresOf(leads ?? [], filterOf(state))
}

async function remember(
  { marketo, folder }: ExtractOptions,
  updatedAt: boolean,
): Promise<void> {
  const { instance } = marketo
  const at = new Date(marketo.serverNow()).toISOString()
  await rememberCapability(folder, { instance, updatedAt, at })
}

function told(extracted: Extract, emit: Emit): Extract {
  const { id, rows, bytes, jobs, rejected } = extracted
  emit({ type: 'done', extract: id, rows, bytes, jobs, rejects: rejected })
  return extracted
}

/** How good the clusters of a pipeline are, against a truth. */
import { existsSync } from 'node:fs'
import {
  type CalibrationBin,
  calibrationBins,
  calibrationError,
} from '../match/calibration.js'
import {
  type ClusterCounts,
  type ClusterScore,
  clusterScore,
  share,
  type SweepPoint,
  thresholdSweep,
} from '../match/score.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { lockFolder } from '../warehouse/lock.js'
import { literal } from '../warehouse/quote.js'
import { Warehouse } from '../warehouse/warehouse.js'
import {
  type BlockingCount,
  blockingCounts,
  clusterCounts,
  scoreCounts,
} from './evaluate-count.js'
import { type ErrorReport, falseMerges, misses } from './evaluate-error.js'
import { type Folders, makeFolders } from './folder.js'
import { hasScores, makeFound } from './found.js'
import { nothingLanded } from './project.js'
import { loadTruth, type TruthReport } from './truth.js'

export interface Blocking extends BlockingCount {
  /** Share of the true pairs. */
  readonly recall: number
}

export interface Probability {
  readonly service: string
  readonly calibration: readonly CalibrationBin[]
  /** Mean distance between predicted and observed; null without pairs. */
  readonly error: number | null
  readonly sweep: readonly SweepPoint[]
  readonly mergeFrom: number | null
  readonly reviewFrom: number | null
}

export interface Evaluation extends ClusterScore {
  readonly pipeline: string
  readonly truth: TruthReport
  readonly counts: ClusterCounts
  readonly blocking: readonly Blocking[]
  readonly falseMerges: ErrorReport
  readonly misses: ErrorReport
  /** Services that match by probability; none for services of rules. */
  readonly probability: readonly Probability[]
}

export interface EvaluateRequest {
  readonly folders: Folders
  readonly pipeline: Pipeline
  readonly truth: string
  /** How many mistakes of each kind to show. */
  readonly samples: number
}

/**
 * Judges what the last build would merge, and what earlier runs merged. The
 * build file is only read; its models do not run here.
 * @throws PipelineError (exit 3) for a truth file that cannot be used, exit 9
 * while a run holds the lock
 */
export async function evaluate(request: EvaluateRequest): Promise<Evaluation> {
  return await overBuild(request, async (warehouse) => {
    const { pipeline } = request
    await makeFound(warehouse)
    const truth = await loadTruth(warehouse, request.truth)
    const counts = await clusterCounts(warehouse)
    const scored = await hasScores(warehouse)
    const errors = { samples: request.samples, scored }
    const services = dedupeServices(pipeline)
    const blocking = await blockingCounts(warehouse, services, scored)
    return {
      pipeline: pipeline.name,
      truth,
      counts,
      ...clusterScore(counts),
      blocking: blocking.map((each) => ({
        ...each,
        recall: share(each.pairs, counts.wanted),
      })),
      falseMerges: await falseMerges(warehouse, errors),
      misses: await misses(warehouse, errors),
      probability: scored
        ? await probabilities(warehouse, services, counts.wanted)
        : [],
    }
  })
}

function dedupeServices({ services }: Pipeline): string[] {
  return services
    .filter(({ type }) => type === 'dedupe')
    .map(({ name }) => name)
}

async function probabilities(
  warehouse: Warehouse,
  services: readonly string[],
  wanted: number,
): Promise<Probability[]> {
  const found: Probability[] = []
  for (const service of services) {
    const counts = await scoreCounts(warehouse, service)
    if (counts === null) continue
    const calibration = calibrationBins(counts.bins)
    found.push({
      service,
      calibration,
      error: calibrationError(calibration),
      sweep: thresholdSweep(counts.weights, wanted),
      mergeFrom: counts.mergeFrom,
      reviewFrom: counts.reviewFrom,
    })
  }
  return found
}

/**
 * A database in memory with the build file attached, to read only: files may
 * be read here, so no model's SQL may run.
 */
export async function overBuild<T>(
  { folders, pipeline }: Pick<EvaluateRequest, 'folders' | 'pipeline'>,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  if (!existsSync(folders.build)) throw nothingLanded(pipeline.name)
  makeFolders(folders)
  const lock = await lockFolder(folders.root)
  try {
    const warehouse = await Warehouse.open({
      path: ':memory:',
      temp: folders.temp,
      sealed: false,
    })
    try {
      await warehouse.run(
        `attach ${literal(folders.build)} as build (read_only)`,
      )
      await warehouse.run('use build')
      await refuseUnbuilt(warehouse, pipeline.name)
      return await work(warehouse)
    } finally {
      await warehouse.close()
    }
  } finally {
    await lock.release()
  }
}

async function refuseUnbuilt(
  warehouse: Warehouse,
  pipeline: string,
): Promise<void> {
  const { tables } = await warehouse.one<{ tables: number }>(
    `select count(*) as tables from information_schema.tables
     where (table_schema, table_name) in
       (('dedupe', 'cluster'), ('dedupe', 'cluster_member'), ('main', 'lead'))
     and table_catalog = 'build'`,
  )
  if (tables < 3) throw nothingLanded(pipeline)
}

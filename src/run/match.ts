/** Matching by probability: trained rarely, scored in every run. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Clock, instant } from '../clock.js'
import { replaceFile } from '../durable.js'
import { badInput } from '../error.js'
import { formatNumber } from '../format.js'
import type { Comparison } from '../match/comparison.js'
import type { PatternCount } from '../match/chance.js'
import { train } from '../match/train.js'
import { autoExtras, autoServices } from '../model/auto-rule.js'
import type { ModelResult } from '../model/build.js'
import { comparisonsOf } from '../model/compare.js'
import type { Compiled } from '../model/compile.js'
import {
  fillParameters,
  keepPatterns,
  keepPatternsOf,
  type MatchFile,
  matchFileSchema,
  matchVersion,
  type TrainedService,
  trainedService,
} from '../model/match-file.js'
import type { AutoMatch } from '../pipeline/match.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { type BuildRequest, buildAll, refuseBroken } from './model.js'

export interface MatchPlace {
  readonly pipeline: Pipeline
  readonly projectDir: string
  readonly clock: Clock
  /** For what a person should know about the trained model. */
  readonly note: (text: string) => void
}

interface AutoService {
  readonly name: string
  readonly auto: AutoMatch
}

/** Builds models; trains before where a service has no model yet. */
export async function buildMatched(
  warehouse: Warehouse,
  compiled: Compiled,
  request: BuildRequest,
  place: MatchPlace,
): Promise<ModelResult[]> {
  const dedupe = place.pipeline.services.filter(
    (service) => service.type === 'dedupe',
  )
  const services = autoServices(dedupe)
  if (services.length === 0) return await buildAll(warehouse, compiled, request)
  const comparisons = comparisonsOf(autoExtras(dedupe))
  await keepPatternsOf(warehouse, comparisons)
  const { file, built } = await trained(warehouse, compiled, request, {
    ...place,
    services,
    comparisons,
  })
  await fillParameters(
    warehouse,
    comparisons,
    services.flatMap(({ name, auto }) => {
      const found = file.services[name]
      return found === undefined ? [] : [{ name, auto, trained: found }]
    }),
  )
  const results = [
    ...built,
    ...(await buildAll(warehouse, compiled, without(compiled, request, built))),
  ]
  const isCompared = results.some(
    ({ model, status }) => model === 'auto_pattern' && status === 'success',
  )
  if (isCompared) await keepPatterns(warehouse)
  return results
}

/** What training built is not built again. */
function without(
  compiled: Compiled,
  request: BuildRequest,
  built: readonly ModelResult[],
): BuildRequest {
  if (built.length === 0) return request
  const done = new Set(built.map(({ model }) => model))
  const wanted = request.names ?? [...compiled.models.keys()]
  return { ...request, names: wanted.filter((name) => !done.has(name)) }
}

interface Trained {
  readonly file: MatchFile
  /** Models that were built to train it. */
  readonly built: readonly ModelResult[]
}

interface Training extends MatchPlace {
  readonly services: readonly AutoService[]
  readonly comparisons: readonly Comparison[]
}

/** `pipelines/acme.match.json`, beside the pipeline's rules. */
export function matchFile(projectDir: string, pipeline: Pipeline): string {
  const name = basename(pipeline.file).replace(/\.ya?ml$/, '')
  return join(projectDir, 'pipelines', `${name}.match.json`)
}

async function trained(
  warehouse: Warehouse,
  compiled: Compiled,
  request: BuildRequest,
  training: Training,
): Promise<Trained> {
  const { pipeline, projectDir, services, comparisons } = training
  const path = matchFile(projectDir, pipeline)
  const version = matchVersion(comparisons)
  const known = readMatchFile(path)
  const isCurrent =
    known !== null &&
    known.version === version &&
    services.every(({ name }) => known.services[name] !== undefined)
  if (isCurrent) return { file: known, built: [] }
  const wanted = ['auto_count', 'auto_random', 'auto_block_use']
  const names = new Set(
    wanted.flatMap((name) => [name, ...compiled.graph.ancestors(name)]),
  )
  const built = await buildAll(warehouse, compiled, {
    ...request,
    names: [...names],
  })
  refuseBroken(built, pipeline.name, 'plan')
  const file: MatchFile = {
    version,
    trained_at: instant(training.clock),
    services: {},
  }
  for (const service of services) {
    file.services[service.name] = await trainOne(warehouse, service, training)
  }
  await replaceFile(path, `${JSON.stringify(file, null, 2)}\n`)
  return { file, built }
}

async function trainOne(
  warehouse: Warehouse,
  { name, auto }: AutoService,
  { comparisons, note }: Training,
): Promise<TrainedService> {
  const { leads } = await warehouse.one<{ leads: number }>(
    'select count(*) as leads from dedupe.auto_scope where service = $1',
    [name],
  )
  const counts = async (from: string) =>
    await warehouse.rows<PatternCount>(
      `select levels, pairs from ${from} and service = $1 order by levels`,
      [name],
    )
  const model = train({
    comparisons,
    leads,
    candidates: await counts('dedupe.auto_count where true'),
    random: await counts('dedupe.auto_random where not is_near'),
    near: await counts('dedupe.auto_random where is_near'),
    prior: auto.prior,
  })
  const warning = priorWarning(name, model.certain, auto.prior)
  if (warning !== null) note(warning)
  return trainedService(model, leads)
}

/** Whether how many duplicates there are could be learned; null: it could. */
export function priorWarning(
  service: string,
  certain: number,
  prior: number | null,
): string | null {
  if (prior !== null || certain >= fewCertain) return null
  return `${service}: only ${formatNumber(certain)} pairs are certainly one person, so how many duplicates there are is a guess; set auto.prior if you know it.`
}

/** Fewer certain pairs than this teach nothing. */
const fewCertain = 20

/**
 * Null where nothing was trained yet.
 * @throws PipelineError (exit 3) for a file that is no trained model
 */
export function readMatchFile(path: string): MatchFile | null {
  if (!existsSync(path)) return null
  const parsed = matchFileSchema.safeParse(parse(readFileSync(path, 'utf8')))
  if (parsed.success) return parsed.data
  throw badInput(
    'match_file',
    `${path} is not a trained model of this program; restore it, or delete it and the next run trains a new one.`,
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The learned models of matching by probability, for people to read. */
import type { Comparison } from '../match/comparison.js'
import { autoExtras, autoServices } from '../model/auto-rule.js'
import { comparisonsOf } from '../model/compare.js'
import { matchVersion, type TrainedService } from '../model/match-file.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { overBuild } from './evaluate.js'
import type { Folders } from './folder.js'
import { matchFile, priorWarning, readMatchFile } from './match.js'

export interface LearnedLevel {
  readonly words: string
  /** How often one person's leads agree like this, and two people's. */
  readonly same: number
  readonly other: number
  /** Bits for one person, or against; rare values weigh more. */
  readonly weight: number
}

export interface LearnedComparison {
  readonly name: string
  /** Whether there were values to compare; else nothing was learned. */
  readonly seen: boolean
  /** The strongest agreement first. */
  readonly levels: readonly LearnedLevel[]
}

export interface BlockUse {
  readonly words: string
  readonly keys: number
  /** Pairs that it finds, some of which others find too. */
  readonly pairs: number
  /** Values that too many leads carry. */
  readonly oversize: number
  readonly used: boolean
}

/** How many ways find the pairs that are merged. */
export interface BlockOverlap {
  /** Pairs sure enough to merge that blocks found. */
  readonly pairs: number
  /** Share of them that two blocks found, or more. */
  readonly twice: number
  /** Share of all such pairs that was found, at most: Chao's estimate. */
  readonly recall: number
}

export interface LearnedModel {
  readonly service: string
  readonly trainedAt: string
  readonly leads: number
  /** Share of all pairs that are one person. */
  readonly prior: number
  readonly expected: number
  readonly certain: number
  readonly comparisons: readonly LearnedComparison[]
  readonly blocks: readonly BlockUse[]
  /** Null where every lead was compared with every other. */
  readonly overlap: BlockOverlap | null
  readonly warnings: readonly string[]
}

export interface LearnedRequest {
  readonly folders: Folders
  readonly projectDir: string
  readonly pipeline: Pipeline
}

/** One for each service that matches by probability and was trained. */
export async function learnedModels(
  request: LearnedRequest,
): Promise<LearnedModel[]> {
  const { pipeline, projectDir } = request
  const dedupe = pipeline.services.filter(
    (service) => service.type === 'dedupe',
  )
  const services = autoServices(dedupe)
  if (services.length === 0) return []
  const path = matchFile(projectDir, pipeline)
  const file = readMatchFile(path)
  if (file === null) return []
  const comparisons = comparisonsOf(autoExtras(dedupe))
  const isCurrent = file.version === matchVersion(comparisons)
  return await overBuild(request, async (warehouse) => {
    const found: LearnedModel[] = []
    for (const { name, auto } of services) {
      const trained = file.services[name]
      if (trained === undefined) continue
      const warning = priorWarning(name, trained.certain, auto.prior)
      found.push({
        service: name,
        trainedAt: file.trained_at,
        leads: trained.leads,
        prior: trained.prior,
        expected: trained.expected,
        certain: trained.certain,
        comparisons: learned(comparisons, trained),
        blocks: await blockUses(warehouse, name),
        overlap: await blockOverlap(warehouse, name),
        warnings: [
          ...(warning === null ? [] : [warning]),
          ...(isCurrent ? [] : [`${name}: ${stale}`]),
        ],
      })
    }
    return found
  })
}

const stale =
  'the model was trained for other comparisons; the next run trains a new one.'

function learned(
  comparisons: readonly Comparison[],
  trained: TrainedService,
): LearnedComparison[] {
  const byName = new Map(trained.learned.map((each) => [each.name, each]))
  return comparisons.flatMap(({ name, levels }) => {
    const found = byName.get(name)
    if (found === undefined) return []
    const each = levels.map(({ words }, level) => ({
      words,
      same: found.m[level] ?? 0,
      other: found.u[level] ?? 0,
      weight: found.weight[level] ?? 0,
    }))
    // Without a value there is no reason to tell one level from another.
    const seen = new Set(found.u).size > 1
    return [{ name, seen, levels: each.toReversed() }]
  })
}

async function blockUses(
  warehouse: Warehouse,
  service: string,
): Promise<BlockUse[]> {
  return await warehouse.rows<BlockUse>(
    `select
       words,
       cast(keys as double) as keys,
       cast(pairs as double) as pairs,
       cast(oversize as double) as oversize,
       is_used as used,
     from dedupe.auto_block_use
     where service = $1
     order by is_used desc, auto_block_use.pairs, block`,
    [service],
  )
}

/** Of merged pairs only: of those nobody doubts that they should be found. */
async function blockOverlap(
  warehouse: Warehouse,
  service: string,
): Promise<BlockOverlap | null> {
  const { pairs, once, two } = await warehouse.one<{
    pairs: number
    once: number
    two: number
  }>(
    `with found as (
       select pair.a, pair.b, count(*) as ways
       from dedupe.scored_pair as pair
       join dedupe.auto_block as one
         on one.service = pair.service and one.id = pair.a
       join dedupe.auto_block as other
         on other.service = pair.service
         and other.id = pair.b
         and other.block = one.block
         and other.key = one.key
       where
         pair.service = $1
         and pair.status = 'merge'
         and not pair.is_inner
         and one.block > 0
         and one.is_used
         and other.is_used
       group by all
     )
     select
       count(*) as pairs,
       count(*) filter (where ways = 1) as once,
       count(*) filter (where ways = 2) as two,
     from found`,
    [service],
  )
  if (pairs === 0) return null
  return {
    pairs,
    twice: (pairs - once) / pairs,
    recall: pairs / (pairs + unseen(once, two)),
  }
}

/** Chao (1987), bias-corrected: what no way found, at least. */
function unseen(once: number, two: number): number {
  return (once * (once - 1)) / (2 * (two + 1))
}

/**
 * Counts of an evaluation, all by sizes of groups: a cluster of a million
 * leads is one row here, never its pairs.
 */
import {
  calibrationEdges,
  type ProbabilityCount,
} from '../match/calibration.js'
import type { ClusterCounts, WeightCount } from '../match/score.js'
import type { Warehouse } from '../warehouse/warehouse.js'

const pairsOf = (n: string) => `cast(${n} as double) * (${n} - 1) / 2`

/**
 * Needs the temporary table `truth`; makes `cell`, the leads that a found and
 * a true cluster share.
 */
export async function clusterCounts(
  warehouse: Warehouse,
): Promise<ClusterCounts> {
  await warehouse.run(
    `create or replace temp table cell as
     select found_id, entity, count(*) as n from truth group by all`,
  )
  return await warehouse.one<ClusterCounts>(
    `with found_size as (
       select
         sum(n) as n,
         sum(cast(n as double) * n) / sum(n) as exact,
       from cell group by found_id
     ),
     true_size as (
       select
         sum(n) as n,
         sum(cast(n as double) * n) / sum(n) as complete,
       from cell group by entity
     )
     select
       (select cast(sum(n) as double) from cell) as leads,
       (select sum(${pairsOf('n')}) from cell) as hit,
       (select sum(${pairsOf('n')}) from found_size) as claimed,
       (select sum(${pairsOf('n')}) from true_size) as wanted,
       (select sum(exact) from found_size) as exact,
       (select sum(complete) from true_size) as complete`,
  )
}

export interface BlockingCount {
  readonly service: string
  /**
   * compared: the pair itself was scored. connected: the leads hang together
   * by candidate pairs of rules, directly or through others.
   */
  readonly kind: 'compared' | 'connected'
  /** True pairs, those merged by earlier runs among them. */
  readonly pairs: number
  /** Pairs that were looked at, true or not; null where none is stored. */
  readonly candidates: number | null
}

/** How many true pairs each service could have found at all. */
export async function blockingCounts(
  warehouse: Warehouse,
  services: readonly string[],
  scored: boolean,
): Promise<BlockingCount[]> {
  await warehouse.run(
    `create or replace temp table root_cell as
     select root_id, entity, count(*) as n from truth group by all`,
  )
  const counts: BlockingCount[] = []
  for (const service of services) {
    const compared = scored ? await comparedPairs(warehouse, service) : null
    counts.push(compared ?? (await connectedPairs(warehouse, service)))
  }
  return counts
}

async function comparedPairs(
  warehouse: Warehouse,
  service: string,
): Promise<BlockingCount | null> {
  const { candidates, pairs } = await warehouse.one<{
    candidates: number
    pairs: number
  }>(
    `with pair as (
       select a, b from dedupe.scored_pair where service = $1
     )
     select
       (select count(*) from pair) as candidates,
       coalesce((
         select sum(cast(one.n as double) * other.n)
         from pair
         join root_cell as one on one.root_id = pair.a
         join root_cell as other
           on other.root_id = pair.b and other.entity = one.entity
       ), 0) + (select sum(${pairsOf('n')}) from root_cell) as pairs`,
    [service],
  )
  if (candidates === 0) return null
  return { service, kind: 'compared', pairs, candidates }
}

async function connectedPairs(
  warehouse: Warehouse,
  service: string,
): Promise<BlockingCount> {
  const { pairs } = await warehouse.one<{ pairs: number }>(
    `with cell as (
       select sum(root_cell.n) as n
       from root_cell
       left join dedupe.lead_component as component
         on component.scope = $1 and component.node = root_cell.root_id
       group by
         coalesce(component.component, root_cell.root_id),
         root_cell.entity
     )
     select sum(${pairsOf('n')}) as pairs from cell`,
    [service],
  )
  return { service, kind: 'connected', pairs, candidates: null }
}

export interface ScoreCounts {
  readonly service: string
  readonly bins: readonly ProbabilityCount[]
  readonly weights: readonly WeightCount[]
  /** Lowest probability that was merged, and that went to review. */
  readonly mergeFrom: number | null
  readonly reviewFrom: number | null
}

/** Scored pairs whose both leads the truth has, by service. */
const judgedPairs = `
  select pair.*, one.entity = other.entity as is_same
  from dedupe.scored_pair as pair
  join truth as one on one.lead_id = pair.a
  join truth as other on other.lead_id = pair.b
  where pair.service = $1`

/** Weights beyond this, in bits, are as good as certain. */
const widest = 20

/** Probabilities against the truth; null where the service has none. */
export async function scoreCounts(
  warehouse: Warehouse,
  service: string,
): Promise<ScoreCounts | null> {
  const bins = await warehouse.rows<ProbabilityCount>(
    `select
       avg(probability) as predicted,
       count(*) as pairs,
       count(*) filter (where is_same) as same,
     from (${judgedPairs})
     group by len(list_filter([${calibrationEdges.join(', ')}], lambda edge: probability >= edge))
     order by predicted`,
    [service],
  )
  if (bins.length === 0) return null
  const weights = await warehouse.rows<WeightCount>(
    `select
       floor(2 * greatest(-${widest}, least(${widest}, log2(
         greatest(probability, 1e-9) / greatest(1 - probability, 1e-9)
       )))) / 2 as weight,
       count(*) as pairs,
       count(*) filter (where is_same) as same,
     from (${judgedPairs})
     -- No threshold merges what a rule or a person keeps apart.
     where not is_apart
     group by all
     order by weight`,
    [service],
  )
  const limits = await warehouse.one<{
    mergeFrom: number | null
    reviewFrom: number | null
  }>(
    `select
       min(probability) filter (where status = 'merge') as "mergeFrom",
       min(probability) filter (where status = 'review') as "reviewFrom",
     from dedupe.scored_pair where service = $1`,
    [service],
  )
  return { service, bins, weights, ...limits }
}

/** Where clusters and truth disagree, worst first, one pair a mistake. */
import type { Warehouse } from '../warehouse/warehouse.js'

export interface ErrorSample {
  /** Two leads that stand for the disagreement. */
  readonly a: string
  readonly b: string
  /** Wrong or missing pairs that this mistake makes. */
  readonly pairs: number
  readonly leads: number
  readonly evidence: string
}

export interface ErrorReport {
  /** Clusters with leads of several people, or people in several clusters. */
  readonly count: number
  readonly samples: readonly ErrorSample[]
}

interface Found extends Omit<ErrorSample, 'evidence'> {
  /** The match rules that made the merge, in words. */
  readonly rules: readonly string[] | null
  readonly hold: string | null
  readonly scored: string | null
  readonly total: number
}

export interface ErrorRequest {
  readonly samples: number
  readonly scored: boolean
}

/** Clusters that merge several people. */
export async function falseMerges(
  warehouse: Warehouse,
  request: ErrorRequest,
): Promise<ErrorReport> {
  const found = await disagreements(warehouse, request, 'found_id', 'entity')
  return report(
    found,
    ({ rules }) => rules?.join(', ') ?? 'merged by an earlier run',
  )
}

/** People who are left in several clusters. */
export async function misses(
  warehouse: Warehouse,
  request: ErrorRequest,
): Promise<ErrorReport> {
  const found = await disagreements(warehouse, request, 'entity', 'found_id')
  return report(found, (each) => {
    if (each.hold !== null) return `waits: ${each.hold}`
    return each.scored === null ? 'never a candidate pair' : ''
  })
}

function report(
  found: readonly Found[],
  evidence: (found: Found) => string,
): ErrorReport {
  const samples = found.map((each) => ({
    a: each.a,
    b: each.b,
    pairs: each.pairs,
    leads: each.leads,
    evidence: [evidence(each), each.scored ?? '']
      .filter((part) => part !== '')
      .join('; '),
  }))
  return { count: found[0]?.total ?? 0, samples }
}

/**
 * Groups of `whole` that `part` takes apart. Each is shown by one lead of each
 * of its two largest parts, a live one where there is one; the largest loss
 * comes first.
 */
async function disagreements(
  warehouse: Warehouse,
  { samples, scored }: ErrorRequest,
  whole: 'found_id' | 'entity',
  part: 'found_id' | 'entity',
): Promise<Found[]> {
  return await warehouse.rows<Found>(
    `with torn as (
       select
         ${whole},
         cast(sum(n) as double) as leads,
         (cast(sum(n) as double) * sum(n) - sum(cast(n as double) * n)) / 2
           as pairs,
       from cell
       group by ${whole}
       having count(*) > 1
     ),
     chosen as (
       select *, (select count(*) from torn) as total
       from torn
       order by pairs desc, ${whole}
       limit ${Math.max(1, Math.floor(samples))}
     ),
     part as (
       select
         truth.${whole},
         truth.${part},
         count(*) as n,
         arg_min(
           {'lead_id': truth.lead_id, 'root_id': truth.root_id},
           (truth.lead_id <> truth.root_id, truth.lead_id)
         ) as example,
       from truth
       join chosen using (${whole})
       group by all
     ),
     example as (
       select ${whole}, list(example order by n desc, ${part})[1:2] as ends
       from part
       group by ${whole}
     ),
     worst as (
       select
         chosen.*,
         list_min(list_transform(ends, lambda e: e.lead_id)) as a,
         list_max(list_transform(ends, lambda e: e.lead_id)) as b,
         list_min(list_transform(ends, lambda e: e.root_id)) as root_a,
         list_max(list_transform(ends, lambda e: e.root_id)) as root_b,
       from chosen
       join example using (${whole})
     ),
     shared as (
       select worst.a, worst.b, cluster.hold, merge.rules
       from worst
       join dedupe.cluster_member as one on one.lead_id = worst.root_a
       join dedupe.cluster_member as other
         on other.lead_id = worst.root_b
         and other.service = one.service
         and other.component = one.component
       join dedupe.cluster as cluster
         on cluster.service = one.service
         and cluster.component = one.component
       left join load.load_merge as merge
         on merge.winner_id = cluster.winner_id
         and merge.service = cluster.service
       where worst.root_a <> worst.root_b
       qualify
         row_number() over (
           partition by worst.a, worst.b
           order by cluster.status = 'merge' desc, cluster.service
         ) = 1
     ),
     scored as (${scored ? scoredPairs : noScores})
     select
       cast(worst.a as varchar) as a,
       cast(worst.b as varchar) as b,
       worst.pairs,
       worst.leads,
       worst.total,
       shared.rules,
       shared.hold,
       scored.words as scored,
     from worst
     left join shared on shared.a = worst.a and shared.b = worst.b
     left join scored on scored.a = worst.a and scored.b = worst.b
     order by worst.pairs desc, worst.a, worst.b`,
  )
}

const scoredPairs = `
  select
    worst.a,
    worst.b,
    concat_ws(
      ', ',
      format('probability {:.4f}', pair.probability),
      pair.evidence,
      if(pair.is_apart, 'kept apart by a rule or a person', null)
    ) as words,
  from worst
  join dedupe.scored_pair as pair
    on pair.a = worst.root_a and pair.b = worst.root_b
  qualify
    row_number() over (
      partition by worst.a, worst.b
      order by pair.probability desc, pair.service
    ) = 1`

const noScores = `
  select
    cast(null as bigint) as a,
    cast(null as bigint) as b,
    cast(null as varchar) as words,
  where false`

/** How precise merges are, as far as people's labels tell. */
import {
  clopperPearson,
  type Interval,
  labelsNeeded,
} from '../match/interval.js'
import type { Warehouse } from '../warehouse/warehouse.js'

export interface LabelPrecision {
  /** Leads that go or went in merges: what a sample is drawn from. */
  readonly merged: number
  /** Labelled pairs that were drawn at random from it. */
  readonly labels: number
  /** Those of them that are one person. */
  readonly right: number
  /** 95 %, Clopper and Pearson; from 0 to 1 without labels. */
  readonly interval: Interval
}

/**
 * Only pairs that were drawn at random count: those that were reviewed because
 * they were doubtful say nothing of the rest. A drawn pair that a person then
 * kept apart was a wrong merge of the rules and stays one while that decision
 * stands; otherwise correcting mistakes would make the rules look flawless.
 * Needs `found` (see found.ts).
 */
export async function labelPrecision(
  warehouse: Warehouse,
  { label, override } = { label: 'meta.label', override: 'seed.override' },
): Promise<LabelPrecision> {
  const { merged, labels, right } = await warehouse.one<{
    merged: number
    labels: number
    right: number
  }>(
    `select
       (select count(*) - count(distinct found_id) from found) as merged,
       count(*) as labels,
       count(*) filter (where label.is_same) as right,
     from ${label} as label
     left join found as one on one.lead_id = label.a
     left join found as other on other.lead_id = label.b
     where
       label.origin = 'sample'
       and (
         one.found_id = other.found_id
         or (
           not label.is_same
           and exists (
             select 1 from ${override} as decision
             where decision.kind = 'never_merge'
             and decision.lead_id = label.a and decision.other_id = label.b
           )
         )
       )`,
  )
  return { merged, labels, right, interval: clopperPearson(right, labels) }
}

/**
 * Why a plan stops whose merges are not known to be precise enough; null where
 * they are. Too few labels stop it too: not knowing is no reason to merge.
 */
export function precisionStop(
  { labels, right, interval }: LabelPrecision,
  wanted: number,
  pipeline: string,
): string | null {
  if (interval.low >= wanted) return null
  const needed = labelsNeeded(wanted)
  const wrong = labels - right
  if (wrong === 0 && labels < needed) {
    const more = Number.isFinite(needed)
      ? `${needed - labels} more without a mistake would do: pipeline review ${pipeline} --sample ${needed - labels} --html sample.html`
      : 'no number of labels proves a precision of 1; ask for less'
    return `min_precision ${wanted}: ${labels} labels are too few to know; they show a precision of at least ${figure(interval.low)}. ${more}.`
  }
  return `min_precision ${wanted}: of ${labels} labelled merges ${wrong} ${wrong === 1 ? 'was' : 'were'} wrong, so the precision lies between ${figure(interval.low)} and ${figure(interval.high)} (95 %). Correct the rules, label more, or approve the plan.`
}

/** Rounded down, so that it never claims more than is known. */
function figure(share: number): string {
  return (Math.floor(share * 10_000) / 10_000).toFixed(4)
}

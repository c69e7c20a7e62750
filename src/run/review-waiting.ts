/** The review queue in the light of decisions made since it was published. */

/** Columns of the published `lead` that are not Marketo's. */
export const ownColumns: ReadonlySet<string> = new Set([
  'id',
  'is_deleted',
  'merged_into_id',
  'cluster_id',
  'is_winner',
  'email_domain',
  'email_domain_type',
  'seen_at',
])

/**
 * Common table expressions that end in `waiting`, the queue with `is_decided`
 * as it is now. They read a relation `decision` with `kind`, `lead_id` and
 * `other_id`. An item is decided when its leads are all spoken of, or left
 * alone; what was decided before the queue was made did not release it.
 */
export const waitingSql = `
  member as (
    select item, unnest(lead_ids) as lead_id from main.review_queue
  ),
  paired as (
    select one.item, count(distinct (one.lead_id, other.lead_id)) as pairs
    from decision
    join member as one on one.lead_id = decision.lead_id
    join member as other
      on other.item = one.item and other.lead_id = decision.other_id
    group by one.item
  ),
  alone as (
    select item, count(distinct lead_id) as leads
    from member
    where lead_id in (select lead_id from decision where kind = 'exclude')
    group by item
  ),
  waiting as (
    select
      queue.* exclude (is_decided),
      queue.is_decided
        or coalesce(paired.pairs, 0) - queue.decided_pairs >= queue.leads - 1
        or coalesce(alone.leads, 0) >= queue.leads - 1 as is_decided,
    from main.review_queue as queue
    left join paired using (item)
    left join alone using (item)
  )`

/** What a run says of matching, and of values that were kept from it: never a value. */
import { counted, formatNumber } from '../format.js'
import type { Log } from '../log.js'
import type { Compiled } from '../model/compile.js'
import type { Warehouse } from '../warehouse/warehouse.js'

interface Held {
  readonly service: string
  readonly rule: number
  readonly reason: string
  readonly values: number
  readonly leads: number
}

const plural: Readonly<Record<string, readonly [string, string]>> = {
  'shared mailbox': ['shared mailbox', 'shared mailboxes'],
  'value of several people': [
    'value of several people',
    'values of several people',
  ],
  'block too large': [
    'block too large to compare',
    'blocks too large to compare',
  ],
}

function sentence({ service, rule, reason, values, leads }: Held): string {
  const [one, many] = plural[reason] ?? [reason, reason]
  const verb = values === 1 ? 'is' : 'are'
  return `${service}, rule ${rule}: ${formatNumber(values)} ${values === 1 ? one : many} on ${counted(leads, 'lead')} ${verb} kept from matching.`
}

interface Scored {
  readonly service: string
  readonly compared: number
  readonly merged: number
  readonly doubtful: number
}

/** One for each service that matches by probability. */
export async function scoreNotes(
  warehouse: Warehouse,
  compiled: Compiled,
  log: Log,
): Promise<string[]> {
  if (!compiled.models.has('scored_pair')) return []
  const scored = await warehouse.rows<Scored>(
    `with pair as (
       select
         service,
         count(*) as compared,
         count(*) filter (where status = 'merge') as merged,
       from dedupe.scored_pair
       group by service
     ),
     asked as (
       select service, count(*) as doubtful
       from main.review_queue
       where kind = 'pair' and not is_decided
       group by service
     )
     select
       pair.service,
       pair.compared,
       pair.merged,
       coalesce(asked.doubtful, 0) as doubtful,
     from pair
     left join asked using (service)
     order by pair.service`,
  )
  for (const { service, compared, merged, doubtful } of scored) {
    log.event('match.scored', {
      service,
      count: compared,
      msg: `${merged} pairs to merge, ${doubtful} to review`,
    })
  }
  return scored.map(
    ({ service, compared, merged, doubtful }) =>
      `${service}: ${counted(compared, 'pair')} compared, ${formatNumber(merged)} sure enough to merge, ${formatNumber(doubtful)} left for review.`,
  )
}

/** A sentence for each rule and reason; each is logged as well. */
export async function matchNotes(
  warehouse: Warehouse,
  compiled: Compiled,
  log: Log,
): Promise<string[]> {
  if (!compiled.models.has('match_hold')) return []
  const held = await warehouse.rows<Held>(
    `select service, rule, reason, "values", leads
     from dedupe.match_hold order by service, rule, reason`,
  )
  for (const { service, rule, reason, values, leads } of held) {
    log.event('match.held', {
      service,
      rule,
      msg: reason,
      count: values,
      leads,
    })
  }
  return held.map(sentence)
}

/** What a run says of values that were kept from matching: never a value. */
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

import { counted, formatNumber } from '../format.js'
import type { ReviewItem, ReviewQueue, ReviewRecord } from '../run/review.js'
import type { Taken } from '../run/take-decision.js'
import { printable, table } from './output.js'

export interface QueueView {
  readonly name: string
  readonly queue: ReviewQueue
  readonly records: ReadonlyMap<string, ReviewRecord>
  readonly flags: {
    readonly csv?: string
    readonly html?: string
    readonly sample?: string
    readonly values?: boolean
  }
}

/** The queue as a person reads it: ids and reasons, values when asked for. */
export function queueLines(view: QueueView): string[] {
  const { name, queue, flags } = view
  const files = [flags.csv, flags.html].filter((file) => file !== undefined)
  if (queue.items.length === 0) {
    return [
      flags.sample === undefined
        ? `Nothing of ${name} waits for a decision${queue.decided > 0 ? `; ${formatNumber(queue.decided)} decided, taken up by the next run` : ''}.`
        : `${name} has no merge that is not labelled yet.`,
    ]
  }
  if (files.length > 0) {
    return [
      `${counted(queue.items.length, 'item')} of ${formatNumber(queue.total)} written to ${files.join(' and ')}, with values of leads: keep it to yourself.`,
      `Decide there, then: pipeline review ${name} --import FILE.csv`,
    ].map(printable)
  }
  const rows = queue.items.map((item) => [
    item.item,
    formatNumber(item.leads),
    item.leadIds.slice(0, 4).join(' ') + (item.leads > 4 ? ' …' : ''),
    item.probability === null ? '' : item.probability.toFixed(3),
    item.reason,
  ])
  const header = ['item', 'leads', 'ids', 'p', 'why']
  const left = queue.total - queue.items.length
  return [
    ...(flags.values === true
      ? queue.items.flatMap((item) => valueLines(item, view.records))
      : table(header, rows)),
    '',
    `${counted(queue.total, 'item')} ${queue.total === 1 ? 'waits' : 'wait'}${left > 0 ? `, ${formatNumber(left)} more not shown` : ''}${queue.decided > 0 ? `; ${formatNumber(queue.decided)} decided, taken up by the next run` : ''}.`,
    `Look and decide:  pipeline review ${name} --html review.html`,
    `One from here:    pipeline review ${name} --decide ${queue.items[0]?.item ?? 'ITEM'} --as same --reason "…"`,
  ]
}

const shown = ['firstName', 'lastName', 'email', 'company', 'phone']

function valueLines(
  item: ReviewItem,
  records: ReadonlyMap<string, ReviewRecord>,
): string[] {
  const leads = item.leadIds.map((id) => {
    const values = records.get(id)?.values ?? {}
    const words = shown.flatMap((field) => values[field] ?? [])
    return `  ${id}  ${words.join(' · ')}`
  })
  return [`${item.item}  ${item.reason}`, ...leads].map(printable)
}

/** What an import did, and what comes next. */
export function takenLines(name: string, taken: Taken): string[] {
  const { same, different, winner, skip } = taken.counts
  const words = [
    same > 0 ? `${formatNumber(same)} same` : '',
    different > 0 ? `${formatNumber(different)} different` : '',
    winner > 0 ? counted(winner, 'winner') : '',
    skip > 0 ? `${formatNumber(skip)} skipped` : '',
  ].filter((word) => word !== '')
  const all = same + different + winner + skip
  if (all === 0) {
    return ['No decision in the file: fill in the column decision.']
  }
  return [
    `${counted(all, 'decision')} taken (${words.join(', ')}): ${counted(taken.added.length, 'line')} for pipelines/${name}.override.csv, ${counted(taken.labels, 'label')} in pipelines/${name}.label.csv.`,
    `What they change: pipeline plan ${name}`,
  ]
}

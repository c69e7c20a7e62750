/** INV-7 and the ends of processes: limits, and how each process ended. */
import type { Judged, Report } from './oracle.js'

const window = 20_000
const day = 86_400_000
/** Midnight Central in June, from the epoch. */
const midnight = 5 * 3_600_000

/** Gives the calls above any limit. */
export function checkLimits(judged: Judged, report: Report): number {
  checkEnds(judged, report)
  return (
    checkWindow(judged, report) +
    checkDay(judged, report) +
    checkWidth(judged, report)
  )
}

/** A process ends well, pauses, or says that the machine failed. */
function checkEnds({ events, mayBeTooOld }: Judged, report: Report): void {
  let isDone = false
  let mayBeOlder = false
  for (const event of events) {
    if (event.type === 'lost') mayBeOlder ||= event.what === 'older'
    if (event.type !== 'end') continue
    isDone ||= event.how === 'done'
    const { how, exit } = event
    const isFine =
      how === 'done' ||
      how === 'crash' ||
      how === 'asleep' ||
      // A reading that nobody understands stops the run.
      how === 'unknown_answer' ||
      how === 'system_error' ||
      exit === 4 ||
      exit === 5 ||
      exit === 6 ||
      exit === 9 ||
      (mayBeOlder && how === 'journal_older') ||
      (mayBeTooOld && how === 'plan_stale')
    if (!isFine) report('INV-5', `a process ended with ${how} (${exit})`)
  }
  if (!isDone && !mayBeTooOld)
    report('INV-5', 'the plan was never brought to its end')
}

/**
 * Over all processes, with what dead ones had under way; of those that sleep,
 * nobody learns what they do when they wake.
 */
function checkWindow({ events, budget }: Judged, report: Report): number {
  if (sleeps(events)) return 0
  const times: number[] = []
  let over = 0
  for (const event of events) {
    if (event.type !== 'arrive' || !event.counted) continue
    times.push(event.t)
    const oldest = times[times.length - 1 - budget.callsPer20s]
    if (oldest === undefined || event.t - oldest > window) continue
    over += 1
    report('INV-7', `more than ${budget.callsPer20s} calls in 20 s`)
  }
  return over
}

function sleeps(events: Judged['events']): boolean {
  return events.some((event) => event.type === 'end' && event.how === 'asleep')
}

function checkDay({ events, budget, epoch }: Judged, report: Report): number {
  const perDay = new Map<number, number>()
  // One that sleeps does not learn what another one calls meanwhile.
  if (sleeps(events)) return 0
  let over = 0
  for (const event of events) {
    if (event.type !== 'arrive' || !event.counted) continue
    const name = Math.floor((epoch + event.t - midnight) / day)
    const calls = (perDay.get(name) ?? 0) + 1
    perDay.set(name, calls)
    if (calls <= budget.callsPerDay) continue
    over += 1
    report('INV-7', `more than ${budget.callsPerDay} calls in a day`)
  }
  return over
}

/** Calls of one process that are open at once, and writes one by one. */
function checkWidth({ events, budget }: Judged, report: Report): number {
  const open = new Map<number, { process: number; isWrite: boolean }>()
  let over = 0
  for (const event of events) {
    if (event.type === 'answer') open.delete(event.n)
    if (event.type !== 'send') continue
    const { kind } = event.operation
    const isWrite = kind === 'merge' || kind === 'update' || kind === 'import'
    if (kind !== 'identity') {
      open.set(event.n, { process: event.process, isWrite })
    }
    const own = [...open.values()].filter(
      (one) => one.process === event.process,
    )
    const writes = own.filter((one) => one.isWrite).length
    if (own.length <= budget.concurrency && writes <= 1) continue
    over += 1
    report('INV-7', `${own.length} calls at once, ${writes} of them writes`)
  }
  return over
}

/** What earlier processes may have left under way, as far as we can know. */
import { exitCode, PipelineError } from '../error.js'
import type { Disk } from './disk.js'
import { type Job, wait } from './job.js'
import { type Journal, readJournal } from './journal.js'
import type { Lease } from './lease.js'
import { importKeys } from './lane.js'
import { journalPlace } from './place.js'
import type { PlanHeader } from './plan.js'
import { rowsOf } from './plan-size.js'
import { longestCall, quarantine } from './quarantine.js'

/**
 * A copy of the journal from before its last lines would have us send again
 * what was sent. Throws PipelineError `journal_older` (exit 8).
 */
export function refuseOlder(
  journal: Journal,
  { past }: Lease,
  plan: string,
): void {
  const { epoch, begun } = journal.state
  if (!begun) return
  const mark = past.marks.get(plan)
  const isOlder = epoch < (past.begun.get(plan) ?? 0)
  const lacks = mark !== undefined && epoch <= mark.epoch && !journal.holdsMark
  if (!isOlder && !lacks) return
  throw new PipelineError(
    'journal_older',
    `The journal of plan ${plan} is an older copy: it lacks what was written last, so what was sent is not certain. Nothing was sent; put the newest one back, or move it aside, and Marketo itself is asked what was done.`,
    { exit: exitCode.planRefused },
  )
}

interface Place {
  readonly plan: string
  readonly folder: string
  readonly disk: Disk
}

/**
 * Leads of rows that another plan of this pipeline left unresolved: what was
 * sent for them may still have happened, so no plan touches them until a
 * person has looked.
 */
export async function frozenByOthers(
  { past }: Lease,
  { plan, folder, disk }: Place,
): Promise<ReadonlySet<string>> {
  const frozen = new Set<string>()
  for (const name of past.begun.keys()) {
    if (name === plan) continue
    const { journal } = journalPlace(folder, name)
    const state = await readJournal(journal, disk)
    for (const lead of state?.frozen ?? []) frozen.add(lead)
  }
  return frozen
}

/**
 * Whether every request that may still be under way is in a journal that is
 * there. Not so on a new disk, and where a journal was lost.
 */
export async function isPastKnown(
  { journal }: Pick<Job, 'journal'>,
  { past }: Lease,
  { plan, folder, disk }: Place,
): Promise<boolean> {
  if (journal.state.begun) return true
  if (!past.settled || past.begun.has(plan)) return false
  for (const open of past.open) {
    const other = await readJournal(journalPlace(folder, open).journal, disk)
    if (other === null) return false
  }
  return true
}

/**
 * Waits until nothing that was sent before `since` can take effect. An import
 * may lie in Marketo's queue, where nobody finds it without its batch.
 */
export async function outwaitUnknown(
  job: Job,
  header: PlanHeader,
  since: number,
): Promise<void> {
  job.mayHaveLostJournal = false
  const { clock } = job.marketo
  // Nothing of a plan was sent before it was made.
  const made = Date.parse(header.asOf)
  const isOlder = made < job.marketo.serverNow() - (clock.monotonic() - since)
  const mayBeQueued = isOlder && importKeys(header).size > 0
  const send = mayBeQueued ? 'import' : 'merge'
  // Whoever still lives may have its call open for as long as it waits for it.
  const open = job.lease.mayOthersLive ? longestCall(send) : 0
  const longest = open + quarantine(send)
  const rest = since + longest - clock.monotonic()
  if (rest <= 0) return
  const rows = rowsOf(header)
  job.emit({ type: 'quarantine', rows, seconds: Math.round(rest / 1000) })
  await wait(job, rest)
}

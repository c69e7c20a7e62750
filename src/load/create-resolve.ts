import { holders, madeSince } from './create-read.js'
import { matchFound, searchableEmail } from './create-match.js'
import { take } from './create.js'
import { type Held, type Job, settle, type Settlement, wait } from './job.js'
import type { CreateRow } from './plan.js'

/** Two readings that must agree are this far apart. */
const betweenReadings = 30_000

/** Requests for one row that may have had an effect; then a person decides. */
const mostAttempts = 3

export interface HeldCreate extends Held {
  readonly row: CreateRow
}

export function isHeldCreate(held: Held): held is HeldCreate {
  return held.row.kind === 'create'
}

/**
 * What became of new leads of which nobody knows whether they were made; the
 * quarantine is over. Those that surely were not are given back.
 */
export async function resolveCreates(
  job: Job,
  held: readonly HeldCreate[],
): Promise<readonly CreateRow[]> {
  // Joining a list or a program again changes nothing.
  const joining = held.filter(({ row }) =>
    job.journal.state.created.has(row.row),
  )
  const rows = held
    .filter((one) => !joining.includes(one))
    .map(({ row }) => row)
  if (rows.length > 0) await find(job, rows)
  const missing = rows.filter(({ row }) => !job.journal.state.created.has(row))
  if (missing.length > 0) {
    await wait(job, betweenReadings)
    await find(job, missing)
  }
  const ended: Settlement[] = []
  const again: CreateRow[] = joining.map(({ row }) => row)
  for (const row of missing) {
    if (job.journal.state.created.has(row.row)) continue
    const why = whyNotAgain(job, row)
    if (why === null) again.push(row)
    else ended.push({ row, status: 'unresolved', reason: why })
  }
  await settle(job, ended)
  return again
}

/** Only an address proves that no lead was made; Marketo's log comes late. */
function whyNotAgain(job: Job, row: CreateRow): string | null {
  if (searchableEmail(row) === null) {
    return 'nobody knows whether it was made, because it has no address to look for; look in Marketo before restoring it again'
  }
  if (job.journal.state.doubtful(row.row, 'create') < mostAttempts) return null
  return `${mostAttempts} attempts had no effect, and none was answered clearly`
}

async function find(job: Job, rows: readonly CreateRow[]): Promise<void> {
  const since = Math.min(
    ...rows.map((row) => job.journal.state.of(row.row)[0]?.at ?? 0),
  )
  const silent = rows.some((row) => searchableEmail(row) === null)
  const byAddress = await holders(job, rows)
  const byLog = silent ? await madeSince(job, since) : new Map()
  const found = new Map([...byAddress, ...byLog])
  await take(job, matchFound(rows, found, job.rules))
}

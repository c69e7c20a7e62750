import { holders, holdersOf, madeSince } from './create-read.js'
import { matchFound, type Matched, searchableEmail } from './create-match.js'
import { type Job, settle, type Settlement, wait } from './job.js'
import type { CreateRow } from './plan.js'
import { quarantine } from './quarantine.js'

export interface Examined {
  /** Nothing stands against making these. */
  readonly ready: readonly CreateRow[]
  /** Leads that an earlier attempt made, whose journal was lost. */
  readonly made: readonly Matched[]
}

/**
 * Looks whether the old leads are still gone and nobody else has their email.
 * Rows that cannot go on get their status.
 */
export async function examineCreates(
  job: Job,
  rows: readonly CreateRow[],
): Promise<Examined> {
  if (rows.length === 0) return { ready: [], made: [] }
  const back = await job.marketo.leads(
    rows.map(({ id }) => id),
    ['email'],
  )
  const found = await holders(job, rows)
  const lost = await perhapsMade(job, rows)
  const all = new Map([...found, ...lost])
  const made = matchFound(rows, all, job.rules)
  if (made.length > 0 && job.mayHaveLostJournal) {
    job.mayHaveLostJournal = false
    await outwait(job, rows.length)
    return await examineCreates(job, rows)
  }
  const isMade = new Set(made.map(({ row }) => row))
  const ours = new Set(made.map(({ id }) => id))
  const stale: Settlement[] = []
  const ready: CreateRow[] = []
  for (const row of rows) {
    if (isMade.has(row)) continue
    const others = holdersOf(row, found).filter((id) => !ours.has(id))
    const why = back.has(row.id)
      ? `lead ${row.id} is there again`
      : others.length > 0
        ? `lead ${others.join(', ')} has its email by now`
        : null
    if (why === null) ready.push(row)
    else stale.push({ row, status: 'stale', reason: why })
  }
  await settle(job, stale)
  return { ready, made }
}

/** Leads without an address can be found in Marketo's log only. */
async function perhapsMade(job: Job, rows: readonly CreateRow[]) {
  const silent = rows.filter((row) => searchableEmail(row) === null)
  if (silent.length === 0) return new Map()
  const now = job.marketo.serverNow()
  return await madeSince(job, now - longestLife)
}

/** A plan that was begun is refused a day after it was made. */
const longestLife = 24 * 3_600_000

async function outwait(job: Job, rows: number): Promise<void> {
  const milliseconds = quarantine('create')
  job.emit({ type: 'quarantine', rows, seconds: milliseconds / 1000 })
  await wait(job, milliseconds)
}

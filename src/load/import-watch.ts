import { MarketoError } from '../marketo/error.js'
import { scrub } from '../marketo/scrub.js'
import { noNotes, type Notes, readNotes } from './import-file.js'
import type { Importing } from './import-state.js'
import { checkpoint, type Job, pause, wait } from './job.js'
import { fieldsOf } from './lane.js'
import type { UpdateRow } from './plan.js'
import { endUpdates, readUpdated } from './update.js'
import { judgeUpdate, type UpdateVerdict } from './verify.js'

/** Of Marketo's two slots and ten places, for all integrations together. */
const mostUnderWay = 2

/** When we ask how far an import is, in ms after it was taken; then so on. */
const firstPoll = 20_000
const longestPause = 60_000

/** Longest that one process waits for an import; the next one goes on. */
const patience = 3_600_000

/** How many rows are read back together. */
const readTogether = 3000

export function watchImport(
  job: Job,
  batchId: string,
  rows: readonly UpdateRow[],
): void {
  const since = job.marketo.clock.monotonic()
  const nextAt = since + firstPoll
  job.importing.push({ batchId, rows, since, nextAt, polls: 0 })
}

/** Marketo's queue is shared: we hold two places of it at most. */
export async function roomForImport(job: Job): Promise<void> {
  await endImports(job, mostUnderWay - 1)
}

/**
 * Asks for imports whose time has come and gives the rows of those that are
 * over their status, until no more than `most` are under way; with Infinity
 * it does not wait at all.
 */
export async function endImports(job: Job, most: number): Promise<void> {
  for (;;) {
    const now = job.marketo.clock.monotonic()
    for (const one of job.importing.filter(({ nextAt }) => nextAt <= now)) {
      await ask(job, one)
    }
    if (job.importing.length <= most) return
    const next = Math.min(...job.importing.map(({ nextAt }) => nextAt))
    const rest = next - job.marketo.clock.monotonic()
    if (rest > 0) await wait(job, rest)
  }
}

async function ask(job: Job, one: Importing): Promise<void> {
  checkpoint(job)
  const { marketo } = job
  const found = await marketo.importJob(one.batchId).catch(forgotten)
  if (found !== null && ['queued', 'importing'].includes(found.state)) {
    const now = marketo.clock.monotonic()
    if (now - one.since > patience) throw pause('importing')
    one.polls += 1
    one.nextAt = now + Math.min(firstPoll * 2 ** one.polls, longestPause)
    return
  }
  const failures = await notesOf(job, one, 'failures', found?.failed ?? null)
  const warnings = await notesOf(job, one, 'warnings', found?.warned ?? null)
  job.emit({
    type: 'import',
    batch: one.batchId,
    rows: one.rows.length,
    failed: found?.failed ?? null,
    warned: found?.warned ?? null,
    unmatched: failures.unmatched,
  })
  // Only a complete import, and files that name every row that failed or has
  // a warning, say that the others were not refused.
  const unmatched = failures.unmatched + warnings.unmatched
  const isTold = found?.state === 'complete' && unmatched === 0
  for (let from = 0; from < one.rows.length; from += readTogether) {
    const rows = one.rows.slice(from, from + readTogether)
    await verifyImported(job, rows, { failures, warnings, isTold })
  }
  job.importing.splice(job.importing.indexOf(one), 1)
}

/** After seven days Marketo knows a batch no more (Adobe docs). */
function forgotten(error: unknown): null {
  const isGone = error instanceof MarketoError && error.problem === 'not_found'
  if (isGone) return null
  throw error
}

async function notesOf(
  job: Job,
  { batchId, rows }: Importing,
  kind: 'failures' | 'warnings',
  count: number | null,
): Promise<Notes> {
  const [first] = rows
  if (count === 0 || first === undefined) return noNotes
  const none: Notes = { reasons: new Map(), unmatched: count ?? 1 }
  try {
    const text = await job.marketo.importNotes(batchId, kind)
    return await readNotes(text, rows, fieldsOf(first))
  } catch (error) {
    const isUnusable =
      error instanceof MarketoError ? error.outcome === 'row_failed' : false
    if (isUnusable || isFileGone(error)) return none
    throw error
  }
}

function isFileGone(error: unknown): boolean {
  return error instanceof MarketoError && error.problem === 'file_missing'
}

interface Said {
  readonly failures: Notes
  readonly warnings: Notes
  readonly isTold: boolean
}

/** Every row is read: what Marketo says of it only explains what is there. */
async function verifyImported(
  job: Job,
  rows: readonly UpdateRow[],
  said: Said,
): Promise<void> {
  const records = await readUpdated(job, rows)
  const judged = rows.map((row) => {
    const after = records.get(row.id)
    const verdict = judgeUpdate(row, row.before, after, job.rules)
    return { row, after, verdict: explained(row, verdict, said) }
  })
  const again = judged.filter(({ verdict }) => verdict === null)
  const ended = judged.flatMap(({ row, after, verdict }) =>
    verdict === null ? [] : [{ row, after, verdict }],
  )
  job.undone.push(...again.map(({ row }) => row))
  await endUpdates(job, ended, ({ after, verdict }) => ({ after, verdict }))
}

/** Null where nobody says why the row is as it was: a call will tell. */
function explained(
  row: UpdateRow,
  verdict: UpdateVerdict,
  { failures, warnings, isTold }: Said,
): UpdateVerdict | null {
  if (verdict.kind !== 'no_effect') return verdict
  const why = failures.reasons.get(row.id) ?? warnings.reasons.get(row.id)
  if (why === undefined) return isTold ? verdict : null
  const values = Object.values(row.set).filter((value) => value !== null)
  const said = scrub(why, values)
  return { kind: 'failed', reason: `Marketo's import refused it: ${said}` }
}

import type { LeadRecord } from '../marketo/api.js'
import { assessUpdate } from './assess.js'
import { idsOf } from './batch.js'
import { type Held, type Job, settle, wait } from './job.js'
import type { UpdateRow } from './plan.js'
import { waitOut } from './quarantine.js'
import { readUpdated, showUpdated } from './update.js'

/** Two readings that must agree are this far apart. */
const betweenReadings = 30_000

/** Readings after which what still changes is left to a person. */
const mostReadings = 20

/** How many rows are read together. */
const readTogether = 3000

type Found = 'done' | 'untouched' | 'changed'

/**
 * Imports whose answer was lost. Marketo lists none, so every row is read,
 * twice: rows that hold what was sent are done, rows that hold what they held
 * go by sync calls, and no file is ever uploaded again. As long as rows change
 * between two readings the import is at work, and we wait.
 */
export async function resolveLostImports(
  job: Job,
): Promise<readonly UpdateRow[]> {
  const held = job.held.filter(({ send }) => send === 'import')
  if (held.length === 0) return []
  await waitOut(job, held)
  const again: UpdateRow[] = []
  for (let from = 0; from < held.length; from += readTogether) {
    const part = held.slice(from, from + readTogether)
    again.push(...(await resolvePart(job, part)))
  }
  const isOver = new Set(held)
  job.held.splice(0, Infinity, ...job.held.filter((one) => !isOver.has(one)))
  return again
}

async function resolvePart(
  job: Job,
  held: readonly Held[],
): Promise<readonly UpdateRow[]> {
  const rows = held.flatMap(({ row }) => (row.kind === 'update' ? [row] : []))
  let records = await readUpdated(job, rows)
  let found = judged(job, rows, records)
  for (let reading = 1; ; reading += 1) {
    await wait(job, betweenReadings)
    const before = found
    records = await readUpdated(job, rows)
    found = judged(job, rows, records)
    if (rows.every(({ row }) => before.get(row) === found.get(row))) break
    if (reading < mostReadings) continue
    const moving = rows.filter(({ row }) => before.get(row) !== found.get(row))
    for (const { row } of moving) found.set(row, 'changed')
    break
  }
  const of = (kind: Found) => rows.filter(({ row }) => found.get(row) === kind)
  await showUpdated(job, of('done'), records)
  await settle(
    job,
    of('done').map((row) => ({ row, status: 'done', reason: '' })),
  )
  await settle(
    job,
    of('changed').map((row) => ({
      row,
      status: 'unresolved',
      reason: `lead ${row.id} changed while it was not known whether an import took effect`,
      frozen: idsOf(row),
    })),
  )
  return of('untouched')
}

function judged(
  job: Job,
  rows: readonly UpdateRow[],
  records: ReadonlyMap<string, LeadRecord>,
): Map<string, Found> {
  return new Map(
    rows.map((row) => {
      const { kind } = assessUpdate(row, records.get(row.id), job.rules)
      const found = kind === 'equal' ? 'done' : 'untouched'
      return [row.row, kind === 'stale' ? 'changed' : found]
    }),
  )
}

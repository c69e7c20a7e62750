import type { ImportJob } from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'
import { digest } from './canonical.js'
import { importText } from './import-file.js'
import { roomForImport, watchImport } from './import-watch.js'
import { checkpoint, type Job, wait } from './job.js'
import { fieldsOf } from './lane.js'
import type { UpdateRow } from './plan.js'
import { hold } from './quarantine.js'
import { send, type Sent } from './send.js'
import { examineUpdates, type UpdateDraft, writeDrafts } from './update.js'

/** Below this many rows sync calls are as cheap. */
const leastRows = 300

/** Waits for a place in Marketo's queue, in ms; then sync calls are made. */
const queueWaits = [30_000, 60_000, 120_000, 240_000, 300_000]

/**
 * Takes updates of the same fields to Marketo in one file. They are under way
 * when this returns: `endImports` gives them their final status. What cannot
 * go by import goes by sync calls.
 */
export async function applyImport(
  job: Job,
  rows: readonly UpdateRow[],
  refusals: Refusals = { count: 0 },
): Promise<void> {
  await roomForImport(job)
  checkpoint(job)
  const readAt = job.elapsed.milliseconds
  const drafts = await examineUpdates(job, rows)
  // A file has every field of a row; where some hold already, a call does it.
  const whole = drafts.filter(isWhole)
  const rest = drafts.filter((draft) => !isWhole(draft))
  if (whole.length < leastRows) return await writeDrafts(job, drafts, readAt)
  await submit(job, whole, { readAt, refusals })
  await writeDrafts(job, rest, readAt)
}

/** How often Marketo's queue was full, over all readings of these rows. */
interface Refusals {
  count: number
}

interface Try {
  readonly readAt: number
  readonly refusals: Refusals
}

function isWhole({ row, write }: UpdateDraft): boolean {
  return Object.keys(row.set).length === Object.keys(write).length
}

async function submit(
  job: Job,
  drafts: readonly UpdateDraft[],
  attempt: Try,
): Promise<void> {
  const { readAt, refusals } = attempt
  const rows = drafts.map(({ row }) => row)
  const sent = await sendFile(job, rows, attempt)
  if (sent === null) return await writeDrafts(job, drafts, readAt)
  switch (sent.kind) {
    case 'ok':
      return watchImport(job, sent.answer.batchId, rows)
    case 'aged':
      return await applyImport(job, rows, refusals)
    case 'doubtful':
      return hold(job, rows, 'import')
    case 'refused':
      // Of the file as a whole; each row gets its own answer by a call.
      return await writeDrafts(job, drafts, readAt)
  }
}

/** Null where Marketo takes no import from us, and surely has not taken it. */
async function sendFile(
  job: Job,
  rows: readonly UpdateRow[],
  { readAt, refusals }: Try,
): Promise<Sent<ImportJob> | null> {
  const [first] = rows
  const fields = first === undefined ? [] : fieldsOf(first)
  const text = await importText(rows, fields)
  const hidden = rows.flatMap(({ set }) =>
    Object.values(set).filter((value) => value !== null),
  )
  const request = { lookupField: 'id', fields, file: digest(text) }
  for (;;) {
    try {
      return await send(job, {
        send: 'import',
        rows: rows.map(({ row }) => row),
        call: null,
        request,
        readAt,
        perform: (before) => job.marketo.submitImport({ text, hidden, before }),
        job: ({ batchId }) => batchId,
      })
    } catch (error) {
      if (!isNoImport(error)) throw error
      const delay = queueWaits[refusals.count]
      if (error.problem !== 'queue_full' || delay === undefined) return null
      refusals.count += 1
      const { marketoCode: code } = error
      job.emit({ type: 'wait', code, seconds: delay / 1000 })
      await wait(job, delay)
    }
  }
}

/** The file was not taken, and another way may be open. */
function isNoImport(error: unknown): error is MarketoError {
  if (!(error instanceof MarketoError)) return false
  const isKnown = ['queue_full', 'too_large', 'bad_request']
  return (
    (error.outcome === 'rejected' || error.outcome === 'not_sent') &&
    isKnown.includes(error.problem)
  )
}

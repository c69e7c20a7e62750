import type { ImportJob, ImportState } from './api.js'
import { wholeText } from './download.js'
import { endpoints } from './endpoint.js'
import type { Json } from './envelope.js'
import { needResult } from './lead.js'
import type { Session } from './session.js'
import { needId, optionalCount, UnusableAnswer } from './value.js'

/** Of a request with its file (Adobe docs, bulk lead import, limits). */
const mostImportBytes = 10_000_000

export interface ImportFile {
  /** CSV with a header of API names; its first column is `id`. */
  readonly text: string
  /** Values in it, to be kept out of messages. */
  readonly hidden: Iterable<string>
  /** Done when the call has its turn, right before it leaves. */
  readonly before?: (() => Promise<void>) | undefined
}

/**
 * Submits one file of updates, sent at most once. With `id` as its lookup an
 * import only updates and never makes a lead (Adobe docs, bulk lead import,
 * and the definition of `lookupField`).
 */
export async function submitImport(
  session: Session,
  { text, hidden, before }: ImportFile,
): Promise<ImportJob> {
  const endpoint = endpoints.submitImport
  const bytes = Buffer.byteLength(text)
  // Room for the form around the file.
  if (bytes > mostImportBytes - 1000) {
    const said = `${bytes} bytes in one import`
    throw session.error(endpoint, { problem: 'too_large', said })
  }
  return await session.call({
    endpoint,
    query: { format: 'csv', lookupField: 'id' },
    file: text,
    hidden,
    before,
    read: ({ result }) => importJobOf(result?.[0]),
  })
}

export async function importJob(
  session: Session,
  batchId: string,
): Promise<ImportJob> {
  return await session.call({
    endpoint: endpoints.importJob,
    id: batchId,
    read: (answer) => importJobOf(needResult(answer)[0]),
  })
}

/** The file of failed rows, or of rows with a warning, as Marketo sends it. */
export async function importNotes(
  session: Session,
  batchId: string,
  kind: 'failures' | 'warnings',
): Promise<string> {
  const endpoint =
    kind === 'failures' ? endpoints.importFailures : endpoints.importWarnings
  return await wholeText(session, endpoint, batchId)
}

/** `Complete`, not `Completed` as of an export (Adobe docs). */
const states: ReadonlyMap<string, ImportState> = new Map([
  ['queued', 'queued'],
  ['importing', 'importing'],
  ['complete', 'complete'],
  ['completed', 'complete'],
  ['failed', 'failed'],
])

function importJobOf(record: Json | undefined): ImportJob {
  if (record === undefined) throw new UnusableAnswer('no import')
  const state = states.get(String(record.status).toLowerCase())
  if (state === undefined) throw new UnusableAnswer('no status of an import')
  return {
    batchId: needId(record.batchId ?? record.importId),
    state,
    imported: optionalCount(record.numOfLeadsProcessed),
    failed: optionalCount(record.numOfRowsFailed),
    warned: optionalCount(record.numOfRowsWithWarning),
  }
}

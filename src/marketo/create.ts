import type { CreateOutcome, LeadRecord } from './api.js'
import { classify } from './classify.js'
import { endpoints } from './endpoint.js'
import { type Json, reasons } from './envelope.js'
import { needResult } from './lead.js'
import { scrub } from './scrub.js'
import type { Session } from './session.js'
import { optionalId } from './value.js'

/** Records and bytes of one sync call (Adobe docs, limits). */
const mostRecords = 300
const mostBytes = 1_000_000

export interface Creation {
  /**
   * `createOnly` is refused where a lead has the email (1005);
   * `createDuplicate` looks for none. Neither ever writes to a lead that
   * exists (Adobe docs, leads).
   */
  readonly action: 'createOnly' | 'createDuplicate'
  /** Name of a partition; null leaves it to Marketo. */
  readonly partition: string | null
  readonly records: readonly LeadRecord[]
  /** Runs when the call has its turn; where it throws, nothing was sent. */
  readonly before: () => Promise<void>
}

/** One call that makes new leads, sent at most once. */
export async function createLeads(
  session: Session,
  creation: Creation,
): Promise<CreateOutcome[]> {
  const { records } = creation
  if (records.length === 0) return []
  const json = body(creation)
  const fault = creationFault(records, json)
  if (fault !== null) {
    throw session.error(endpoints.update, {
      problem: 'bad_request',
      said: `the request has ${fault}`,
      next: 'This program has a defect: report it. Nothing was sent.',
    })
  }
  const hidden = records.flatMap(texts)
  return session.call({
    endpoint: endpoints.update,
    json,
    hidden,
    before: creation.before,
    read: (answer) => outcomes(records, needResult(answer)),
  })
}

function body({ action, partition, records }: Creation): string {
  return JSON.stringify({
    action,
    ...(action === 'createOnly' && { lookupField: 'email' }),
    ...(partition !== null && { partitionName: partition }),
    input: records,
  })
}

function texts(record: LeadRecord): string[] {
  return Object.values(record)
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String)
}

function creationFault(
  records: readonly LeadRecord[],
  json: string,
): string | null {
  if (records.length > mostRecords) return `more than ${mostRecords} records`
  if (Buffer.byteLength(json) > mostBytes) return `over ${mostBytes} bytes`
  const hasId = records.some((record) => Object.hasOwn(record, 'id'))
  return hasId ? 'a value for the field id' : null
}

/**
 * In the order of the input, for a new lead has no key that the input knew.
 * Whoever asked must read the leads and see that each holds what was sent.
 */
function outcomes(
  records: readonly LeadRecord[],
  result: readonly Json[],
): CreateOutcome[] {
  if (result.length !== records.length) {
    return records.map(() => ({ status: 'missing' }))
  }
  return result.map((answered, at) => outcome(records[at] ?? {}, answered))
}

function outcome(record: LeadRecord, answered: Json): CreateOutcome {
  const [reason] = reasons(answered)
  if (reason === undefined) {
    const id = optionalId(answered.id)
    return answered.status === 'created' && id !== null
      ? { status: 'created', id }
      : { status: 'missing' }
  }
  const isTaken = reason.code === '1005'
  const verdict = classify('update', { kind: 'code', ...reason })
  // A code that does not prove that nothing was made is no answer.
  if (!isTaken && verdict.outcome === 'ambiguous') return { status: 'missing' }
  const message = scrub(reason.message, texts(record))
  return { status: 'skipped', code: reason.code, message }
}

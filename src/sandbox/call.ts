import type { Change, WriteCall } from './change.js'
import { advanceExports } from './export-queue.js'
import type { Fault } from './fault.js'
import { isRecord, parseJson, textOf } from './json.js'
import type { ClientOption } from './option.js'
import type { Reply } from './reply.js'
import { ApiError } from './reply.js'
import type { Service } from './service.js'

/** One API call as an endpoint sees it. */
export interface Call {
  readonly service: Service
  readonly client: ClientOption
  readonly method: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  readonly fault: Fault | null
  /** Number of a write call in the log. */
  readonly n: number
}

export type Handler = (call: Call) => Reply | Promise<Reply>

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Template such as `/rest/v1/lead/{id}.json`. */
  readonly path: string
  readonly permission?: string
  /** Name in the write log; left out: the call changes nothing. */
  readonly write?: string
  readonly handler: Handler
}

export function parameter(call: Call, name: string): string | null {
  const value = call.query.get(name)
  return value === null || value === '' ? null : value
}

/** A comma-separated parameter; blanks around its parts do not count. */
export function listParameter(call: Call, name: string): string[] {
  return call.query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')
}

/** The JSON body; ids too big for a double arrive as texts. */
export function jsonBody(call: Call): Record<string, unknown> {
  const type = call.headers['content-type'] ?? ''
  if (call.text !== '' && !/json/i.test(type)) {
    throw new ApiError('612', 'Invalid Content Type')
  }
  const exact = call.text.replaceAll(
    /("(?:id|leadId)"\s*:\s*)(\d{16,})/g,
    '$1"$2"',
  )
  try {
    const body = parseJson(exact)
    if (isRecord(body)) return body
  } catch {
    // Refused below, as everything that is not an object.
  }
  throw new ApiError('609', 'Invalid JSON')
}

/** The records of `{"input": [...]}`, 1 to `batch` of them. */
export function inputOf(call: Call): Record<string, unknown>[] {
  const input = jsonBody(call)['input']
  if (!Array.isArray(input) || input.length === 0) {
    throw new ApiError('1002', "Missing value for required parameter 'input'")
  }
  checkBatch(call, input.length)
  return input.map((item: unknown) => {
    if (isRecord(item)) return item
    throw new ApiError('1003', 'Invalid record in input')
  })
}

export function checkBatch(call: Call, count: number): void {
  const { batch } = call.service.limits
  if (count > batch) {
    throw new ApiError('1003', `Too many records: ${count}, at most ${batch}`)
  }
}

/** Ids of the query's `id`, or of the body's input. */
export function idsOf(call: Call): string[] {
  const listed = listParameter(call, 'id')
  const ids =
    listed.length > 0
      ? listed
      : inputOf(call).map((record) => textOf(record['id']))
  checkBatch(call, ids.length)
  return ids
}

/** Records the changes of a write call together with its log line. */
export function commitWrite(
  call: Call,
  endpoint: string,
  changes: readonly Change[],
  details: Pick<WriteCall, 'request'> & Partial<Pick<WriteCall, 'records'>>,
): void {
  const { service } = call
  // An export that began while this call waited has the values of then.
  advanceExports(service)
  const at = service.now()
  const write: WriteCall = {
    n: call.n,
    at,
    endpoint,
    user: call.client.user,
    applied: changes.length > 0,
    appliedAt: changes.length > 0 ? at : null,
    code: null,
    fault: call.fault?.kind ?? null,
    ...details,
  }
  service.commit([...changes, { kind: 'write', write }])
}

import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { judge } from './answer.js'
import { type Endpoint, endpoints } from './endpoint.js'
import { guarded } from './guarded.js'
import type { Opened, Session } from './session.js'
import { badly, type Judged } from './talk.js'
import type { Head, StreamReply } from './wire.js'

export interface Download {
  /** First byte of the body, counted in the whole file. */
  readonly from: number
  /** Size of the whole file, or null where Marketo does not say. */
  readonly total: number | null
  readonly body: Readable
}

/** A server that sends nothing for this long, in milliseconds, is stuck. */
const longestSilence = 60_000
/** A whole file may take 200 s, and as long as at 50 kB a second. */
const leastPace = 50
const leastTotal = 200_000

/**
 * Streams a finished file from a byte on. Where the server ignores the range,
 * or answers another one, the whole file comes, from 0.
 */
export async function download(
  session: Session,
  exportId: string,
  from: number,
): Promise<Download> {
  const endpoint = endpoints.exportFile
  const opened = await open(session, { endpoint, id: exportId, from })
  const range = from > 0 ? rangeOf(opened, from) : wholeOf(opened)
  if (range) return stream(session, endpoint, opened, range)
  opened.body.destroy()
  opened.close()
  // Whatever we hold does not fit what the server has: begin again.
  if (from > 0) return download(session, exportId, 0)
  throw session.error(endpoint, {
    problem: 'unknown_answer',
    outcome: 'ambiguous',
    http: opened.status,
  })
}

/** A file as a whole, for files that fit memory. */
export async function wholeText(
  session: Session,
  endpoint: Endpoint,
  id: string,
): Promise<string> {
  const opened = await open(session, { endpoint, id, from: 0 })
  const range = wholeOf(opened) ?? { from: 0, total: null, length: null }
  return await text(stream(session, endpoint, opened, range).body)
}

function open(
  session: Session,
  {
    endpoint,
    id,
    from,
  }: {
    readonly endpoint: Endpoint
    readonly id: string
    readonly from: number
  },
): Promise<Opened> {
  const range = from > 0 ? { range: `bytes=${from}-` } : {}
  return session.open({
    endpoint,
    id,
    // A compressed file would not have the bytes that its checksum is of.
    headers: { 'accept-encoding': 'identity', ...range },
    judge: (reply) => judgeHead(session, endpoint, reply),
  })
}

interface Range {
  readonly from: number
  readonly total: number | null
  /** Bytes to come. */
  readonly length: number | null
}

function wholeOf(reply: Head): Range | null {
  if (reply.status !== 200) return null
  const length = count(reply.headers['content-length'])
  return { from: 0, total: length, length }
}

function rangeOf(reply: Head, from: number): Range | null {
  if (reply.status !== 206) return wholeOf(reply)
  const parts = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(
    reply.headers['content-range'] ?? '',
  )
  const [start, end, total] = (parts ?? []).slice(1).map(Number)
  if (start !== from || end === undefined || total !== end + 1) return null
  return { from, total, length: total - from }
}

function count(header: string | undefined): number | null {
  return /^\d{1,15}$/.test(header ?? '') ? Number(header) : null
}

/** Errors come as JSON with HTTP 200; a missing file as text with 404. */
async function judgeHead(
  session: Session,
  endpoint: Endpoint,
  reply: StreamReply,
): Promise<Judged<StreamReply>> {
  const { status, headers } = reply
  const type = headers['content-type'] ?? ''
  const isJson = /json/i.test(type)
  const isFile = [200, 206, 416].includes(status) && !/json|html/i.test(type)
  if (isFile && isPlain(headers['content-encoding'])) {
    return { isGood: true, value: reply, requestId: null }
  }
  if (status === 404) {
    reply.body.destroy()
    const verdict = { problem: 'file_missing', outcome: 'rejected' } as const
    const signal = { kind: 'http', status } as const
    return { isGood: false, signal, verdict, requestId: null }
  }
  const said = isJson ? await rest(session, endpoint, reply) : ''
  reply.body.destroy()
  const judged = judge(endpoint.effect, { status, text: said })
  return judged.isGood ? badly(endpoint, { kind: 'garbled' }) : judged
}

function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding === 'identity'
}

/** The text of an error, or nothing where it does not come. */
async function rest(
  session: Session,
  endpoint: Endpoint,
  { body }: StreamReply,
): Promise<string> {
  const guard = limits(session, endpoint, null)
  try {
    return await text(guarded(body, { ...guard, closed: () => body.destroy() }))
  } catch {
    return ''
  }
}

function stream(
  session: Session,
  endpoint: Endpoint,
  opened: Opened,
  range: Range,
): Download {
  const guard = limits(session, endpoint, range.length)
  const closed = () => opened.close()
  const body = guarded(opened.body, { ...guard, closed })
  return { from: range.from, total: range.total, body }
}

function limits(session: Session, endpoint: Endpoint, expected: number | null) {
  const { clock, timeScale, timeoutFloor } = session.options
  const least = timeoutFloor * timeScale
  // Bytes travel in real time, however fast Marketo's clock runs.
  const travel = ((expected ?? 0) / leastPace) * timeScale
  return {
    clock,
    timeScale,
    expected,
    idle: Math.max(longestSilence, least),
    total: Math.max(leastTotal, least) + travel,
    broken: (why: string) =>
      session.error(endpoint, {
        problem: 'unavailable',
        outcome: 'ambiguous',
        system: why,
      }),
  }
}

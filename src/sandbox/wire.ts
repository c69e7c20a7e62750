import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Fault } from './fault.js'
import { stringify, type Reply } from './reply.js'
import type { Service } from './service.js'

interface Wire {
  readonly service: Service
  readonly response: ServerResponse
  readonly fault: Fault | null
  /** The client takes gzip; bulk answers never use it (Adobe docs). */
  readonly gzip: boolean
}

/** Sends a reply, damaged on the way where a fault says so. */
export async function send(wire: Wire, reply: Reply): Promise<void> {
  const { service, response, fault } = wire
  response.sendDate = false
  response.setHeader('Date', new Date(service.stamp()).toUTCString())
  response.setHeader('Server', 'nginx')
  if (reply.kind === 'file') return await sendFile(wire, reply)
  if (reply.kind === 'text') {
    const type = reply.type ?? 'text/plain'
    response.writeHead(reply.status, { 'Content-Type': type })
    response.end(reply.text)
    return
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    response.setHeader(name, value)
  }
  const text = jsonText(service, damaged(service, reply.body, fault))
  sendJson(wire, reply.status, text)
}

function jsonText(
  service: Service,
  body: Readonly<Record<string, unknown>>,
): string {
  // Only Marketo's own envelope has a request id.
  if (!('success' in body)) return stringify(body)
  return stringify({ requestId: service.requestId(), ...body })
}

function sendJson(wire: Wire, status: number, text: string): void {
  const { response, fault } = wire
  response.setHeader('Content-Type', 'application/json;charset=UTF-8')
  let bytes = Buffer.from(text)
  if (fault?.kind === 'truncated-json') {
    bytes = bytes.subarray(0, Math.floor(bytes.length / 2))
  }
  if (fault?.kind === 'empty-body') bytes = Buffer.alloc(0)
  if (wire.gzip && bytes.length >= 1024) {
    bytes = gzipSync(bytes)
    response.setHeader('Content-Encoding', 'gzip')
  }
  response.writeHead(status, { 'Content-Length': bytes.length })
  response.end(bytes)
}

/** The gateway's error page. */
export function sendHtml(wire: Wire, status: number): void {
  const { service, response } = wire
  response.sendDate = false
  response.setHeader('Date', new Date(service.stamp()).toUTCString())
  response.writeHead(status, { 'Content-Type': 'text/html' })
  response.end(
    `<html><head><title>${status}</title></head><body>nginx</body></html>`,
  )
}

function damaged(
  service: Service,
  body: Readonly<Record<string, unknown>>,
  fault: Fault | null,
): Readonly<Record<string, unknown>> {
  if (!Array.isArray(body['result'])) return body
  const records: unknown[] = body['result']
  if (fault?.kind === 'no-result') return { success: true }
  if (fault?.kind === 'rows-missing') {
    return { ...body, result: records.slice(0, -(fault.rows ?? 1)) }
  }
  if (fault?.kind === 'rows-shuffled') {
    return { ...body, result: service.random.shuffle([...records]) }
  }
  return body
}

type FileReply = Extract<Reply, { kind: 'file' }>

/** Which bytes of a file go out, and what the headers claim. */
function fileRange(
  { status, from, to, total }: FileReply,
  fault: Fault | null,
): { status: number; from: number; to: number; total: number } {
  if (fault?.kind === 'range-ignored') {
    return { status: 200, from: 0, to: total, total }
  }
  if (fault?.kind === 'file-short') {
    const end = Math.max(0, total - (fault.bytes ?? 1))
    return { status, from, to: Math.max(from, Math.min(to, end)), total: end }
  }
  const short = fault?.kind === 'range-short' && status === 206 ? 1 : 0
  return { status, from, to: Math.max(from, to - short), total }
}

const chunkSize = 262_144

async function sendFile(wire: Wire, reply: FileReply): Promise<void> {
  const { response, fault } = wire
  const { status, from, to, total } = fileRange(reply, fault)
  response.setHeader('Content-Type', reply.type)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Length', to - from)
  if (status === 206) {
    response.setHeader('Content-Range', `bytes ${from}-${to - 1}/${total}`)
  }
  response.writeHead(status)
  const cut = fault?.kind === 'file-cut' ? from + fault.bytes : to
  const corrupt =
    fault?.kind === 'file-corrupt' ? Math.floor((from + to) / 2) : -1
  let at = from
  while (at < Math.min(to, cut)) {
    const end = Math.min(at + chunkSize, to, cut)
    const bytes = Buffer.from(reply.read(at, end))
    if (corrupt >= at && corrupt < end) {
      bytes.writeUInt8(bytes.readUInt8(corrupt - at) ^ 1, corrupt - at)
    }
    if (!(await write(response, bytes))) return
    at = end
  }
  if (cut < to) response.destroy()
  else response.end()
}

/** Writes with back-pressure; false when the reader is gone. */
async function write(
  response: ServerResponse,
  bytes: Buffer,
): Promise<boolean> {
  if (response.destroyed) return false
  // Until the bytes have left, so that a cut comes after them.
  return await new Promise<boolean>((resolve) => {
    response.write(bytes, (error) => resolve(!error))
  })
}

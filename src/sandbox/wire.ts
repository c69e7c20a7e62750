import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { noteAnswer } from './exchange.js'
import type { Fault } from './fault.js'
import { stringify, type Reply } from './reply.js'
import type { Service } from './service.js'
import { drip, sendFile } from './wire-file.js'

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
  if (reply.kind === 'file')
    return await sendFile(service, response, reply, fault)
  if (reply.kind === 'text') {
    const type = reply.type ?? 'text/plain'
    response.writeHead(reply.status, { 'Content-Type': type })
    noteAnswer(response, reply.text)
    response.end(reply.text)
    return
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    response.setHeader(name, value)
  }
  const text = jsonText(service, damaged(service, reply.body, fault))
  noteAnswer(response, text)
  await sendJson(wire, reply.status, text)
}

function jsonText(
  service: Service,
  body: Readonly<Record<string, unknown>>,
): string {
  // Only Marketo's own envelope has a request id.
  if (!('success' in body)) return stringify(body)
  return stringify({ requestId: service.requestId(), ...body })
}

async function sendJson(
  wire: Wire,
  status: number,
  text: string,
): Promise<void> {
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
  if (fault?.kind === 'drip') {
    await drip(wire.service, response, bytes, fault.bytesPerSecond)
  }
  response.end(fault?.kind === 'drip' ? undefined : bytes)
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

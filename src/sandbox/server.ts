import type { IncomingMessage, ServerResponse } from 'node:http'
import { control } from './control.js'
import { listen } from './exchange.js'
import type { Fault } from './fault.js'
import { answer, noteRefused, type Request } from './gate.js'
import { identity } from './identity.js'
import { tookEffect } from './fault-effect.js'
import { failure } from './reply.js'
import type { Service } from './service.js'
import { send, sendHtml } from './wire.js'

/** Handles one HTTP request from its first byte to its last. */
export async function serve(
  service: Service,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = incoming.url ?? '/'
  const wire = { service, response, fault: null, gzip: false }
  if (Buffer.byteLength(target) > service.limits.uriBytes) {
    return sendHtml(wire, 414)
  }
  const text = await bodyOf(incoming, mostBytes(service, target))
  if (text === null) {
    response.setHeader('Connection', 'close')
    return sendHtml(wire, 413)
  }
  const request = requestOf(incoming, target, text)
  if (request.path.startsWith('/sandbox/')) {
    return await send(wire, control(service, request))
  }
  const fault = service.faults.next({
    method: request.method,
    path: request.path,
    range: request.headers['range'] !== undefined,
  })
  const line = [incoming.method ?? '', target] as const
  listen(service, request, response, { line, fault })
  await exchange(service, request, response, fault)
}

function mostBytes({ limits }: Service, target: string): number {
  const isImport = /^\/bulk\/v1\/leads\.json(?:\?|$)/.test(target)
  return isImport ? limits.importBytes : limits.bodyBytes
}

/** The whole body, or null when it is longer than allowed. */
async function bodyOf(
  incoming: IncomingMessage,
  most: number,
): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= most) chunks.push(chunk)
  }
  return size > most ? null : Buffer.concat(chunks).toString()
}

/** `POST ?_method=GET` carries the query in a form body (Adobe docs). */
function requestOf(
  incoming: IncomingMessage,
  target: string,
  text: string,
): Request {
  const url = new URL(target, 'http://sandbox')
  const query = url.searchParams
  // What controls the sandbox is JSON, also where curl calls it a form.
  const isForm =
    !url.pathname.startsWith('/sandbox/') &&
    /x-www-form-urlencoded/i.test(incoming.headers['content-type'] ?? '')
  if (isForm) {
    for (const [name, value] of new URLSearchParams(text)) {
      query.append(name, value)
    }
  }
  const override = query.get('_method')
  query.delete('_method')
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
  return {
    method: override?.toUpperCase() ?? incoming.method ?? 'GET',
    path: url.pathname,
    query,
    headers,
    text: isForm ? '' : text,
  }
}

async function exchange(
  service: Service,
  request: Request,
  response: ServerResponse,
  fault: Fault | null,
): Promise<void> {
  const isIdentity = request.path === '/identity/oauth/token'
  const accepted = request.headers['accept-encoding'] ?? ''
  const gzip = /\bgzip\b/.test(accepted) && !request.path.startsWith('/bulk')
  const wire = { service, response, fault, gzip }
  if (fault?.kind === 'slow') await service.sleep(fault.seconds * 1000)
  if (fault?.kind === 'token-expired') service.tokens.expireAll(service.now())
  if (fault?.kind === 'token-revoked') service.tokens.revokeAll()
  if (fault?.kind === 'reset-before' || fault?.kind === 'http') {
    noteRefused(service, request, 'unknown', fault, null)
    if (fault.kind === 'http') {
      const { retryAfter } = fault
      if (retryAfter !== undefined)
        response.setHeader('Retry-After', retryAfter)
      sendHtml(wire, fault.status)
    } else response.destroy()
    return
  }
  if (isIdentity) {
    return await send(wire, identity(service, request.query, fault))
  }
  await callApi(wire, request)
}

interface Exchange {
  readonly service: Service
  readonly response: ServerResponse
  readonly fault: Fault | null
  readonly gzip: boolean
}

async function callApi(wire: Exchange, request: Request): Promise<void> {
  const { service, response, fault } = wire
  service.limitDesk.enter()
  let isOpen = true
  const leave = () => {
    if (isOpen) service.limitDesk.leave()
    isOpen = false
  }
  try {
    const reply = await answer(service, request, fault)
    if (fault !== null && !tookEffect(fault, reply)) service.faults.miss(fault)
    // A file counts as an open call while it streams. Others end before
    // their last byte leaves, or a quick client would meet itself.
    if (reply.kind !== 'file') leave()
    if (isReset(fault)) response.destroy()
    else if (fault?.kind === 'error-after') {
      await send(wire, failure(fault.code, `Injected ${fault.code}`))
    } else if (fault?.kind === 'http-after') sendHtml(wire, fault.status)
    else await send(wire, reply)
  } finally {
    leave()
  }
}

function isReset(fault: Fault | null): boolean {
  if (fault?.kind === 'late') return fault.answer === 'reset'
  return fault?.kind === 'reset-after'
}

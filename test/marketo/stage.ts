import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach } from 'vitest'
import { scaledClock } from '../../src/clock.js'
import type { CallRecord } from '../../src/marketo/api.js'
import { connect, type ConnectOptions } from '../../src/marketo/client.js'
import { MarketoError } from '../../src/marketo/error.js'

/** A request as the scripted server saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
  readonly headers: IncomingMessage['headers']
  /** Milliseconds of a monotonic clock that runs `timeScale` times faster. */
  readonly at: number
  readonly response: ServerResponse
}

/** Answers a request, or leaves it to the usual answer. */
export type Script = (seen: Seen, nth: number) => unknown

export const timeScale = 500
export const secret = 'a-secret-that-must-not-show'

const cleanups: (() => void)[] = []

afterEach(() => {
  for (const clean of cleanups.splice(0)) clean()
})

export interface Stage {
  readonly endpoint: string
  readonly seen: Seen[]
  readonly count: (path: string) => number
}

/**
 * A real HTTP server that hands out tokens and no usage, and answers all else
 * by the script: text or an object as a body, undefined for the usual answer.
 */
export async function stage(script: Script): Promise<Stage> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    void answer(request, response, seen, script)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    seen,
    count: (path) => seen.filter((each) => each.path.includes(path)).length,
  }
}

export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') {
    throw new Error('The server does not listen on a port')
  }
  return address.port
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: Seen[],
  script: Script,
): Promise<void> {
  const at = performance.now() * timeScale
  const url = new URL(request.url ?? '/', 'http://here')
  const body = await text(request).catch(() => '')
  const each: Seen = {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    body,
    headers: request.headers,
    at,
    response,
  }
  seen.push(each)
  const nth = seen.filter(({ path }) => path === each.path).length
  const given = (await script(each, nth)) ?? usual(each)
  if (response.writableEnded || response.destroyed || given === handled) return
  const isText = typeof given === 'string'
  if (!response.headersSent && !response.hasHeader('content-type')) {
    response.setHeader('content-type', 'application/json;charset=UTF-8')
  }
  response.end(isText ? given : JSON.stringify(given))
}

/** Returned by a script that answers, or keeps silent, by itself. */
export const handled = Symbol('handled')

function usual({ path }: Seen): unknown {
  if (path.startsWith('/identity/')) return grant('token-1')
  if (path.includes('/stats/')) return good([{ date: 'x', total: 0 }])
  return good([])
}

export function grant(token: string, expiresIn = 3599) {
  return { access_token: token, token_type: 'bearer', expires_in: expiresIn }
}

export function good(result?: readonly unknown[], more = {}) {
  return { requestId: 'a1#190000000aa', success: true, result, ...more }
}

export function bad(code: string | number, message = 'no') {
  return {
    requestId: 'a1#190000000ab',
    success: false,
    errors: [{ code, message }],
  }
}

export function client(
  endpoint: string,
  options: Partial<ConnectOptions> = {},
) {
  const calls: CallRecord[] = []
  const scale = options.timeScale ?? timeScale
  const marketo = connect({
    endpoint,
    clientId: 'client-1',
    clientSecret: secret,
    budget: { callsPerDay: 20_000, callsPer20s: 50, concurrency: 5 },
    timeScale: scale,
    clock: scaledClock(scale),
    random: Math.random,
    onCall: (call) => calls.push(call),
    ...options,
  })
  return { marketo, calls }
}

/** The MarketoError that a call ends in. */
export async function failure(work: Promise<unknown>): Promise<MarketoError> {
  const error = await work.then(
    () => new Error('It succeeded'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof MarketoError) return error
  throw error
}

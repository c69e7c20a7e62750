import type { ServerResponse } from 'node:http'
import type { Fault } from './fault.js'
import type { Request } from './gate.js'
import type { Service } from './service.js'

/** One call and its answer, for checks against Marketo's definitions. */
export interface Exchange {
  /** The request line: its method, and its path with the query. */
  readonly line: readonly [string, string]
  /** What is meant: `_method=GET` counts, and a form is part of the query. */
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  readonly status: number
  readonly type: string
  /** The text of the answer; null for files and broken connections. */
  readonly answer: string | null
  readonly fault: Fault | null
}

const texts = new WeakMap<ServerResponse, string>()

/** Remembers the text that an answer was meant to have. */
export function noteAnswer(response: ServerResponse, text: string): void {
  texts.set(response, text)
}

/** Tells the listener of a call as soon as its answer is out. */
export function listen(
  service: Service,
  request: Request,
  response: ServerResponse,
  seen: Pick<Exchange, 'line' | 'fault'>,
): void {
  const { onExchange } = service
  if (onExchange === null) return
  response.once('close', () => {
    onExchange({
      ...seen,
      method: request.method,
      path: request.path,
      query: [...request.query],
      headers: request.headers,
      body: request.text,
      status: response.statusCode,
      type: String(response.getHeader('content-type') ?? ''),
      answer: texts.get(response) ?? null,
    })
  })
}

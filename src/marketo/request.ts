import { type Endpoint, path, patience } from './endpoint.js'
import type { Envelope } from './envelope.js'
import type { Request } from './wire.js'

/** One call as the rest of this folder asks for it. */
export interface Call<T> {
  readonly endpoint: Endpoint
  readonly id?: string
  readonly query?: Readonly<Record<string, string>>
  /** JSON text. */
  readonly json?: string
  /** Text of a CSV file, sent as the part `file` of a form. */
  readonly file?: string
  /** Values of leads in the request, to be kept out of messages. */
  readonly hidden?: Iterable<string>
  /**
   * Done when the call has its turn, right before it leaves; what it throws
   * is thrown on, and nothing is sent.
   */
  readonly before?: (() => Promise<void>) | undefined
  /** Throws UnusableAnswer where the answer lacks what it must have. */
  read(answer: Envelope): T
}

export interface Surroundings {
  readonly url: string
  readonly timeScale: number
  /** Least real milliseconds of any timeout. */
  readonly timeoutFloor: number
  readonly signal: AbortSignal | undefined
}

/** Marketo takes 8 KB (Adobe docs, limits); some of it is for proxies. */
const longestTarget = 8000
const form = 'application/x-www-form-urlencoded'

type Asked = Omit<Call<unknown>, 'read'>

/** The HTTP request of a call; a GET that is too long goes as a POST. */
export function request(
  call: Asked,
  token: string | null,
  around: Surroundings,
): Request {
  const { endpoint } = call
  const query = encode(call.query ?? {})
  const target = `${path(endpoint, call.id)}${query && `?${query}`}`
  const isLong = endpoint.method === 'GET' && target.length > longestTarget
  const isWrite = endpoint.effect === 'merge' || endpoint.effect === 'update'
  const content = isLong
    ? { type: form, body: query, target: `${path(endpoint)}?_method=GET` }
    : { ...contentOf(call), target }
  return {
    url: around.url + content.target,
    method: isLong ? 'POST' : endpoint.method,
    headers: content.body === null ? {} : { 'content-type': content.type },
    body: content.body,
    token,
    isWrite,
    ...limits(endpoint, around),
    // A write under way is waited for, because its outcome matters.
    signal: isWrite ? undefined : around.signal,
  }
}

function contentOf({ json, file }: Asked): {
  type: string
  body: string | null
} {
  if (file === undefined) {
    return { type: 'application/json', body: json ?? null }
  }
  let boundary = 'pipeline-file'
  while (file.includes(boundary)) boundary += '-x'
  const head = [
    'Content-Disposition: form-data; name="file"; filename="leads.csv"',
    'Content-Type: text/csv',
  ].join('\r\n')
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: `--${boundary}\r\n${head}\r\n\r\n${file}\r\n--${boundary}--\r\n`,
  }
}

/** Credentials go in the body, because URLs end up in logs. */
export function identityRequest(
  endpoint: Endpoint,
  credentials: { readonly clientId: string; readonly clientSecret: string },
  around: Surroundings,
): Request {
  const body = encode({
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  })
  return {
    url: around.url + path(endpoint),
    method: endpoint.method,
    headers: { 'content-type': form },
    body,
    token: null,
    isWrite: false,
    ...limits(endpoint, around),
    signal: around.signal,
  }
}

function limits(endpoint: Endpoint, around: Surroundings) {
  const { timeScale, timeoutFloor: floor } = around
  return {
    timeout: Math.max(floor, patience(endpoint) / timeScale),
    connectTimeout: Math.max(floor, 20_000 / timeScale),
  }
}

/** A blank as %20, which is right in a path, a query and a form. */
function encode(pairs: Readonly<Record<string, string>>): string {
  return new URLSearchParams(pairs)
    .toString()
    .replaceAll('+', '%20')
    .replaceAll('%2C', ',')
}

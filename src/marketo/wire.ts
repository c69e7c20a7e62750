import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { type Got, got, type OptionsInit, type RequestError } from 'got'

export interface Request {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Real milliseconds for the whole exchange; of a stream, for its head. */
  readonly timeout: number
  /** Real milliseconds for name look-up, connection and TLS, each. */
  readonly connectTimeout: number
  /** A write gets a connection of its own; a stale one would leave doubt. */
  readonly isWrite: boolean
  readonly token: string | null
  readonly signal: AbortSignal | undefined
}

/** The beginning of an answer. */
export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface Reply extends Head {
  readonly text: string
}

export interface StreamReply extends Head {
  readonly body: Readable
}

/** A broken exchange; the library's own error, full of headers, is dropped. */
export class WireError extends Error {
  override readonly name = 'WireError'

  constructor(
    /** The system's word, for example ECONNRESET. */
    readonly system: string,
    /** Whether any byte of the request may have left this machine. */
    readonly sent: boolean,
  ) {
    super(system)
  }

  /** Ended by the caller's own signal. */
  get isStopped(): boolean {
    return this.system === 'ERR_ABORTED'
  }

  get isCertificate(): boolean {
    return !this.sent && certificate.test(this.system)
  }
}

const certificate =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/

/** Carries requests; a test may put one without a network in its place. */
export interface Carrier {
  /** Throws WireError where the exchange breaks. */
  send(request: Request): Promise<Reply>
  open(request: Request): Promise<StreamReply>
}

/** One host's connections. Knows HTTP and nothing of Marketo. */
export class Wire implements Carrier {
  readonly #got: Got
  readonly #reading = agents(true)
  readonly #writing = agents(false)

  constructor() {
    this.#got = got.extend({
      retry: { limit: 0 },
      // A redirect could carry the token to another host.
      followRedirect: false,
      throwHttpErrors: false,
      https: { rejectUnauthorized: true },
      headers: { 'user-agent': 'marketo-pipeline' },
      hooks: {
        beforeRequest: [
          (options) => {
            const { token } = options.context
            if (typeof token !== 'string') return
            options.headers.authorization = `Bearer ${token}`
          },
        ],
      },
    })
  }

  async send(request: Request): Promise<Reply> {
    const watch = new Watch()
    const promise = this.#got(request.url, {
      ...this.#options(request, watch),
      timeout: { ...connecting(request), request: request.timeout },
    })
    void promise.on('request', (sent) => watch.follow(sent))
    const { statusCode, headers, body } = await promise
    return { status: statusCode, headers: flat(headers), text: body }
  }

  /** Resolves with the head of the answer; the body is not yet read. */
  open(request: Request): Promise<StreamReply> {
    const watch = new Watch()
    const body = this.#got.stream(request.url, {
      ...this.#options(request, watch),
      isStream: true,
      decompress: false,
      timeout: { ...connecting(request), response: request.timeout },
    })
    body.on('request', (sent) => watch.follow(sent))
    return new Promise((resolve, reject) => {
      // Stays: an error between now and the reader's own listener is kept
      // in the stream and must not end the process.
      body.on('error', reject)
      body.once('response', ({ statusCode, headers }: IncomingMessage) => {
        resolve({ status: statusCode ?? 0, headers: flat(headers), body })
      })
    })
  }

  #options(request: Request, watch: Watch) {
    const { signal, body, isWrite, token } = request
    return {
      method: request.method,
      headers: { ...request.headers },
      context: { token },
      agent: isWrite ? this.#writing : this.#reading,
      hooks: { beforeError: [(error) => watch.clean(error)] },
      ...(body === null ? {} : { body }),
      ...(signal ? { signal } : {}),
    } satisfies OptionsInit
  }
}

/** Knows whether a request may have left; in doubt it says so. */
class Watch {
  #sent = false

  follow(request: ClientRequest): void {
    const secure = request.protocol === 'https:'
    request.once('socket', (socket) => {
      if (!socket.connecting) {
        this.#sent = true
        return
      }
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        this.#sent = true
      })
    })
  }

  clean(error: RequestError): WireError {
    const word = error.code ?? error.name
    return new WireError(/^\w{1,60}$/.test(word) ? word : 'error', this.#sent)
  }
}

function connecting({ connectTimeout: connect }: Request) {
  return { lookup: connect, connect, secureConnect: connect }
}

function agents(keepAlive: boolean) {
  return {
    http: new Agent({ keepAlive }),
    https: new SecureAgent({ keepAlive }),
  }
}

function flat(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  const pairs = Object.entries(headers)
  return Object.fromEntries(
    pairs.map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
}

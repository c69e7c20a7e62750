/** One POST to an address that a person configured, and nowhere else. */
import { lookup } from 'node:dns'
import { got, RequestError } from 'got'
import {
  addressFault,
  isInside,
  isLoopbackIp,
} from '../pipeline/alert-address.js'

export interface Post {
  readonly url: string
  readonly body: unknown
  readonly allowLoopback: boolean
  readonly signal?: AbortSignal
}

/** Why a message did not arrive. The text holds no address. */
export class DeliveryError extends Error {
  readonly retry: boolean

  constructor(message: string, retry: boolean) {
    super(message)
    this.name = 'DeliveryError'
    this.retry = retry
  }
}

const timeout = 5000
/** Answers are not read; more than this is not waited for. */
const longestAnswer = 65_536

/**
 * Sends JSON. Redirects are not followed, names that lead inside the network
 * are refused when they are resolved, certificates are checked.
 */
export async function post(request: Post): Promise<void> {
  const { url, body, allowLoopback } = request
  const fault = addressFault(url, { allowLoopback })
  if (fault !== null) throw new DeliveryError(`The address ${fault}`, false)
  const call = got.post(url, {
    json: body,
    followRedirect: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
    timeout: { request: timeout },
    dnsLookup: guardedLookup(allowLoopback),
    headers: { 'user-agent': 'marketo-pipeline' },
    ...(request.signal !== undefined && { signal: request.signal }),
  })
  void call.on('downloadProgress', ({ transferred }) => {
    if (transferred > longestAnswer) call.cancel()
  })
  const status = await call
    .then((answer) => answer.statusCode)
    .catch((error: unknown) => {
      const code = error instanceof RequestError ? error.code : 'cancelled'
      throw new DeliveryError(`It could not be reached (${code}).`, true)
    })
  if (status >= 200 && status < 300) return
  if (status >= 300 && status < 400) {
    throw new DeliveryError('It redirects, which is not followed.', false)
  }
  const retry = status === 429 || status >= 500
  throw new DeliveryError(`It answered ${status}.`, retry)
}

type Lookup = typeof lookup

/** A name on the internet may still stand for an address inside. */
function guardedLookup(allowLoopback: boolean): Lookup {
  const guarded = (
    host: string,
    options: object,
    done: (error: Error | null, address?: unknown, family?: number) => void,
  ) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        done(error)
        return
      }
      const refused = found.some(({ address }) =>
        allowLoopback && isLoopbackIp(address) ? false : isInside(address),
      )
      const [first] = found
      if (refused || first === undefined) {
        done(new Error('The name leads to an address inside the network.'))
      } else if ('all' in options && options.all === true) done(null, found)
      else done(null, first.address, first.family)
    })
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return guarded as unknown as Lookup
}

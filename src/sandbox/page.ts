import { parameter, type Call } from './call.js'
import { ApiError } from './reply.js'

export interface Page<T> {
  readonly items: readonly T[]
  readonly extra: Readonly<Record<string, unknown>>
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Paging tokens look like base32 ending in `=`; only the sandbox reads them. */
export function encodeToken(content: readonly (string | number)[]): string {
  const bytes = Buffer.from(content.join('|'))
  let text = ''
  for (const byte of bytes) {
    text += alphabet.charAt(byte >> 4) + alphabet.charAt(16 + (byte & 15))
  }
  return `${text}===`
}

export function decodeToken(token: string): string[] | null {
  const body = token.replace(/=+$/, '')
  if (body === '' || body.length % 2 === 1) return null
  const bytes: number[] = []
  for (let i = 0; i < body.length; i += 2) {
    const high = alphabet.indexOf(body.charAt(i))
    const low = alphabet.indexOf(body.charAt(i + 1)) - 16
    if (high < 0 || high > 15 || low < 0) return null
    bytes.push((high << 4) | low)
  }
  return Buffer.from(bytes).toString().split('|')
}

/** One page of a list that is at hand: 300 items unless fewer are asked. */
export function pageOf<T>(call: Call, items: readonly T[]): Page<T> {
  const size = batchSize(call)
  const token = parameter(call, 'nextPageToken')
  const from = token === null ? 0 : position(token)
  const to = from + size
  const more = to < items.length
  return {
    items: items.slice(from, to),
    extra: more ? { nextPageToken: encodeToken(['p', to]) } : {},
  }
}

function batchSize(call: Call): number {
  const { batch } = call.service.limits
  const asked = Number(parameter(call, 'batchSize') ?? batch)
  if (!Number.isInteger(asked) || asked < 1) {
    throw new ApiError('1001', "Invalid value for parameter 'batchSize'")
  }
  return Math.min(asked, batch)
}

function position(token: string): number {
  const [kind, at] = decodeToken(token) ?? []
  const from = Number(at)
  if (kind !== 'p' || !Number.isInteger(from)) {
    throw new ApiError('1003', 'Invalid nextPageToken')
  }
  return from
}

import { classify, type Signal, type Verdict } from './classify.js'
import { isJson, parseJson } from './envelope.js'
import type { Grant } from './token.js'

export type Granted =
  | { readonly isGood: true; readonly grant: Grant }
  | {
      readonly isGood: false
      readonly signal: Signal
      readonly verdict: Verdict
    }

const refusals = new Set(['unauthorized', 'invalid_client'])

/** Identity answers in plain OAuth and not in Marketo's envelope. */
export function judgeGrant(answer: {
  readonly status: number
  readonly text: string
}): Granted {
  const { status, text } = answer
  const body = parseJson(text)
  const error = isJson(body) ? String(body.error) : ''
  if (status === 401 || (status < 500 && refusals.has(error))) {
    const verdict = { problem: 'credentials', outcome: 'rejected' } as const
    return { isGood: false, signal: { kind: 'http', status }, verdict }
  }
  if (status !== 200)
    return bad(
      status < 400 && status >= 300
        ? { kind: 'redirect' }
        : { kind: 'http', status },
    )
  const life = isJson(body) ? Number(body.expires_in) : Number.NaN
  if (!isJson(body) || !isToken(body.access_token) || !(life >= 0)) {
    return bad({ kind: 'garbled' })
  }
  return { isGood: true, grant: { token: body.access_token, expiresIn: life } }
}

/** What may stand in a header. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function bad(signal: Signal): Granted {
  return { isGood: false, signal, verdict: classify('none', signal) }
}

import { classify, type Effect, gravest, type Signal } from './classify.js'
import type { Verdict } from './classify.js'
import {
  type Coded,
  type Envelope,
  parseEnvelope,
  reasons,
} from './envelope.js'

export type Judgement =
  | { readonly isGood: true; readonly envelope: Envelope }
  | {
      readonly isGood: false
      readonly signal: Signal
      readonly verdict: Verdict
      readonly requestId: string | null
    }

interface Answered {
  readonly status: number
  readonly text: string
}

/**
 * What an answer says. `success` and the codes count; the HTTP status only
 * where Marketo gives it a meaning, and its words never.
 */
export function judge(effect: Effect, answer: Answered): Judgement {
  const { status } = answer
  const envelope = parseEnvelope(answer.text)
  if (status >= 300 && status < 400) return bad(effect, { kind: 'redirect' })
  const isGateway = status >= 500 || [413, 414, 429].includes(status)
  if (isGateway) return bad(effect, { kind: 'http', status })
  if (!envelope) {
    const signal: Signal =
      status === 200 ? { kind: 'garbled' } : { kind: 'http', status }
    return bad(effect, signal)
  }
  return weigh(effect, status, envelope)
}

function weigh(effect: Effect, status: number, envelope: Envelope): Judgement {
  const refusals = [...envelope.errors, ...refusedMerge(effect, envelope)]
  const { requestId } = envelope
  if (refusals.length === 0) {
    if (status === 200 && envelope.success) return { isGood: true, envelope }
    return { ...bad(effect, { kind: 'garbled' }), requestId }
  }
  // Nothing found is an answer to a question, and never that of a write.
  if (effect === 'none' && refusals.every(({ code }) => code === '702')) {
    return { isGood: true, envelope: { ...envelope, result: [] } }
  }
  const isContradiction = envelope.success && envelope.errors.length > 0
  if (isContradiction && effect !== 'none') {
    return { ...bad(effect, { kind: 'garbled' }), requestId }
  }
  const signals = refusals.map((each) => ({ kind: 'code' as const, ...each }))
  return { isGood: false, requestId, ...gravest(effect, signals) }
}

/** A merge has no records, yet may be refused as if it had one. */
function refusedMerge(effect: Effect, { result }: Envelope): Coded[] {
  if (effect !== 'merge') return []
  return (result ?? []).flatMap((record) => {
    const given = reasons(record)
    if (given.length > 0 || record.status !== 'skipped') return given
    return [{ code: 'unknown', message: '' }]
  })
}

function bad(effect: Effect, signal: Signal) {
  const verdict = classify(effect, signal)
  return { isGood: false as const, signal, verdict, requestId: null }
}

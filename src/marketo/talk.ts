import { judge } from './answer.js'
import { classify, type Signal } from './classify.js'
import type { Endpoint } from './endpoint.js'
import type { Bad } from './gate.js'
import { judgeGrant } from './grant.js'
import type { Call } from './request.js'
import type { Grant } from './token.js'
import { UnusableAnswer } from './value.js'
import type { Head, Reply, WireError } from './wire.js'

export type Judged<T> =
  | {
      readonly isGood: true
      readonly value: T
      readonly requestId: string | null
    }
  | (Bad & { readonly isGood: false; readonly requestId: string | null })

/** One exchange with Marketo: how to make it and how to take it. */
export interface Talk<Heard extends Head, T> {
  readonly endpoint: Endpoint
  readonly method: string
  /** What must not show in a message. */
  readonly hidden: Iterable<string>
  send(): Promise<Heard>
  judge(heard: Heard): Judged<T> | Promise<Judged<T>>
  /** Called once and before anything is thrown; null: it went well. */
  over(bad: Bad | null): void
}

/** An answer that came, but without what the caller needs, is no answer. */
export function judgeCall<T>(call: Call<T>, reply: Reply): Judged<T> {
  const { effect } = call.endpoint
  const judged = judge(effect, reply)
  if (!judged.isGood) return judged
  const { requestId } = judged.envelope
  try {
    return { isGood: true, value: call.read(judged.envelope), requestId }
  } catch (error) {
    if (!(error instanceof UnusableAnswer)) throw error
    return badly(call.endpoint, { kind: 'garbled' }, requestId)
  }
}

export function judgeIdentity(reply: Reply): Judged<Grant> {
  const judged = judgeGrant(reply)
  if (!judged.isGood) return { ...judged, requestId: null }
  return { isGood: true, value: judged.grant, requestId: null }
}

export function judgeBroken(
  endpoint: Endpoint,
  error: WireError,
): Judged<never> {
  const { sent } = error
  if (error.isStopped) return badly(endpoint, { kind: 'stopped', sent })
  if (error.isCertificate) return badly(endpoint, { kind: 'certificate' })
  return badly(endpoint, { kind: 'connection', sent })
}

export function badly(
  { effect }: Endpoint,
  signal: Signal,
  requestId: string | null = null,
): Extract<Judged<never>, Bad> {
  const verdict = classify(effect, signal)
  return { isGood: false, signal, verdict, requestId }
}

import { PipelineError } from '../error.js'
import type { CallRecord } from './api.js'
import { isCounted } from './classify.js'
import { type Endpoint, endpoints } from './endpoint.js'
import { MarketoError, type MarketoFailure } from './error.js'
import { type Bad, Gate, type GateOptions } from './gate.js'
import type { Origin } from './origin.js'
import type { Problem } from './problem.js'
import type { QuotaOptions } from './quota.js'
import { type Call, identityRequest, request } from './request.js'
import { retryWait } from './retry.js'
import { scrub } from './scrub.js'
import { ServerClock } from './server-clock.js'
import {
  badly,
  type Judged,
  judgeBroken,
  judgeCall,
  judgeIdentity,
  type Talk,
} from './talk.js'
import type { Grant } from './token.js'
import { usageCall } from './usage.js'
import {
  type Carrier,
  type Head,
  type StreamReply,
  Wire,
  WireError,
} from './wire.js'

export interface SessionOptions
  extends Pick<
    GateOptions,
    | 'callsPer20s'
    | 'concurrency'
    | 'recentCalls'
    | 'clock'
    | 'random'
    | 'signal'
  > {
  readonly origin: Origin
  readonly clientId: string
  readonly clientSecret: string
  readonly quota: Omit<QuotaOptions, 'now'>
  readonly timeScale: number
  /** Least real milliseconds of any timeout. */
  readonly timeoutFloor: number
  readonly onCall: (call: CallRecord) => void
  /** What carries the calls; the network where nothing else is given. */
  readonly wire?: Carrier | undefined
}

/** A file whose bytes are still to come; `close` ends the call. */
export interface Opened extends StreamReply {
  close(): void
}

export interface FileCall {
  readonly endpoint: Endpoint
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  judge(reply: StreamReply): Judged<StreamReply> | Promise<Judged<StreamReply>>
}

/** Calls to one Marketo with one pair of credentials, and their repetition. */
export class Session {
  readonly gate: Gate
  readonly server: ServerClock
  readonly options: SessionOptions
  readonly #wire: Carrier
  /** Whether this Marketo has ever answered. */
  #isReached = false

  constructor(options: SessionOptions) {
    this.options = options
    this.#wire = options.wire ?? new Wire()
    this.server = new ServerClock(options.clock)
    this.gate = new Gate({
      ...options,
      quota: { ...options.quota, now: () => this.server.now() },
      ask: () => this.#ask(),
      readUsage: () => this.call(usageCall),
      error: (problem, endpoint, said) =>
        this.error(endpoint, { problem, said: said ?? null }),
    })
  }

  /** One call; repeated where its endpoint allows that. */
  call<T>(call: Call<T>): Promise<T> {
    return this.#repeat(call.endpoint, async () => {
      const admission = await this.gate.admit(call.endpoint)
      try {
        await call.before?.()
      } catch (error) {
        this.gate.leave(admission)
        throw error
      }
      const sent = request(call, admission.token, this.#around)
      return this.#converse({
        endpoint: call.endpoint,
        method: sent.method,
        hidden: [...(call.hidden ?? []), admission.token],
        send: () => this.#wire.send(sent),
        judge: (reply) => judgeCall(call, reply),
        over: (bad) => {
          if (bad) return this.gate.fail(admission, bad)
          this.gate.answered(admission)
          this.gate.close(admission)
        },
      })
    })
  }

  /** Opens a file; it holds its place in the budget until it is closed. */
  open(call: FileCall): Promise<Opened> {
    const { endpoint, id, headers } = call
    return this.#repeat(endpoint, async () => {
      const admission = await this.gate.admit(endpoint)
      const plain = request({ endpoint, id }, admission.token, this.#around)
      const reply = await this.#converse({
        endpoint,
        method: plain.method,
        hidden: [admission.token],
        send: () => this.#wire.open({ ...plain, headers }),
        judge: (head: StreamReply) => call.judge(head),
        over: (bad) => {
          if (bad) this.gate.fail(admission, bad)
          else this.gate.answered(admission)
        },
      })
      return { ...reply, close: () => this.gate.close(admission) }
    })
  }

  /** An error of this Marketo; `not_sent` where nothing else is known. */
  error(
    endpoint: Endpoint,
    failure: Pick<MarketoFailure, 'problem'> & Partial<MarketoFailure>,
  ): MarketoError {
    const { resetsAt } = this.gate.quota
    const isDaily = /quota|budget/.test(failure.problem)
    return new MarketoError({
      outcome: 'not_sent',
      instance: this.options.origin.instance,
      endpoint: endpoint.name,
      permission: endpoint.permission,
      isWrite: endpoint.effect !== 'none',
      resetsAt: isDaily ? new Date(resetsAt).toISOString() : null,
      ...failure,
    })
  }

  get #around() {
    const { origin, timeScale, timeoutFloor, signal } = this.options
    return { url: origin.url, timeScale, timeoutFloor, signal }
  }

  #ask(): Promise<Grant> {
    const endpoint = endpoints.identity
    const sent = identityRequest(endpoint, this.options, this.#around)
    return this.#repeat(endpoint, () =>
      this.#converse({
        endpoint,
        method: sent.method,
        hidden: [],
        send: () => this.#wire.send(sent),
        judge: judgeIdentity,
        over: () => {
          // Identity calls count toward no limit.
        },
      }),
    )
  }

  async #repeat<T>(endpoint: Endpoint, once: () => Promise<T>): Promise<T> {
    const { clock, signal } = this.options
    let firstFailure: number | null = null
    try {
      const failures: Problem[] = []
      for (;;) {
        try {
          return await once()
        } catch (error) {
          firstFailure ??= clock.monotonic()
          const elapsed = clock.monotonic() - firstFailure
          await clock.sleep(
            this.#pauseOrThrow(endpoint, error, failures, elapsed),
            signal,
          )
        }
      }
    } catch (error) {
      if (error instanceof PipelineError || !signal?.aborted) throw error
      throw this.error(endpoint, { problem: 'stopped' })
    }
  }

  #pauseOrThrow(
    endpoint: Endpoint,
    error: unknown,
    failures: Problem[],
    elapsed: number,
  ): number {
    if (!(error instanceof MarketoError)) throw error
    // What a call needed beforehand was already repeated as far as it helps.
    if (error.endpoint !== endpoint.name) throw error
    const isSafe =
      endpoint.repeat === 'always' ||
      (endpoint.repeat === 'unless_ambiguous' && error.outcome !== 'ambiguous')
    const { problem } = error
    failures.push(problem)
    const attempt = failures.filter((each) => each === problem).length
    const reached = this.#isReached
    const random = this.options.random()
    const wait = isSafe
      ? retryWait({ problem, attempt, elapsed, reached, random })
      : null
    if (wait !== null) return wait
    throw error.with({ attempts: failures.length, seconds: elapsed / 1000 })
  }

  async #converse<Heard extends Head, T>(talk: Talk<Heard, T>): Promise<T> {
    const { clock } = this.options
    const at = this.server.now()
    const started = clock.monotonic()
    const sentAt = clock.now()
    let http: number | null = null
    let system: string | null = null
    let judged: Judged<T>
    try {
      const heard = await talk.send()
      http = heard.status
      this.#isReached = true
      this.server.note(heard.headers.date, sentAt)
      judged = await talk.judge(heard)
    } catch (error) {
      if (!(error instanceof WireError)) {
        // A defect of ours; the call's place must not be lost with it.
        const isDoubtful = { kind: 'connection', sent: true } as const
        talk.over(badly(talk.endpoint, isDoubtful))
        throw error
      }
      system = error.system
      judged = judgeBroken(talk.endpoint, error)
    }
    talk.over(judged.isGood ? null : judged)
    const milliseconds = clock.monotonic() - started
    this.options.onCall(record(talk, judged, { at, milliseconds, http }))
    if (judged.isGood) return judged.value
    throw this.#refusal(talk, judged, http, system)
  }

  #refusal(
    talk: Pick<Talk<Head, unknown>, 'endpoint' | 'hidden'>,
    bad: Bad & { readonly requestId: string | null },
    http: number | null,
    system: string | null,
  ): MarketoError {
    const { signal, verdict, requestId } = bad
    const { clientSecret } = this.options
    const code = signal.kind === 'code' ? signal : null
    return this.error(talk.endpoint, {
      ...verdict,
      marketoCode: code?.code ?? null,
      said: code ? scrub(code.message, [...talk.hidden, clientSecret]) : null,
      requestId,
      http,
      system: system ?? (signal.kind === 'garbled' ? 'not an answer' : null),
    })
  }
}

function record(
  { endpoint, method }: Pick<Talk<Head, unknown>, 'endpoint' | 'method'>,
  judged: Judged<unknown>,
  seen: { at: number; milliseconds: number; http: number | null },
): CallRecord {
  const signal = judged.isGood ? null : judged.signal
  return {
    endpoint: endpoint.name,
    method,
    at: new Date(seen.at).toISOString(),
    milliseconds: seen.milliseconds,
    http: seen.http,
    code: signal?.kind === 'code' ? signal.code : null,
    requestId: judged.requestId,
    outcome: judged.isGood ? 'ok' : judged.verdict.outcome,
    counted: endpoint !== endpoints.identity && isCounted(signal),
  }
}

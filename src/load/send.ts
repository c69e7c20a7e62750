import { asError } from '../error.js'
import type { Outcome } from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'
import { retryDelay } from '../marketo/retry.js'
import { canonicalJson, digest } from './canonical.js'
import type { SendKind } from './event.js'
import { checkpoint, type Job, pause, wait } from './job.js'

export interface Sending<Answer> {
  readonly send: SendKind
  readonly rows: readonly string[]
  /** Which of a merge's calls; null for a write. */
  readonly call: number | null
  /** What will be sent, for its hash. */
  readonly request: unknown
  /** Elapsed milliseconds of the job when the precondition was read. */
  readonly readAt: number
  /** What finds the work that was taken again, for the journal. */
  readonly job?: (answer: Answer) => string
  /** Rows of which an answer that was good all the same says nothing. */
  readonly unclear?: (answer: Answer) => readonly string[]
  /** `before` must be done when the call has its turn, before it leaves. */
  readonly perform: (before: () => Promise<void>) => Promise<Answer>
}

export type Sent<Answer> =
  | { readonly kind: 'ok'; readonly answer: Answer }
  /** Refused for good. */
  | { readonly kind: 'refused'; readonly code: string | null }
  /** Nobody knows whether it took effect. */
  | { readonly kind: 'doubtful' }
  /** Not carried out, and the precondition is too old to try again. */
  | { readonly kind: 'aged' }

/** A precondition older than this is read again before anything is sent. */
const freshFor = 300_000

export function isFresh(job: Job, readAt: number): boolean {
  return job.elapsed.milliseconds - readAt <= freshFor
}

/** Thrown where the call had to wait for its turn for too long. */
class TooOld extends Error {}

/** Longest that a request may take to leave after its intent was dated. */
export const longestTurn = 120_000

/**
 * Sends one request: the intent is durable before it leaves, the outcome is
 * written after. The intent is written when the call has its turn, because
 * waiting for a token or for a place in the budget may take minutes. Where
 * Marketo surely did nothing it is sent again as a new attempt, after a pause.
 * Throws when that is pointless, and when the breaker opens.
 */
export async function send<Answer>(
  job: Job,
  sending: Sending<Answer>,
): Promise<Sent<Answer>> {
  for (let tries = 1; ; tries += 1) {
    checkpoint(job)
    if (!isFresh(job, sending.readAt)) return { kind: 'aged' }
    const turn = new Turn()
    const result = await sending
      .perform(() => beforeLeaving(job, sending, turn))
      .then(
        (answer) => ({ ok: true, answer }) as const,
        (error: unknown) => ({ ok: false, error }) as const,
      )
    const error = result.ok ? null : result.error
    const outcome = result.ok ? 'ok' : outcomeOf(error, turn)
    if (turn.attempt !== null) {
      const taken = result.ok ? sending.job?.(result.answer) : undefined
      const unclear = result.ok ? sending.unclear?.(result.answer) : undefined
      const { attempt } = turn
      const told = { taken, unclear }
      await conclude(job, { attempt, sending, outcome, error, told })
    }
    if (error instanceof TooOld) return { kind: 'aged' }
    if (result.ok) return { kind: 'ok', answer: result.answer }
    if (outcome === 'ambiguous') return doubtful(job, error)
    if (outcome === 'row_failed') {
      return { kind: 'refused', code: codeOf(error) }
    }
    await backOff(job, error, tries)
  }
}

/** How far one request has come. */
class Turn {
  /** Name of the attempt once its intent is in the journal. */
  attempt: string | null = null
  hasLeft = false
}

/** Whatever this throws, the request has not left. */
async function beforeLeaving(
  job: Job,
  sending: Omit<Sending<unknown>, 'job' | 'unclear'>,
  turn: Turn,
): Promise<void> {
  checkpoint(job)
  if (!isFresh(job, sending.readAt)) throw new TooOld()
  await job.lease.check()
  const { clock } = job.marketo
  const [now, monotonic] = [clock.now(), clock.monotonic()]
  await intend(job, sending, turn)
  await job.lease.check()
  // The next process counts from the intent on, so the request must not leave
  // long after it, as on a machine that slept between the two.
  const late = Math.max(clock.now() - now, clock.monotonic() - monotonic)
  const isOld = late > longestTurn || !isFresh(job, sending.readAt)
  if (isOld) throw new TooOld()
  turn.hasLeft = true
}

async function intend(
  job: Job,
  sending: Omit<Sending<unknown>, 'job' | 'unclear'>,
  turn: Turn,
): Promise<void> {
  const { state } = job.journal
  const attempt = `${state.epoch}.${job.journal.lines + 1}`
  const { send: kind, rows, call, request } = sending
  await job.journal.append(
    [
      {
        kind: 'intent',
        attempt,
        send: kind,
        rows,
        call,
        request: digest(canonicalJson(request)),
        at: Math.round(job.marketo.serverNow()),
      },
    ],
    true,
  )
  turn.attempt = attempt
}

async function conclude(
  job: Job,
  end: {
    attempt: string
    sending: Pick<Sending<unknown>, 'send' | 'rows' | 'readAt'>
    outcome: Outcome
    error: unknown
    told: { taken: string | undefined; unclear: readonly string[] | undefined }
  },
): Promise<void> {
  const { attempt, sending, outcome, error } = end
  const { taken, unclear = [] } = end.told
  const code = codeOf(error)
  job.breaker.note(outcome)
  // The next durable line carries this one; lost, it means "ambiguous".
  await job.journal.append(
    [
      {
        kind: 'outcome',
        attempt,
        class: outcome,
        ...(unclear.length > 0 && { unclear }),
        code,
        requestId: error instanceof MarketoError ? error.requestId : null,
        ...(taken !== undefined && { job: taken }),
        at: Math.round(job.marketo.serverNow()),
      },
    ],
    taken !== undefined,
  )
  job.emit({
    type: 'attempt',
    attempt,
    kind: sending.send,
    rows: sending.rows.length,
    outcome,
    code,
    age: Math.round(job.elapsed.milliseconds - sending.readAt),
  })
}

/** Fail closed: an error that we do not know proves nothing. */
function outcomeOf(error: unknown, turn: Turn): Outcome {
  if (!turn.hasLeft) return 'not_sent'
  return error instanceof MarketoError ? error.outcome : 'ambiguous'
}

function codeOf(error: unknown): string | null {
  return error instanceof MarketoError ? error.marketoCode : null
}

function doubtful(job: Job, error: unknown): { kind: 'doubtful' } {
  if (!(error instanceof MarketoError)) throw asError(error)
  if (job.breaker.isOpen) throw pause('doubtful', error)
  return { kind: 'doubtful' }
}

async function backOff(job: Job, error: unknown, tries: number): Promise<void> {
  checkpoint(job)
  const delay = retryDelay(error, tries, job.random)
  if (delay === null) throw asError(error)
  const seconds = delay / 1000
  job.emit({ type: 'wait', code: codeOf(error), seconds })
  await wait(job, delay)
}

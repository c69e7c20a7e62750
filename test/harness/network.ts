/** Carries the product's requests to the fake, and what goes wrong on the way. */
import {
  type Carrier,
  type Reply,
  type Request,
  WireError,
} from '../../src/marketo/wire.js'
import type { Event, Operation } from './event.js'
import type { Behaviour } from './fault.js'
import { Leads, type Write } from './marketo.js'
import type { Random } from './random.js'
import {
  carryOut,
  changed,
  type Done,
  failure,
  operationOf,
  read,
  tell,
} from './server.js'
import type { Process, Time } from './time.js'

export interface NetworkOptions {
  readonly time: Time
  readonly random: Random
  readonly leads: Leads
  /** A lead that is gone is answered as its survivor. */
  readonly follow: boolean
  /** Milliseconds that the token of this Marketo has left. */
  readonly tokenLife: number
  readonly fault: (n: number, kind: Operation['kind']) => string | null
  readonly behaviour: (kind: Operation['kind'], name: string) => Behaviour
  readonly log: (event: Event) => void
}

/** Marketo's own limits (Adobe docs, leads), and the same again for luck. */
const limit = { merge: 180_000, update: 90_000 }
const tokenTime = 3_600_000

/** One Marketo, its network, and the calls of all processes. */
export class Network {
  readonly #options: NetworkOptions
  /** Requests so far. */
  requests = 0
  /** Calls that count toward the day, as Marketo has them. */
  counted = 0
  /** Requests on their way, by process. */
  readonly open = new Map<number, Set<number>>()
  readonly hits = new Map<string, number>()
  #token = 0
  #tokenDies: number

  constructor(options: NetworkOptions) {
    this.#options = options
    this.#tokenDies = options.tokenLife
  }

  carrier(process: Process): Carrier {
    return {
      send: (request) => this.#send(process, request),
      open: () => Promise.reject(new WireError('ECONNREFUSED', false)),
    }
  }

  async #send(process: Process, request: Request): Promise<Reply> {
    const { time, log, random } = this.#options
    const operation = operationOf(request)
    const { kind } = operation
    await process.through(`${kind}.before`)
    this.requests += 1
    const n = this.requests
    const name = this.#options.fault(n, kind)
    if (name !== null) this.#count(`${kind}: ${name}`)
    const behaviour = name === null ? null : this.#options.behaviour(kind, name)
    log({ t: time.now, type: 'send', process: process.number, n, operation })
    const open = this.open.get(process.number) ?? new Set()
    this.open.set(process.number, open.add(n))
    const call = new Call(this.#options, { process, request, operation, n })
    if (behaviour?.answer.kind === 'refused') call.refuse()
    else {
      const arrival = time.now + random.between(10, 300)
      time.at(arrival, () => this.#arrive(call, behaviour))
    }
    // Told to the process, or broken in its eyes: then it counts it itself.
    try {
      const reply = await call.reply
      await process.through(`${kind}.answered`)
      return reply
    } finally {
      open.delete(n)
    }
  }

  #count(name: string): void {
    this.hits.set(name, (this.hits.get(name) ?? 0) + 1)
  }

  #arrive(call: Call, behaviour: Behaviour | null): void {
    const { time, log, random } = this.#options
    const { operation, n, process, request } = call
    const { kind } = operation
    const isRefused = request.token !== this.#tokenText()
    const isCounted = kind !== 'identity' && !isRefused && !isFree(behaviour)
    if (isCounted) this.counted += 1
    log({ t: time.now, type: 'arrive', n, counted: isCounted })
    process.pass(`${kind}.in_flight`)
    if (kind === 'identity') return call.answer(this.#grant(), 50)
    if (isRefused) {
      return call.say(failure('602', 'Access token expired'), 50)
    }
    if (behaviour === null) {
      const done = this.#answerOf(operation)
      const slow =
        kind === 'merge'
          ? random.between(500, 10_000)
          : random.between(50, 2000)
      if (done !== null) return call.tell(done, slow)
      time.at(time.now + slow, () =>
        call.tell(this.#perform(call, operation), 50),
      )
      return
    }
    this.#misbehave(call, behaviour)
  }

  /** Of anything but a write. */
  #answerOf(operation: Operation): Done | null {
    const { kind } = operation
    if (kind === 'merge' || kind === 'update') return null
    const { leads, follow } = this.#options
    return kind === 'read'
      ? read(operation, leads, follow)
      : tell(kind, this.counted)
  }

  #misbehave(call: Call, behaviour: Behaviour): void {
    const { time, random } = this.#options
    const { operation } = call
    const { answer, effect } = behaviour
    const isWrite = operation.kind === 'merge' || operation.kind === 'update'
    const longest = operation.kind === 'update' ? limit.update : limit.merge
    const pause =
      answer.kind === 'none'
        ? 0
        : random.between(100, random.chance(0.2) ? longest : 5000)
    if (answer.kind === 'code' && /^60[12]$/.test(answer.code))
      this.#tokenDies = time.now
    if (isWrite && effect === 'late') {
      // Later than any answer by up to Marketo's limit; with none, than that.
      const last = answer.kind === 'none' ? 2 * longest : longest
      const at = time.now + pause + random.between(0, last)
      // Nobody's request lives on for longer than Marketo's limit.
      const { process } = call
      time.at(at, () => {
        if (at <= process.diedAt + longest) this.#perform(call, operation)
      })
    }
    if (answer.kind === 'none') return
    time.at(time.now + pause, () => {
      const before = isWrite && effect === 'before'
      const skips = answer.kind === 'changed' && answer.how === 'skipped'
      const done = before
        ? this.#perform(call, operation, skips)
        : this.#answerOf(operation)
      call.misanswer(answer, done)
    })
  }

  /** A write takes effect, whoever still waits for it. */
  #perform(call: Call, operation: Operation, skipsFirst = false): Done {
    const { time, leads, log } = this.#options
    const { n, process } = call
    const { kind } = operation
    if (kind !== 'merge' && kind !== 'update') return tell(kind, 0)
    const at = new Date(time.epoch + time.now).toISOString()
    const done =
      kind === 'update' && skipsFirst
        ? skipping(operation, leads, at)
        : carryOut(operation, leads, at)
    const merged = kind === 'merge' && done.proof === 'done'
    const writes: readonly Write[] = done.writes
    if (merged || writes.length > 0) {
      const merge = merged ? operation.merge : null
      log({ t: time.now, type: 'effect', n, merge, writes })
    }
    process.pass(`${kind}.effect`)
    return done
  }

  #tokenText(): string {
    return `token-${this.#token}`
  }

  /** The same token until it dies, as Marketo does. */
  #grant(): string {
    const { now } = this.#options.time
    if (now >= this.#tokenDies) {
      this.#token += 1
      this.#tokenDies = now + tokenTime
    }
    const expires = Math.floor((this.#tokenDies - now) / 1000)
    return JSON.stringify({
      access_token: this.#tokenText(),
      token_type: 'bearer',
      expires_in: expires,
    })
  }
}

/** Answers that Marketo does not count (Adobe support, KCS-28813). */
function isFree(behaviour: Behaviour | null): boolean {
  return (
    behaviour?.answer.kind === 'code' &&
    /^60[012458]$|^611$/.test(behaviour.answer.code)
  )
}

/** The first record is refused, the others are written. */
function skipping(
  operation: Extract<Operation, { kind: 'update' }>,
  leads: Leads,
  at: string,
): Done {
  const [first, ...rest] = operation.input
  const done = carryOut({ ...operation, input: rest }, leads, at)
  const record = {
    status: 'skipped',
    reasons: [{ code: '1003', message: 'x' }],
  }
  const result = [record, ...((done.body['result'] ?? []) as unknown[])]
  const byLead = new Map([
    [String(first?.['id']), 'not_done' as const],
    ...done.byLead,
  ])
  return { ...done, body: { ...done.body, result }, byLead }
}

/** One request on its way, until its process hears of it. */
class Call {
  readonly process: Process
  readonly request: Request
  readonly operation: Operation
  readonly n: number
  readonly reply: Promise<Reply>
  readonly #options: NetworkOptions
  #resolve: (reply: Reply) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #isOver = false

  constructor(
    options: NetworkOptions,
    about: {
      process: Process
      request: Request
      operation: Operation
      n: number
    },
  ) {
    this.#options = options
    this.process = about.process
    this.request = about.request
    this.operation = about.operation
    this.n = about.n
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { time } = options
    // By the process's own clock, which may sleep.
    time.at(
      time.now + about.request.timeout,
      () => this.#break('ETIMEDOUT'),
      about.process,
    )
  }

  refuse(): void {
    const { time } = this.#options
    time.at(
      time.now + 20,
      () =>
        this.#end(
          () => this.#reject(new WireError('ECONNREFUSED', false)),
          'not_done',
        ),
      this.process,
    )
  }

  tell(done: Done, after: number): void {
    this.#hear(JSON.stringify(done.body), 200, done, after)
  }

  say(body: unknown, after: number): void {
    const proof = 'not_done' as const
    this.#hear(
      JSON.stringify(body),
      200,
      { proof, byLead: new Map(), leads: null },
      after,
    )
  }

  answer(text: string, after: number): void {
    this.#hear(text, 200, nothingKnown, after)
  }

  misanswer(answer: Behaviour['answer'], done: Done | null): void {
    if (answer.kind === 'reset') return this.#break('ECONNRESET')
    if (answer.kind === 'text') {
      return this.#hear(answer.text, answer.status, nothingKnown, 10)
    }
    if (answer.kind === 'code') {
      const { code, message } = answer
      const proof = proves.has(code) ? 'not_done' : 'none'
      const text = JSON.stringify(failure(code, message))
      return this.#hear(text, 200, { ...nothingKnown, proof }, 10)
    }
    if (answer.kind !== 'changed') return
    const whole = done ?? tell('other', 0)
    const { text, done: told } = changed(whole, answer.how)
    this.#hear(text, 200, told, 10)
  }

  #break(system: string): void {
    const { time } = this.#options
    time.at(
      time.now,
      () => this.#end(() => this.#reject(new WireError(system, true)), 'none'),
      this.process,
    )
  }

  #hear(
    text: string,
    status: number,
    told: Pick<Done, 'proof' | 'byLead' | 'leads'>,
    after: number,
  ): void {
    const { time } = this.#options
    time.at(
      time.now + after,
      () => {
        const date = new Date(time.epoch + time.now).toUTCString()
        this.#end(
          () => this.#resolve({ status, headers: { date }, text }),
          told.proof,
          told,
        )
      },
      this.process,
    )
  }

  #end(
    finish: () => void,
    proof: Done['proof'],
    told: Pick<Done, 'byLead' | 'leads'> = nothingKnown,
  ): void {
    if (this.#isOver) return
    this.#isOver = true
    const { time, log } = this.#options
    const { n, process } = this
    log({
      t: time.now,
      type: 'answer',
      n,
      process: process.number,
      proof,
      byLead: told.byLead,
      leads: told.leads,
    })
    finish()
  }
}

const nothingKnown = { proof: 'none' as const, byLead: new Map(), leads: null }

/** Codes that say for sure that nothing was done (Adobe docs, error codes). */
const proves = new Set([
  '600',
  '601',
  '602',
  '603',
  '606',
  '607',
  '615',
  '712',
  '714',
  '1018',
  '1076',
  '1077',
  '1078',
  '1079',
  '1080',
])

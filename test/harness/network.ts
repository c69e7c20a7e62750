/** Carries the product's requests to the fake, and what goes wrong on the way. */
import {
  type Carrier,
  type Reply,
  type Request,
  type StreamReply,
  WireError,
} from '../../src/marketo/wire.js'
import { Readable } from 'node:stream'
import type { Event, Operation } from './event.js'
import type { Behaviour } from './fault.js'
import { type Fate, Imports, pace } from './import.js'
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
  tellImport,
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
const limit = { merge: 180_000, update: 90_000, import: 120_000 }
const tokenTime = 3_600_000

/** One Marketo, its network, and the calls of all processes. */
export class Network {
  readonly #options: NetworkOptions
  readonly #imports = new Imports()
  /** Requests so far. */
  requests = 0
  /** Calls that count toward the day, as Marketo has them. */
  counted = 0
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
      open: (request) => this.#open(process, request),
    }
  }

  /** A file comes whole, or not at all, or as an error in JSON. */
  async #open(process: Process, request: Request): Promise<StreamReply> {
    const { status, headers, text } = await this.#send(process, request)
    const isFile = status === 200 && !/^[{<]/.test(text)
    const type = isFile ? 'text/csv' : text.startsWith('<') ? 'text/html' : ''
    const told = { ...headers, 'content-type': type || 'application/json' }
    // A file that is cut short has the length that it should have had.
    const isShort = isFile && text !== '' && !text.endsWith('\n')
    const length = Buffer.byteLength(text) + (isShort ? 5 : 0)
    return {
      status,
      headers: isFile ? { ...told, 'content-length': String(length) } : told,
      body: Readable.from([Buffer.from(text)]),
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
    const call = new Call(this.#options, { process, request, operation, n })
    if (behaviour?.answer.kind === 'refused') call.refuse()
    else {
      const arrival = time.now + random.between(10, 300)
      time.at(arrival, () => this.#arrive(call, behaviour))
    }
    const reply = await call.reply
    await process.through(`${kind}.answered`)
    return reply
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
    if (kind === 'import_notes' && !isBroken(behaviour)) {
      return this.#tellNotes(call, operation, behaviour)
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

  #tellNotes(
    call: Call,
    { batch: id, of }: Extract<Operation, { kind: 'import_notes' }>,
    behaviour: Behaviour | null,
  ): void {
    const batch = this.#imports.get(id)
    const text = batch === undefined ? null : this.#imports.notes(batch, of)
    if (text === null) return call.answer('no file', 10, 404)
    const isWell = batch !== undefined && behaviour === null
    if (isWell && batch.fate !== 'rows_misaligned') {
      const ids = this.#imports.refusedIds(batch)
      const { time, log } = this.#options
      log({ t: time.now, type: 'told', n: batch.n, ids })
    }
    call.answer(behaviour === null ? text : text.slice(0, -5), 50)
  }

  /** Of anything but a write. */
  #answerOf(operation: Operation): Done | null {
    const { kind } = operation
    if (isWriteKind(kind)) return null
    const { leads, follow } = this.#options
    if (kind === 'import_job') {
      const batch = this.#imports.get(operation.batch)
      if (batch === undefined) return tell(kind, 0)
      const isOver = batch.state === 'Complete' || batch.state === 'Failed'
      const record = this.#imports.record(batch)
      return tellImport(record, 'none', isOver ? batch.n : null)
    }
    return kind === 'read'
      ? read(operation, leads, follow)
      : tell(kind, this.counted)
  }

  #misbehave(call: Call, behaviour: Behaviour): void {
    const { time, random } = this.#options
    const { operation } = call
    const { answer, effect } = behaviour
    const { kind } = operation
    const isWrite = isWriteKind(kind)
    const longest = isWriteKind(kind) ? limit[kind] : limit.merge
    const { fate = 'whole' } = behaviour
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
        if (at <= process.diedAt + longest) {
          this.#perform(call, operation, { fate })
        }
      })
    }
    if (answer.kind === 'none') return
    time.at(time.now + pause, () => {
      const before = isWrite && effect === 'before'
      const skips = answer.kind === 'changed' && answer.how === 'skipped'
      const done = before
        ? this.#perform(call, operation, { skips, fate })
        : this.#answerOf(operation)
      if (done !== null && answer.kind === 'normal') return call.tell(done, 10)
      call.misanswer(answer, done)
    })
  }

  /** A write takes effect, whoever still waits for it. */
  #perform(
    call: Call,
    operation: Operation,
    { skips = false, fate = 'whole' }: { skips?: boolean; fate?: Fate } = {},
  ): Done {
    const { time, leads, log } = this.#options
    const { n, process } = call
    const { kind } = operation
    if (kind === 'import') return this.#take(call, operation.file, fate)
    if (kind !== 'merge' && kind !== 'update') return tell(kind, 0)
    const at = new Date(time.epoch + time.now).toISOString()
    const done =
      kind === 'update' && skips
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

  /** It is queued, and takes effect in two halves, long after its answer. */
  #take({ n, process }: Call, file: string, fate: Fate): Done {
    const { time, leads, log, random } = this.#options
    const batch = this.#imports.take(n, file, fate)
    const { queued, working } = pace(random)
    const write = (half: 0 | 1) => {
      const at = new Date(time.epoch + time.now).toISOString()
      const writes = this.#imports.write(batch, half, leads, at)
      log({ t: time.now, type: 'effect', n, merge: null, writes })
      process.pass('import.effect')
    }
    time.at(time.now + queued, () => {
      batch.state = 'Importing'
      const ids = this.#imports.refusedIds(batch)
      if (ids.length > 0) log({ t: time.now, type: 'refuse', n, ids })
      write(0)
    })
    time.at(time.now + queued + working, () => {
      write(1)
      this.#imports.end(batch)
    })
    return tellImport(this.#imports.record(batch), 'done', null)
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

function isWriteKind(
  kind: Operation['kind'],
): kind is 'merge' | 'update' | 'import' {
  return kind === 'merge' || kind === 'update' || kind === 'import'
}

/** Of a file: anything but whole or cut short. */
function isBroken(behaviour: Behaviour | null): boolean {
  return behaviour !== null && behaviour.answer.kind !== 'changed'
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
    this.#hear(JSON.stringify(body), 200, { ...nothingKnown, proof }, after)
  }

  answer(text: string, after: number, status = 200): void {
    this.#hear(text, status, nothingKnown, after)
  }

  misanswer(answer: Behaviour['answer'], done: Done | null): void {
    if (answer.kind === 'reset') return this.#break('ECONNRESET')
    if (answer.kind === 'text') {
      // Too large to be read at all.
      const proof = answer.status === 413 ? 'not_done' : 'none'
      const { status, text } = answer
      return this.#hear(text, status, { ...nothingKnown, proof }, 10)
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
    told: Pick<Done, 'proof' | 'byLead' | 'leads' | 'over'>,
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
    told: Pick<Done, 'byLead' | 'leads' | 'over'> = nothingKnown,
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
      over: told.over,
    })
    finish()
  }
}

const nothingKnown = {
  proof: 'none' as const,
  byLead: new Map(),
  leads: null,
  over: null,
}

/** Codes that say for sure that nothing was done (Adobe docs, error codes). */
const proves = new Set([
  '600',
  '601',
  '602',
  '603',
  '606',
  '607',
  // Of an import alone: its queue is full.
  '1016',
  '1019',
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

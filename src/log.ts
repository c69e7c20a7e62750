import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { pino } from 'pino'
import type { Logger, StreamEntry } from 'pino'
import { systemClock } from './clock.js'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Every event there is, with its level. Readers may rely on the names. */
const eventLevel = {
  'run.started': 'info',
  'run.resumed': 'info',
  'run.ended': 'info',
  'run.stopped': 'warn',
  'step.started': 'info',
  'step.ended': 'info',
  'step.failed': 'error',
  'step.skipped': 'info',
  'lock.taken': 'debug',
  'lock.released': 'debug',
  'lock.refused': 'error',
  'token.renewed': 'debug',
  'call.ended': 'debug',
  'call.retried': 'warn',
  'budget.waited': 'debug',
  'quota.exhausted': 'warn',
  'schema.changed': 'warn',
  'extract.decided': 'info',
  'route.chosen': 'info',
  'export.created': 'info',
  'export.enqueued': 'debug',
  'export.waited': 'debug',
  'export.completed': 'info',
  'export.failed': 'error',
  'export.cancelled': 'warn',
  'download.resumed': 'warn',
  'download.ended': 'info',
  'landing.written': 'info',
  'row.rejected': 'warn',
  'list.landed': 'info',
  'source.landed': 'info',
  'model.built': 'info',
  'model.failed': 'error',
  'model.warned': 'warn',
  'model.skipped': 'warn',
  'match.held': 'info',
  'match.scored': 'info',
  'test.passed': 'debug',
  'test.warned': 'warn',
  'test.failed': 'error',
  'plan.made': 'info',
  'plan.refused': 'error',
  'guardrail.tripped': 'warn',
  'intent.written': 'debug',
  'call.sent': 'debug',
  'outcome.recorded': 'debug',
  'outcome.ambiguous': 'warn',
  'import.ended': 'info',
  'quarantine.started': 'warn',
  'row.ended': 'debug',
  'row.failed': 'warn',
  'verify.ended': 'info',
  'verify.differed': 'error',
  'warehouse.published': 'info',
  'warehouse.rebuilt': 'warn',
  'alert.sent': 'info',
  'alert.failed': 'warn',
  'error.unexpected': 'error',
} as const satisfies Record<string, Level>

export type EventName = keyof typeof eventLevel

/**
 * What a line may say. Ids, counts and codes; never the value of a lead's
 * field, a URL with ids, or a secret.
 */
export interface LogFields {
  readonly step?: string
  readonly status?: string
  readonly attempt_id?: string
  readonly row_id?: string
  readonly plan_hash?: string
  /** A template such as `leads/{id}/merge`. */
  readonly endpoint?: string
  readonly method?: string
  readonly http?: number | null
  readonly mkto_code?: string | null
  readonly mkto_request_id?: string | null
  /** Marketo's time of a call that counts toward the daily quota. */
  readonly mkto_ts?: string
  readonly class?: string
  readonly code?: string
  readonly dur_ms?: number
  readonly calls_used?: number
  readonly calls_budget?: number
  readonly bytes?: number
  readonly rows?: number
  readonly count?: number
  readonly limit?: number
  readonly try?: number
  readonly wait_ms?: number
  readonly until?: string
  readonly export_id?: string
  readonly window_start?: string
  readonly window_end?: string
  readonly list?: string
  readonly source?: string
  readonly kind?: string
  readonly field?: string
  readonly service?: string
  readonly rule?: number
  readonly leads?: number
  readonly model?: string
  readonly test?: string
  readonly guardrail?: string
  readonly merges?: number
  readonly updates?: number
  readonly exit_code?: number
  readonly file?: string
  readonly msg?: string
}

export interface Log {
  event(name: EventName, fields?: LogFields): void
  /** Takes these out of every later line; for tokens learnt on the way. */
  hide(...secrets: readonly string[]): void
  /** Later events are dropped. */
  close(): void
}

export interface LogOptions {
  /** null: no file. Appended to, private to the user. */
  readonly file: string | null
  /** What reaches stderr; the file gets everything. */
  readonly level: Level | 'silent'
  readonly secrets: readonly string[]
  readonly base: { readonly run_id: string; readonly pipeline: string }
  readonly stderr?: { write(text: string): unknown }
  readonly now?: () => number
}

/**
 * JSON lines, each written before `event` returns, so that a killed process
 * leaves every earlier line. Throws what the system says where the file
 * cannot be opened.
 */
export function openLog(options: LogOptions): Log {
  let secrets = [...options.secrets]
  let hide = redactor(secrets)
  let isOpen = true
  const file = options.file === null ? null : openFile(options.file)
  const logger = createLogger(options, file)
  return {
    event(name, fields = {}) {
      if (!isOpen) return
      const level: Level = eventLevel[name]
      logger[level]({ event: name, ...hidden(fields, hide) })
    },
    hide(...more) {
      secrets = [...secrets, ...more]
      hide = redactor(secrets)
    },
    close() {
      if (!isOpen) return
      isOpen = false
      file?.flushSync()
      file?.destroy()
    },
  }
}

function createLogger(options: LogOptions, file: LogFile | null): Logger {
  const streams: StreamEntry[] = []
  if (file !== null) streams.push({ level: 'debug', stream: file })
  if (options.stderr && options.level !== 'silent') {
    const { stderr, level } = options
    streams.push({ level, stream: { write: (line) => stderr.write(line) } })
  }
  const now = options.now ?? (() => systemClock.now())
  return pino(
    {
      level: 'debug',
      base: options.base,
      timestamp: () => `,"ts":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: escapeControl },
    },
    pino.multistream(streams),
  )
}

type LogFile = ReturnType<typeof pino.destination>

function openFile(file: string): LogFile {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const stream = pino.destination({
    dest: file,
    append: true,
    sync: true,
    mode: 0o600,
  })
  chmodSync(file, 0o600)
  // A line that cannot be written must not stop a merge half-way: what has
  // to be durable is in the journal, and a full disk stops the run there.
  stream.on('error', () => {})
  return stream
}

/** Characters that JSON leaves raw, and that could drive a terminal. */
function escapeControl(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function hidden(fields: LogFields, hide: (text: string) => string): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' ? hide(value) : value,
    ]),
  )
}

/** Shorter values would blot out ordinary words. */
const shortestSecret = 6

/**
 * A function that takes secrets out of text by their value, however they are
 * spelt there: raw, URL-encoded, as JSON, in hex, in base64 at any offset.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap(spellingsOf)
    .filter((spelling) => spelling.length >= shortestSecret)
  if (spellings.length === 0) return (text) => text
  const alternatives = [...new Set(spellings)]
    .toSorted((a, b) => b.length - a.length)
    .map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  const found = new RegExp(alternatives.join('|'), 'gi')
  return (text) => text.replace(found, '[secret]')
}

function spellingsOf(secret: string): string[] {
  const url = encodeURIComponent(secret)
  return [
    secret,
    url,
    url.replaceAll('%20', '+'),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    ...base64Cores(secret),
  ]
}

/**
 * Base64 of a text that contains the secret differs by where it begins. These
 * are the characters that depend on nothing but the secret.
 */
function base64Cores(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor((text.length * 8) / 6)
    const core = text.toString('base64').slice(first, last)
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

import { isSafeNumber, parse } from 'lossless-json'

export interface Coded {
  readonly code: string
  readonly message: string
}

export type Json = Readonly<Record<string, unknown>>

/** Marketo's answer to every call but identity and files. */
export interface Envelope {
  readonly success: boolean
  readonly requestId: string | null
  readonly errors: readonly Coded[]
  /** null where the answer has none, which is not the same as empty. */
  readonly result: readonly Json[] | null
  readonly nextPageToken: string | null
  readonly moreResult: boolean | null
  /** Marketo says something about the answer, such as that nothing matches. */
  readonly isWarned: boolean
}

/** Enough digits in a row for a number that a double may not hold. */
const long = /\d[\d.]{15}/

/**
 * JSON without loss: a number that a double cannot hold becomes its text.
 * Null for text that is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    if (!long.test(text)) return JSON.parse(text)
    return parse(text, null, {
      parseNumber: (digits) => (isSafeNumber(digits) ? Number(digits) : digits),
    })
  } catch {
    return null
  }
}

/** Null for anything that is not Marketo's envelope. */
export function parseEnvelope(text: string): Envelope | null {
  const body = parseJson(text)
  if (!isJson(body) || typeof body.success !== 'boolean') return null
  const { result } = body
  if (result !== undefined && result !== null && !Array.isArray(result)) {
    return null
  }
  return {
    success: body.success,
    requestId: requestId(body.requestId),
    errors: coded(body.errors),
    result: Array.isArray(result) ? result.filter(isJson) : null,
    nextPageToken:
      typeof body.nextPageToken === 'string' ? body.nextPageToken : null,
    moreResult: typeof body.moreResult === 'boolean' ? body.moreResult : null,
    isWarned: Array.isArray(body.warnings) && body.warnings.length > 0,
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function requestId(value: unknown): string | null {
  const text = typeof value === 'string' ? value : ''
  return /^[\w#-]{1,64}$/.test(text) ? text : null
}

/** Errors or reasons: a list or one object, codes quoted or not. */
function coded(value: unknown): Coded[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.filter(isJson).map(({ code, message }) => ({
    code: /^\d{1,6}$/.test(String(code)) ? String(code) : 'unknown',
    message: typeof message === 'string' ? message : '',
  }))
}

/** Why a record was not handled; three spellings are in use. */
export function reasons(record: Json): Coded[] {
  return [record.reasons, record.reason, record.errors].flatMap(coded)
}

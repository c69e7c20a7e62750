/** What an endpoint answers, before it becomes bytes. */
export type Reply =
  | {
      readonly kind: 'json'
      readonly status: number
      readonly body: Readonly<Record<string, unknown>>
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'text'
      readonly status: number
      readonly text: string
      readonly type?: string
    }
  | {
      readonly kind: 'file'
      readonly status: 200 | 206
      readonly type: string
      readonly total: number
      readonly from: number
      /** Exclusive. */
      readonly to: number
      readonly read: (from: number, to: number) => Buffer
    }

/** An error as Marketo reports it: HTTP 200, `success: false`. */
export class ApiError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }
}

/** Lead-database answers have no `errors` member when they succeed. */
export function result(
  records: readonly unknown[],
  extra: Readonly<Record<string, unknown>> = {},
): Reply {
  const body = { success: true, result: records, ...extra }
  return { kind: 'json', status: 200, body }
}

/** As `result`, with the members in the other order that occurs. */
export function resultFirst(
  records: readonly unknown[],
  extra: Readonly<Record<string, unknown>> = {},
): Reply {
  const body = { result: records, success: true, ...extra }
  return { kind: 'json', status: 200, body }
}

export function success(): Reply {
  return { kind: 'json', status: 200, body: { success: true } }
}

export function failure(code: string, message: string): Reply {
  const body = { success: false, errors: [{ code, message }] }
  return { kind: 'json', status: 200, body }
}

/** Marketo's first error code in a reply, or null. */
export function codeOf(reply: Reply): string | null {
  if (reply.kind !== 'json') return null
  const errors = reply.body['errors']
  if (!Array.isArray(errors)) return null
  const first: unknown = errors[0]
  if (typeof first !== 'object' || first === null) return null
  return 'code' in first ? String(first.code) : null
}

/** Stands before the digits of an id that no JSON number can hold. */
const bigMark = '\u0001big:'

/** An id as a member of an answer; `stringify` writes it as a number. */
export function numberId(id: string): number | string {
  const number = Number(id)
  return Number.isSafeInteger(number) ? number : `${bigMark}${id}`
}

/** JSON in which every id is a plain number, whatever its size. */
export function stringify(value: unknown): string {
  const text = JSON.stringify(value)
  if (!text.includes('"\\u0001big:')) return text
  return text.replaceAll(/"\\u0001big:(\d+)"/g, '$1')
}

/** JSON as it comes from outside: unknown until looked at. */
export function parseJson(text: string): unknown {
  return JSON.parse(text) as unknown
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A scalar as text; anything else is the other. */
export function textOf(value: unknown, other = ''): string {
  if (typeof value === 'string') return value
  const isScalar = typeof value === 'number' || typeof value === 'boolean'
  return isScalar || typeof value === 'bigint' ? String(value) : other
}

import { createHash } from 'node:crypto'

/**
 * JSON with sorted keys and without blanks: equal values give equal bytes,
 * which hashes rest on. Members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => canonicalJson(item)).join(',')}]`
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value) ?? 'null'
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `{${members
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
    .join(',')}}`
}

/** SHA-256 as 64 hex digits. */
export function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** A line of ours as what it should be; null where it is anything else. */
export function parsed<Shape>(
  text: string,
  is: (value: object) => value is Shape & object,
): Shape | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && is(value)
      ? value
      : null
  } catch {
    return null
  }
}

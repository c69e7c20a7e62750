import { z } from 'zod'
import { nearest } from './nearest.js'
import { didYouMean, meant, type Path, quoted } from './problem.js'

type Issue = z.core.$ZodIssue
type RawIssue = z.core.$ZodRawIssue

/** A mistake that the schema found, before it has a line and a column. */
export interface Finding {
  readonly path: Path
  /** Whether the key itself is wrong, or its value. */
  readonly part: 'key' | 'value'
  readonly message: string
  /** The key that this one was meant to be, which is not missing then. */
  readonly meant?: Path
}

/** Every mistake of the value, as sentences. */
export function findings(schema: z.ZodType, value: unknown): Finding[] {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : flatten(result.error.issues)
}

const missing = 'is missing'

/** Keys that people try and that a later version may know. */
const notYet = new Map([['<<', 'merge keys are not read; write the keys out.']])

/**
 * One issue as the end of a sentence that begins with the path. For unknown
 * keys it carries the known ones, because only here is the schema at hand.
 */
function sentence(issue: RawIssue): string {
  if (issue.code === 'unrecognized_keys') return knownKeys(issue).join(' ')
  if (issue.code === 'invalid_union') return discriminated(issue)
  if (issue.code === 'invalid_type') {
    const type = typeWords(issue.expected)
    return issue.input === undefined
      ? `${missing}; it must be ${type}.`
      : `must be ${type}, not ${valueWords(issue.input)}.`
  }
  if (issue.code === 'invalid_value') return outside(issue.input, issue.values)
  if (issue.code === 'too_small') {
    return sized('at least', issue.minimum, issue.origin)
  }
  if (issue.code === 'too_big') {
    return sized('at most', issue.maximum, issue.origin)
  }
  return 'is not valid here.'
}

function knownKeys(issue: RawIssue): string[] {
  return issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : []
}

/** A service without a type, or with one that does not exist. */
function discriminated(issue: RawIssue): string {
  const options: unknown[] = Array.isArray(issue['options'])
    ? issue['options']
    : []
  const name = String(issue['discriminator'])
  const input: unknown = issue.input
  const given =
    typeof input === 'object' && input !== null
      ? new Map<string, unknown>(Object.entries(input)).get(name)
      : undefined
  return outside(given, options)
}

/** A value that is none of the allowed ones, or none at all. */
function outside(value: unknown, allowed: readonly unknown[]): string {
  const list = oneOf(allowed)
  if (value === undefined) return `${missing}; it ${list}.`
  return `${list}, not ${valueWords(value)}.${guess(value, allowed)}`
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map(String).join(', ')
  return values.length === 1 ? `must be ${words}` : `must be one of ${words}`
}

function guess(input: unknown, values: readonly unknown[]): string {
  return typeof input === 'string' ? didYouMean(input, values.map(String)) : ''
}

function sized(bound: string, limit: number | bigint, origin: string): string {
  if (origin !== 'array') return `must be ${bound} ${limit}.`
  return `must have ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}.`
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'null',
}

function typeWords(expected: string): string {
  return words[expected] ?? expected
}

/** What was written, in words; texts are quoted, nothing long is repeated. */
function valueWords(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return typeof value === 'string' ? quoted(value) : `${Number(value)}`
}

/** Without the mistakes that only follow from a misspelt key. */
function flatten(issues: readonly Issue[]): Finding[] {
  const strange = issues
    .filter(({ code }) => code === 'unrecognized_keys')
    .map(({ path }) => path.join('\n'))
  const found = issues
    .filter(
      ({ code, path }) =>
        code !== 'custom' || !strange.includes(path.join('\n')),
    )
    .flatMap(findingsOf)
  const intended = found.flatMap((each) => each.meant?.join('\n') ?? [])
  return found.filter(
    ({ path, message }) =>
      !message.startsWith(missing) || !intended.includes(path.join('\n')),
  )
}

function findingsOf(issue: Issue): Finding[] {
  const path = issue.path.map((part) =>
    typeof part === 'symbol' ? String(part) : part,
  )
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path, key, issue.message))
  }
  if (issue.code === 'invalid_key') {
    // The path names the key already.
    const name = `${quoted(String(path.at(-1)))} `
    return issue.issues.map(({ message }) => ({
      path,
      part: 'key',
      message: message.startsWith(name) ? message.slice(name.length) : message,
    }))
  }
  if (issue.code === 'invalid_union') return union(issue, path)
  return [{ path, part: 'value', message: issue.message }]
}

function unknownKey(path: Path, key: string, known: string): Finding {
  const at = [...path, key]
  const hint = notYet.get(key)
  if (hint !== undefined) {
    const message = `is not a key here; ${hint}`
    return { path: at, part: 'key', message, meant: [...path, 'same'] }
  }
  const keys = known === '' ? [] : known.split(' ')
  const [near] = key.length > 100 ? [] : nearest(key, keys)
  if (near !== undefined) {
    const message = `is not a key here.${meant(near)}`
    return { path: at, part: 'key', message, meant: [...path, near] }
  }
  const list =
    keys.length === 1
      ? ` The only key is "${keys[0]}".`
      : ` Keys are ${keys.join(', ')}.`
  return { path: at, part: 'key', message: `is not a key here.${list}` }
}

/** The mistakes of the branch that a person most likely meant. */
function union(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
): Finding[] {
  const right = issue.errors.filter(
    (branch) => !hasRoot(branch, 'invalid_type'),
  )
  const shaped = right.filter((branch) => !hasRoot(branch, 'invalid_value'))
  const guessed = right.filter((branch) =>
    branch.some(({ message }) => message.includes('Did you mean')),
  )
  const [likeliest] = (shaped.length > 0 ? shaped : guessed)
    .map(flatten)
    .toSorted((a, b) => strangers(a) - strangers(b) || a.length - b.length)
  if (likeliest === undefined) {
    return [{ path, part: 'value', message: issue.message }]
  }
  return likeliest.map((each) => ({
    ...each,
    path: [...path, ...each.path],
    ...(each.meant ? { meant: [...path, ...each.meant] } : {}),
  }))
}

/** Whether the branch fails as a whole, and not in one of its parts. */
function hasRoot(branch: readonly Issue[], code: Issue['code']): boolean {
  return branch.some((issue) => issue.path.length === 0 && issue.code === code)
}

function strangers(branch: readonly Finding[]): number {
  return branch.filter(({ part }) => part === 'key').length
}

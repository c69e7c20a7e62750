import { z } from 'zod'
import { didYouMean, type Path, quoted } from './problem.js'

type Issue = z.core.$ZodIssue
type RawIssue = z.core.$ZodRawIssue

/** A mistake that the schema found, before it has a line and a column. */
export interface Finding {
  readonly path: Path
  /** Whether the key itself is wrong, or its value. */
  readonly part: 'key' | 'value'
  readonly message: string
}

/** Every mistake of the value, as sentences. */
export function findings(schema: z.ZodType, value: unknown): Finding[] {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : result.error.issues.flatMap(flatten)
}

/** Keys that people try and that a later version may know. */
const notYet = new Map([
  ['similar', 'this version matches by `same` only.'],
  ['block', 'this version matches by `same` only.'],
  ['<<', 'merge keys are not read; write the keys out.'],
])

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
      ? `is missing; it must be ${type}.`
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
  if (value === undefined) return `is missing; it ${list}.`
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

function flatten(issue: Issue): Finding[] {
  const path = issue.path.map((part) =>
    typeof part === 'symbol' ? String(part) : part,
  )
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path, key, issue.message))
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({ path, part: 'key', message }))
  }
  if (issue.code === 'invalid_union') return union(issue, path)
  return [{ path, part: 'value', message: issue.message }]
}

function unknownKey(path: Path, key: string, known: string): Finding {
  const keys = known === '' ? [] : known.split(' ')
  const hint = notYet.get(key)
  const near = didYouMean(key, keys)
  const list =
    near === '' && keys.length > 0 ? ` Keys are ${keys.join(', ')}.` : near
  const message =
    hint === undefined
      ? `is not a key here.${list}`
      : `is not a key here; ${hint}`
  return { path: [...path, key], part: 'key', message }
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
  const [meant] = (shaped.length > 0 ? shaped : right)
    .map((branch) => branch.flatMap(flatten))
    .toSorted((a, b) => strangers(a) - strangers(b) || a.length - b.length)
  if (meant === undefined) {
    return [{ path, part: 'value', message: issue.message }]
  }
  return meant.map((each) => ({ ...each, path: [...path, ...each.path] }))
}

/** Whether the branch fails as a whole, and not in one of its parts. */
function hasRoot(branch: readonly Issue[], code: Issue['code']): boolean {
  return branch.some((issue) => issue.path.length === 0 && issue.code === code)
}

function strangers(branch: readonly Finding[]): number {
  return branch.filter(({ part }) => part === 'key').length
}

import { z } from 'zod'
import { keyFields, matchKeys } from './field.js'
import { hashInputs, isHashInput } from './hash-profile.js'
import { nearest } from './nearest.js'
import { meant, quoted } from './problem.js'

/** Says what is wrong with a text, or null. Follows the path in a sentence. */
type Check = (text: string) => string | null

/** A text that is right when the check finds nothing to say. */
export function checked(check: Check) {
  return z
    .string({
      // YAML takes 2015 for a number; what is wanted is said all the same.
      error: ({ input }) =>
        typeof input === 'number' ? check(String(input)) : undefined,
    })
    .refine((value) => check(value) === null, {
      error: (issue) => check(String(issue.input)) ?? '',
    })
}

export const text = checked((value) =>
  value.trim() === '' ? 'is empty.' : null,
)

/** Lower case, so that names are the same on every file system. */
const slugPattern = /^[a-z0-9][a-z0-9_-]{0,62}$/

export function isSlug(name: string): boolean {
  return slugPattern.test(name)
}

export const slug = checked((name) =>
  isSlug(name)
    ? null
    : 'is not a name that works everywhere; use lower-case letters, digits, _ and -, at most 63.',
).meta({ pattern: slugPattern.source })

const groupPattern = /^[A-Za-z0-9][\w.:-]{0,62}$/

export const group = checked((name) =>
  groupPattern.test(name)
    ? null
    : `${quoted(name)} is not a group; use letters, digits and . : _ -, such as client:acme.`,
).meta({ pattern: groupPattern.source })

/** How Marketo's REST API spells field names. */
const fieldPattern = /^[A-Za-z][A-Za-z0-9_]{0,254}$/

function checkField(name: string): string | null {
  const field = matchKeys.includes(name) ? keyFields(name)[0] : name
  if (field !== undefined && field !== name) {
    return `${quoted(name)} is a match key, not a field.${meant(field)}`
  }
  if (fieldPattern.test(name)) return null
  return `${quoted(name)} is not a Marketo field name; API names are letters, digits and _, such as leadScore.`
}

/** The API name of a Marketo field; whether it exists is asked later. */
export const fieldName = checked(checkField).meta({
  pattern: fieldPattern.source,
})

/** Standard fields whose names could be taken for misspelt match keys. */
const plainFields = ['title', 'state', 'industry', 'site', 'rating', 'fax']

function checkMatchKey(key: string): string | null {
  if (matchKeys.includes(key) || plainFields.includes(key)) return null
  const [near = null] = nearest(key, matchKeys)
  const isMiswritten = near !== null && near === key.toLowerCase()
  const isNamedLikeField =
    /[A-Z]|__c/.test(key) || (!key.includes('_') && near === null)
  if (fieldPattern.test(key) && isNamedLikeField && !isMiswritten) return null
  if (near !== null) return `${quoted(key)} is not a match key.${meant(near)}`
  return `${quoted(key)} is not a match key; use ${matchKeys.join(', ')}, or a Marketo field such as leadScore.`
}

export const matchKey = checked(checkMatchKey).meta({
  anyOf: [{ enum: matchKeys }, { pattern: fieldPattern.source }],
})

function checkHashInput(word: string): string | null {
  if (isHashInput(word) || fieldPattern.test(word)) return null
  return `${quoted(word)} cannot be hashed; use ${hashInputs.join(', ')}, or a Marketo field.`
}

/** What a hash is made of. */
export const hashInput = checked(checkHashInput).meta({
  anyOf: [{ enum: [...hashInputs] }, { pattern: fieldPattern.source }],
})

const columnPattern = /^[a-z][a-z0-9_]{0,62}$/

/** A column of a model. */
export const column = checked((name) =>
  columnPattern.test(name)
    ? null
    : `${quoted(name)} is not a column name; use lower-case letters, digits and _.`,
).meta({ pattern: columnPattern.source })

const modelPattern = /^[a-z][a-z0-9_]{0,62}(\/[a-z][a-z0-9_]{0,62}){0,4}$/

/** A path under models/ without `.sql`; never out of that folder. */
export const modelPath = checked((path) =>
  modelPattern.test(path)
    ? null
    : `${quoted(path)} is not a model; write its path under models/ without .sql, such as enrich/first_category.`,
).meta({ pattern: modelPattern.source })

const percentPattern = /^(\d{1,3}(?:\.\d+)?)\s*%$/

/** `2%` or 0.02. */
export const share = z
  .union(
    [z.number().refine(isShare, { error: outOfShare }), checked(checkPercent)],
    {
      error: () => 'must be a share such as 2% or 0.02.',
    },
  )
  .meta({
    anyOf: [
      { type: 'number', minimum: 0, maximum: 1 },
      { type: 'string', pattern: percentPattern.source },
    ],
  })

function isShare(value: number): boolean {
  return value >= 0 && value <= 1
}

function outOfShare({ input }: { readonly input?: unknown }): string {
  return `must be a share such as 2% or 0.02, not ${Number(input)}.`
}

function checkPercent(value: string): string | null {
  const percent = percentPattern.exec(value.trim())?.[1]
  if (percent !== undefined && Number(percent) <= 100) return null
  return `must be a share such as 2% or 0.02, not ${quoted(value)}.`
}

/** The share as a number from 0 to 1. */
export function shareOf(value: number | string): number {
  if (typeof value === 'number') return value
  // Divided as text is read, so that 2% is 0.02 and not 0.0200000001.
  return Number(`${value.trim().replace(/\s*%$/, '')}e-2`)
}

/** `100` rows, or `0.1%` of them. */
export const rejects = z
  .union(
    [
      z.int().min(0, { error: () => 'must not be less than 0.' }),
      checked((value) =>
        checkPercent(value) === null
          ? null
          : `must be a number of rows, or a share such as 0.1%, not ${quoted(value)}.`,
      ),
    ],
    { error: () => 'must be a number of rows, or a share such as 0.1%.' },
  )
  .meta({
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: percentPattern.source },
    ],
  })

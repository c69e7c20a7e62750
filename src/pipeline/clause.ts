/** Parts of the YAML form that several kinds of rules share. */
import { z } from 'zod'
import { fieldName, text } from './scalar.js'

const scalar = z.union([z.string(), z.number(), z.boolean()])

export const condition = z
  .union(
    [
      z.string(),
      z.number(),
      z.boolean(),
      z.null(),
      z.array(scalar).min(1),
      z.strictObject({ not: z.null() }),
    ],
    {
      error: () =>
        'must be a value, a pattern such as "*@acme.example", a list of values, null for empty, or { not: null } for present.',
    },
  )
  .describe(
    'A value, a pattern with *, a list of values, null (empty) or { not: null } (present).',
  )

export const where = z
  .record(fieldName, condition)
  .refine((conditions) => Object.keys(conditions).length > 0, {
    error: () => 'names no field.',
  })
  .describe('Conditions on fields; all must hold.')

/** One of several keys, exactly. */
export function oneKey(value: object): boolean {
  return oneKeyBeside([])(value)
}

/** The same, whatever the named keys are. */
export function oneKeyBeside(others: readonly string[]) {
  return (value: object): boolean =>
    Object.entries(value).filter(
      ([key, each]) => each !== undefined && !others.includes(key),
    ).length === 1
}

export const one = { minProperties: 1, maxProperties: 1 }

export const list = z
  .strictObject({
    static: z
      .union([text, z.int().min(1)], {
        error: () => 'must be the name or the id of a static list.',
      })
      .optional()
      .describe('Name or id of a static list.'),
    smart: z
      .union([text, z.int().min(1)], {
        error: () => 'must be the name or the id of a smart list.',
      })
      .optional()
      .describe('Name or id of a smart list.'),
    folder: text
      .optional()
      .describe(
        'Folder of the list, or the end of its path, where several lists have the name.',
      ),
  })
  .refine(
    ({ static: fixed, smart }) =>
      (fixed === undefined) !== (smart === undefined),
    {
      error: () => 'must have one of static and smart (a name or an id).',
    },
  )
  .meta({ oneOf: [{ required: ['static'] }, { required: ['smart'] }] })
  .describe('The list to work on. Left out: every lead.')

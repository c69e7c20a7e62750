/** The YAML form of survivorship: which value of a field stays. */
import { z } from 'zod'
import { one, oneKey, oneKeyBeside, where } from './clause.js'
import { fieldName } from './scalar.js'

/** Rules that take one lead's value whole, so that others can go with it. */
const takingWord = z.enum([
  'winner',
  'most_recent',
  'oldest',
  'max',
  'min',
  'longest',
  'earliest',
  'latest',
  'most_complete',
])

const word = z.enum([
  'winner',
  'most_recent',
  'oldest',
  'max',
  'min',
  'sum',
  'union',
  'longest',
  'earliest',
  'latest',
  'most_complete',
  'most_frequent',
])

const fields = z.array(fieldName).min(1).max(100)

const order = {
  newest: fieldName
    .optional()
    .describe('The value of the lead with the newest date in this field.'),
  oldest: fieldName
    .optional()
    .describe('The value of the lead with the oldest date in this field.'),
  highest: fieldName
    .optional()
    .describe('The value of the lead with the highest number in this field.'),
  lowest: fieldName
    .optional()
    .describe('The value of the lead with the lowest number in this field.'),
  most_complete: fields
    .optional()
    .describe('The value of the lead that fills most of these fields.'),
}

const orders = 'newest, oldest, highest, lowest, most_complete'

const separator = z
  .string()
  .min(1)
  .max(20)
  .describe('What stands between the values, such as ";" or ", ".')

const taking = z
  .union([takingWord, z.strictObject(order).refine(oneKey, oneOf(orders))], {
    error: () =>
      `must be one of ${takingWord.options.join(', ')}, or a mapping such as { newest: updatedAt }.`,
  })
  .describe("A rule that takes one lead's value whole.")

const simple = z.union(
  [
    word,
    z
      .strictObject({ ...order, union: separator.optional() })
      .refine(oneKey, oneOf(`${orders}, union`))
      .meta(one),
  ],
  {
    error: () =>
      `must be one of ${word.options.join(', ')}, or a mapping such as { newest: updatedAt }.`,
  },
)

function oneOf(keys: string) {
  return { error: () => `must have one of ${keys}.` }
}

/** Keys that come with another one. */
const companions: Readonly<Record<string, string>> = {
  else: 'where',
  by: 'group',
}

const mapping = z
  .strictObject({
    ...order,
    union: separator.optional(),
    where: where
      .optional()
      .describe(
        'A value of a lead like this is never overwritten by one of another lead.',
      ),
    else: simple
      .optional()
      .describe('What decides where no lead is like that. Default winner.'),
    with: fieldName
      .optional()
      .describe('The value of the lead that this other field comes from.'),
    group: fields
      .optional()
      .describe(
        'These fields come from one lead, together with the field itself.',
      ),
    by: taking
      .optional()
      .describe('Which lead the group comes from. Default winner.'),
  })
  .refine(
    oneKeyBeside(['else', 'by']),
    oneOf(`${orders}, union, where, with and group`),
  )
  .superRefine((value, context) => {
    for (const [key, owner] of Object.entries(companions)) {
      if (key in value && !(owner in value)) {
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `belongs to ${owner}, which is not here.`,
        })
      }
    }
  })
  .meta({ minProperties: 1, maxProperties: 2 })

const survive = z.union([word, mapping], {
  error: () =>
    `must be one of ${word.options.join(', ')}, or a mapping such as { newest: updatedAt }.`,
})

const consent = z.union(
  [
    z.enum(['any_true', 'all_true', 'earliest', 'latest']),
    z.strictObject({
      strictest: z
        .array(z.union([z.string(), z.number(), z.boolean()]))
        .min(2)
        .describe('Values of the field, the strictest first.'),
    }),
  ],
  {
    error: () =>
      'must be one of any_true, all_true, earliest, latest, or { strictest: [values, the strictest first] }.',
  },
)

export const surviveForm = z
  .record(fieldName, survive)
  .describe('Which value of a field stays. Default: the winner has it.')

export const consentForm = z
  .record(fieldName, consent)
  .describe('Consent fields; standard opt-outs are covered anyway.')

export const fillForm = z
  .enum(['best', 'most_recent', 'oldest'])
  .describe(
    'Whose value fills what the winner has empty: the next best lead, the most recently updated, or the oldest. Default best.',
  )

export type SurviveForm = z.infer<typeof survive>
export type SimpleForm = z.infer<typeof simple>
export type ConsentForm = z.infer<typeof consent>

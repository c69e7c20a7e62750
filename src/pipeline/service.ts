import { z } from 'zod'
import { column, fieldName, matchKey, modelPath, text } from './scalar.js'

const scalar = z.union([z.string(), z.number(), z.boolean()])

const condition = z
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

const where = z
  .record(fieldName, condition)
  .refine((conditions) => Object.keys(conditions).length > 0, {
    error: () => 'names no field.',
  })
  .describe('Conditions on fields; all must hold.')

/** One of several keys, exactly. */
function oneKey(value: object): boolean {
  return Object.values(value).filter((each) => each !== undefined).length === 1
}

const one = { minProperties: 1, maxProperties: 1 }

const matchRule = z
  .strictObject({
    same: z
      .array(matchKey)
      .min(1)
      .max(8)
      .describe('Leads are one person when all of these are equal.'),
  })
  .describe('A rule that makes two leads one person.')

const neverRule = z
  .strictObject({
    differ: fieldName
      .optional()
      .describe('Never merge leads whose values of this field differ.'),
    where: where.optional().describe('Never merge a lead like this.'),
  })
  .refine(oneKey, { error: () => 'must have one of differ and where.' })
  .meta(one)

const winnerRule = z
  .union(
    [
      z.enum(['crm_contact', 'crm_lead', 'most_complete']),
      z
        .strictObject({
          highest: fieldName.optional(),
          lowest: fieldName.optional(),
          newest: fieldName.optional(),
          oldest: fieldName.optional(),
          where: where.optional(),
        })
        .refine(oneKey, {
          error: () =>
            'must have one of highest, lowest, newest, oldest and where.',
        })
        .meta(one),
    ],
    {
      error: () =>
        'must be crm_contact, crm_lead, most_complete, or a mapping such as { newest: updatedAt }.',
    },
  )
  .describe('What decides; later rules decide where earlier ones tie.')

const list = z
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

const survive = z.enum([
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
])

const dedupeSchema = z.strictObject({
  type: z.literal('dedupe'),
  list: list.optional(),
  match: z
    .array(matchRule, {
      error: (issue) =>
        issue.code === 'invalid_type' && issue.input !== undefined
          ? 'must be a list of rules such as - same: [email]; this version matches by `same` only.'
          : undefined,
    })
    .min(1)
    .max(50)
    .describe('Leads that any one rule joins are one person.'),
  never: z.array(neverRule).optional().describe('What must not be merged.'),
  winner: z
    .array(winnerRule)
    .optional()
    .describe(
      'Which lead stays. Default CRM contact, CRM lead, newest, lowest id.',
    ),
  survive: z
    .record(fieldName, survive)
    .optional()
    .describe('Which value of a field stays. Default: the winner has it.'),
  consent: z
    .record(fieldName, z.enum(['any_true', 'all_true', 'earliest', 'latest']))
    .optional()
    .describe('Consent fields; standard opt-outs are covered anyway.'),
  stamp: z
    .record(fieldName, z.enum(['count', 'ids', 'date', 'cluster']))
    .optional()
    .describe('What to note on the lead that stays.'),
  crm: z
    .strictObject({
      merge: z
        .boolean()
        .optional()
        .describe('Also merge in the CRM (mergeInCRM). Default false.'),
    })
    .optional(),
})

const hashRule = z.strictObject({
  algorithm: z
    .enum(['sha256', 'sha1', 'md5'])
    .optional()
    .describe('Default sha256; the others are legacy.'),
  profile: z
    .enum(['none', 'google', 'meta', 'tiktok', 'linkedin', 'uid2'])
    .optional()
    .describe('Whose rules the address is normalised by. Default none.'),
  encoding: z
    .enum(['hex', 'base64'])
    .optional()
    .describe('Default hex, and base64 for uid2.'),
})

const hashSchema = z.strictObject({
  type: z.literal('hash'),
  list: list.optional(),
  write: z
    .record(fieldName, hashRule)
    .describe('Target field and how the email becomes its value.'),
})

const domainSchema = z.strictObject({
  type: z.literal('domain'),
  list: list.optional(),
  write: z
    .record(fieldName, z.enum(['host', 'domain', 'type', 'suggestion']))
    .describe('Target field and what it says of the email domain.'),
})

const enrichSchema = z.strictObject({
  type: z.literal('enrich'),
  list: list.optional(),
  model: modelPath.describe('Path of the model under models/.'),
  write: z
    .record(fieldName, column)
    .describe('Target field and the column of the model.'),
})

export const serviceSchema = z.discriminatedUnion('type', [
  dedupeSchema,
  hashSchema,
  domainSchema,
  enrichSchema,
])

export type ServiceForm = z.infer<typeof serviceSchema>
export type ConditionForm = z.infer<typeof condition>

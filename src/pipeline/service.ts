import { z } from 'zod'
import { type condition, list, one, oneKey, where } from './clause.js'
import { column, fieldName, matchKey, modelPath } from './scalar.js'
import { consentForm, fillForm, surviveForm } from './survive-form.js'
import { winnerForm } from './winner-form.js'

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
  winner: winnerForm.optional(),
  survive: surviveForm.optional(),
  fill: fillForm.optional(),
  consent: consentForm.optional(),
  stamp: z
    .record(
      fieldName,
      z.enum(['count', 'ids', 'date', 'cluster', 'service', 'rule']),
    )
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

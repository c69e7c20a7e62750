import { z } from 'zod'
import { type condition, list } from './clause.js'
import { matchRule, neverRule } from './match-form.js'
import {
  column,
  fieldName,
  hashInput,
  modelPath,
  share,
  text,
} from './scalar.js'
import { consentForm, fillForm, surviveForm } from './survive-form.js'
import { winnerForm } from './winner-form.js'

const autoForm = z
  .strictObject({
    fields: z
      .array(fieldName)
      .max(5)
      .optional()
      .describe('Fields that name a person, such as a customer number.'),
    merge: share
      .optional()
      .describe('Probability from which leads are merged. Default 97%.'),
    review: share
      .optional()
      .describe('Probability from which a person decides. Default 50%.'),
    prior: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('Share of all pairs that are one person. Default: learned.'),
  })
  .describe('Matching by probability, beside the rules of match.')

const enabled = z
  .boolean()
  .optional()
  .describe('false: runs leave this service out. Default true.')

const dedupeSchema = z.strictObject({
  type: z.literal('dedupe'),
  enabled,
  list: list.optional(),
  match: z
    .union([z.literal('auto'), z.array(matchRule).min(1).max(50)], {
      error: (issue) =>
        issue.input === undefined
          ? 'is missing; it must be `auto`, or a list of rules such as - same: [email].'
          : 'must be `auto`, or a list of rules such as - same: [email].',
    })
    .describe(
      'Leads that any one rule joins are one person. auto: by probability.',
    ),
  auto: autoForm.optional(),
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

const kept = z.enum(['keep', 'remove']).optional()

const hashRule = z.strictObject({
  input: hashInput
    .optional()
    .describe(
      'What is hashed: email (the default), phone, mobile_phone, first_name, last_name, date_of_birth or a field.',
    ),
  algorithm: z
    .enum(['sha256', 'hmac-sha256', 'sha1', 'md5'])
    .optional()
    .describe('Default sha256; sha1 and md5 are legacy.'),
  profile: z
    .enum(['none', 'plain', 'google', 'meta', 'tiktok', 'linkedin', 'uid2'])
    .optional()
    .describe(
      'Whose rules the value is normalised by. Default none: hashed as it is. plain: trimmed, in lower case.',
    ),
  version: z
    .int()
    .min(1)
    .optional()
    .describe('Version of the profile. Default its newest.'),
  encoding: z
    .enum(['hex', 'base64'])
    .optional()
    .describe('Default hex, and base64 for uid2.'),
  key: z
    .string({
      error: () =>
        'must be a reference to an environment variable, such as ${ACME_HASH_KEY}.',
    })
    .optional()
    .describe(
      'Key of an HMAC: a reference such as ${ACME_HASH_KEY}; never the value.',
    ),
  key_encoding: z
    .enum(['text', 'hex', 'base64'])
    .optional()
    .describe('How the variable writes the key. Default text.'),
  tag: kept.describe('tiktok: what follows a plus before the @. Default keep.'),
  dots: kept.describe('tiktok: dots before the @. Default keep.'),
  plus: kept.describe('tiktok: the + of a phone number. Default keep.'),
})

const hashSchema = z.strictObject({
  type: z.literal('hash'),
  enabled,
  list: list.optional(),
  write: z
    .record(fieldName, hashRule)
    .describe('Target field and what is hashed into it.'),
})

const listChange = z
  .strictObject({
    add: text.optional().describe('A CSV of domains to add.'),
    remove: text.optional().describe('A CSV of domains to take out.'),
    replace: text.optional().describe('A CSV of domains to use instead.'),
  })
  .refine(
    ({ add, remove, replace }) =>
      replace === undefined
        ? add !== undefined || remove !== undefined
        : add === undefined && remove === undefined,
    { error: () => 'must have add or remove or both, or replace alone.' },
  )

const domainSchema = z.strictObject({
  type: z.literal('domain'),
  enabled,
  list: list.optional(),
  write: z
    .record(
      fieldName,
      z.enum([
        'host',
        'domain',
        'unicode',
        'type',
        'suggestion',
        'problem',
        'company',
      ]),
    )
    .describe('Target field and what it says of the email domain.'),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('How sure a suggestion must be to be written. Default 0.8.'),
  private_suffixes: z
    .boolean()
    .optional()
    .describe(
      'Whether suffixes that companies let others register under count, so that acme.uk.com is a domain. Default true.',
    ),
  lists: z
    .strictObject({
      free: listChange.optional(),
      disposable: listChange.optional(),
      relay: listChange.optional(),
      role: listChange.optional(),
      popular: listChange.optional(),
    })
    .optional()
    .describe('Lists of your own; files from the folder of this file.'),
})

const enrichSchema = z.strictObject({
  type: z.literal('enrich'),
  enabled,
  list: list.optional(),
  model: modelPath.describe('Path of the model under models/.'),
  write: z
    .record(fieldName, column)
    .describe('Target field and the column of the model.'),
  on_too_long: z
    .enum(['refuse', 'skip'])
    .optional()
    .describe(
      'A value longer than its field: refuse to plan (the default), or skip it.',
    ),
})

export const serviceSchema = z.discriminatedUnion('type', [
  dedupeSchema,
  hashSchema,
  domainSchema,
  enrichSchema,
])

export type ServiceForm = z.infer<typeof serviceSchema>
export type ConditionForm = z.infer<typeof condition>

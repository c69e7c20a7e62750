/** The YAML form of what makes two leads one person, and of what forbids it. */
import { z } from 'zod'
import { list, oneKey, where } from './clause.js'
import { checked, fieldName, matchKey } from './scalar.js'

const block = z
  .array(
    z.union([matchKey, z.array(matchKey).min(1).max(4)], {
      error: () =>
        'must be a key, or a list of keys that have to be equal together.',
    }),
  )
  .min(1)
  .max(6)
  .describe(
    'Only leads that are equal in one of these are compared; a list in the list means all of its keys together.',
  )

export const matchRule = z
  .strictObject({
    same: z
      .array(matchKey)
      .min(1)
      .max(8)
      .optional()
      .describe('Leads are one person when all of these are equal.'),
    similar: z
      .record(
        matchKey,
        z
          .number({ error: () => 'must be a number above 0, at most 1.' })
          .gt(0, { error: () => 'must be above 0; 0.9 is a good beginning.' })
          .max(1, { error: () => 'must be at most 1, which is equal.' }),
      )
      .refine((keys) => Object.keys(keys).length > 0, {
        error: () => 'names no key.',
      })
      .optional()
      .describe('… and when each of these is at least so similar, 0 to 1.'),
    block: block.optional(),
    where: where.optional().describe('Both leads fulfil these conditions.'),
    list: list.optional().describe('Both leads are on this list.'),
  })
  .refine((rule) => rule.same !== undefined || rule.similar !== undefined, {
    error: () => 'must have same, similar or both.',
  })
  .refine(
    (rule) =>
      rule.similar === undefined ||
      rule.same !== undefined ||
      rule.block !== undefined,
    {
      error: () =>
        'compares every lead with every other; name keys that have to be equal, such as block: [last_name_sound, email_domain].',
    },
  )
  .refine((rule) => rule.block === undefined || rule.similar !== undefined, {
    error: () => 'has block without similar; write its keys under same.',
  })
  .meta({ anyOf: [{ required: ['same'] }, { required: ['similar'] }] })
  .describe('A rule that makes two leads one person.')

const domainPattern = /^(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}$/u

const domain = checked((text) =>
  domainPattern.test(text)
    ? null
    : 'must be a domain of email addresses without the @, such as acme.com.',
).meta({ pattern: '^[^@\\s]+\\.[^@\\s]+$' })

const neverClauses = 'differ, where, employees, intentional and extra_key'

export const neverRule = z
  .union(
    [
      z.enum(['partition', 'household']),
      z
        .strictObject({
          differ: fieldName
            .optional()
            .describe('Never merge leads whose values of this field differ.'),
          where: where.optional().describe('Never merge a lead like this.'),
          employees: z
            .array(domain)
            .min(1)
            .optional()
            .describe('Never merge people of these email domains: our own.'),
          intentional: fieldName
            .optional()
            .describe('Never merge leads that this field marks as wanted.'),
          extra_key: fieldName
            .optional()
            .describe(
              'Never merge leads unless this field agrees or is empty on both.',
            ),
        })
        .refine(oneKey, { error: () => `must have one of ${neverClauses}.` })
        .meta({ minProperties: 1, maxProperties: 1 }),
    ],
    {
      error: () =>
        `must be partition, household, or a mapping with one of ${neverClauses}.`,
    },
  )
  .describe(
    'What keeps leads apart. partition: leads of different partitions; household: one address and surname, other first names.',
  )

export type MatchForm = z.infer<typeof matchRule>
export type NeverForm = z.infer<typeof neverRule>

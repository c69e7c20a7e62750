/** The YAML form of winner rules: which lead of a cluster stays. */
import { z } from 'zod'
import { list, oneKeyBeside, where } from './clause.js'
import { fieldName } from './scalar.js'

const word = z.enum([
  'crm_contact',
  'crm_lead',
  'crm_synced',
  'has_account',
  'has_opportunity',
  'most_recent',
  'most_complete',
])

const fields = z.array(fieldName).min(1).max(100)

const order = {
  highest: fieldName.optional(),
  lowest: fieldName.optional(),
  newest: fieldName.optional(),
  oldest: fieldName.optional(),
  most_complete: fields
    .optional()
    .describe('The lead that fills most of these fields.'),
  where: where.optional(),
  list: list.optional().describe('Leads on this list come first.'),
}

const orders = 'highest, lowest, newest, oldest, most_complete, where'

const part = z
  .strictObject({
    points: z
      .number()
      .describe('What the lead gets that is the best by the rule beside it.'),
    rule: word.optional(),
    ...order,
  })
  .refine(oneKeyBeside(['points']), {
    error: () => `must have points, and one of rule, ${orders} and list.`,
  })
  .meta({ minProperties: 2, maxProperties: 2 })

const winnerRule = z
  .union(
    [
      word,
      z
        .strictObject({
          ...order,
          score: z
            .array(part)
            .min(1)
            .max(50)
            .optional()
            .describe('Points are summed; the lead with the most comes first.'),
          delta: z
            .number()
            .min(0)
            .optional()
            .describe(
              'By how many points the best must lead; less is a tie. Default 1.',
            ),
        })
        .refine(oneKeyBeside(['delta']), {
          error: () => `must have one of ${orders}, list and score.`,
        })
        .refine(
          ({ delta, score }) => delta === undefined || score !== undefined,
          { error: () => 'has a delta, which belongs to a score.' },
        )
        .meta({ minProperties: 1, maxProperties: 2 }),
    ],
    {
      error: () =>
        'must be crm_contact, crm_lead, crm_synced, has_account, has_opportunity, most_recent, most_complete, or a mapping such as { newest: updatedAt }.',
    },
  )
  .describe('What decides; later rules decide where earlier ones tie.')

const rules = z.array(winnerRule).max(50)

const choice = z
  .strictObject({
    by: z
      .enum(['in_order', 'first_alone', 'all'])
      .optional()
      .describe(
        'in_order: later rules decide among those that earlier ones left. first_alone: the first rule of which one lead alone is the best. all: the one lead that is the best by every rule. Default in_order.',
      ),
    rules: rules.min(1),
    else: z
      .enum(['lowest_id', 'review'])
      .optional()
      .describe(
        'What happens where the rules leave a tie. Default lowest_id for in_order, review otherwise.',
      ),
  })
  .describe('Winner rules with a say in how they decide.')

export const winnerForm = z
  .union([rules, choice], {
    error: () =>
      'must be a list of rules, or a mapping such as { by: first_alone, rules: [crm_contact] }.',
  })
  .describe(
    'Which lead stays. Default CRM contact, CRM lead, newest, lowest id.',
  )

export type WinnerForm = z.infer<typeof winnerForm>
export type WinnerRuleForm = z.infer<typeof winnerRule>
export type WinnerPartForm = z.infer<typeof part>

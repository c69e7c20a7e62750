import { z } from 'zod'
import { alertSchema } from './alert-form.js'
import { fieldName, group, rejects, share, slug, text } from './scalar.js'
import { scheduleSchema } from './schedule.js'
import { serviceSchema } from './service.js'
import { sourceSchema } from './source.js'
import { day } from './time.js'

/**
 * The YAML form of a pipeline file. The JSON Schema that editors complete
 * with is generated from it; `normalise` fills in what a person left out.
 */

const count = z.int().min(1)

const budgetSchema = z
  .strictObject({
    calls_per_day: count
      .max(1_000_000)
      .optional()
      .describe('API calls this pipeline may make in a day. Default 20000.'),
    calls_per_20s: count
      .max(100)
      .optional()
      .describe('Calls in any 20 seconds; Marketo allows 100. Default 50.'),
    concurrency: count
      .max(10)
      .optional()
      .describe('Calls at the same time; Marketo allows 10. Default 5.'),
    export_mb_per_day: count
      .max(1_000_000)
      .optional()
      .describe('Megabytes of bulk export in a day. Default 400.'),
  })
  .describe('How much of the quota this pipeline may use.')

const timeScale = z
  .number()
  .min(1)
  .max(100_000)
  .optional()
  .describe('How many times faster the clock of a sandbox runs.')

const sandboxSchema = z.strictObject({
  sandbox: z
    .strictObject({
      leads: z
        .int()
        .min(0)
        .max(5_000_000)
        .optional()
        .describe('How many leads to generate. Default 3000.'),
      seed: z
        .int()
        .min(0)
        .optional()
        .describe('The same seed gives the same leads. Default 7.'),
      from: text
        .optional()
        .describe(
          'A CSV shaped like a Marketo export, instead of leads; its path goes from the folder of this file.',
        ),
    })
    .describe('A Marketo simulator that the run starts itself.'),
  time_scale: timeScale,
  budget: budgetSchema.optional(),
})

/** What was written is never repeated in a message. */
const secret = z.string({
  error: (issue) =>
    `${issue.input === undefined ? 'is missing; it ' : ''}must be a reference to an environment variable, such as \${ACME_MARKETO_CLIENT_SECRET}.`,
})

const instanceSchema = z.strictObject({
  endpoint: text.describe(
    'https://123-ABC-456.mktorest.com, or a reference such as ${ACME_MARKETO_ENDPOINT}.',
  ),
  client_id: secret.describe('A reference such as ${ACME_MARKETO_CLIENT_ID}.'),
  client_secret: secret.describe(
    'A reference such as ${ACME_MARKETO_CLIENT_SECRET}; never the value.',
  ),
  time_scale: timeScale,
  budget: budgetSchema.optional(),
})

export const marketoSchema = z
  .union([z.literal('sandbox'), sandboxSchema, instanceSchema], {
    error: (issue) =>
      `${issue.input === undefined ? 'is missing; it ' : ''}must be \`sandbox\`, or a mapping with endpoint, client_id and client_secret.`,
  })
  .describe('The Marketo instance, or `sandbox`.')

const loadSchema = z
  .strictObject({
    apply: z
      .enum(['review', 'auto'])
      .optional()
      .describe(
        'review: stop at the plan. auto: apply it when the guardrails hold. Default review.',
      ),
    keep: z
      .array(z.enum(['lists', 'programs']))
      .optional()
      .describe(
        'Keeps which static lists, and which programs with which status, each lead of a merge has before it, so that restore can put a lost lead back there; one call more for each lead and kind. Default neither.',
      ),
    keep_lists: z
      .boolean()
      .optional()
      .describe('Older way of saying `keep: [lists]`. Default false.'),
    bulk_import: z
      .enum(['auto', 'never'])
      .optional()
      .describe(
        'auto: updates go by bulk import where that takes fewer calls. never: always by sync calls. Default auto.',
      ),
    crm_records_per_hour: z
      .int()
      .min(1)
      .optional()
      .describe(
        'Most leads linked to the CRM that may change in an hour, so that its sync can follow. Default: not limited.',
      ),
    guardrails: z
      .strictObject({
        merges: z
          .int()
          .min(0)
          .optional()
          .describe('Most merges in one plan. Default 500.'),
        merge_share: share
          .optional()
          .describe('Largest share of leads that may go. Default 2%.'),
        updates: z
          .int()
          .min(0)
          .optional()
          .describe('Most field updates in one plan. Default 50000.'),
        cluster_size: z
          .int()
          .min(2)
          .optional()
          .describe('Most leads in one cluster. Default 10.'),
        consent_changes: z
          .int()
          .min(0)
          .optional()
          .describe('Most consent fields to change. Default: not limited.'),
        crm_merges: z
          .int()
          .min(0)
          .optional()
          .describe(
            'Most merges with a lead that the CRM knows. Default: not limited.',
          ),
        min_precision: share
          .optional()
          .describe(
            'Least precision that labels of sampled merges must prove, such as 99%. Default: not asked.',
          ),
      })
      .optional()
      .describe('Limits that stop a plan until someone approves it.'),
  })
  .describe('What happens with a plan.')

export const pipelineSchema = z.strictObject({
  description: text.optional().describe('What this pipeline is, in a line.'),
  owner: text.optional().describe('Who answers for it.'),
  groups: z
    .array(group)
    .optional()
    .describe('Labels; commands accept group:NAME.'),
  marketo: marketoSchema,
  extract: z
    .strictObject({
      fields: z
        .array(fieldName)
        .optional()
        .describe('Fields for analysts; what the rules need is added.'),
      start: day
        .optional()
        .describe('Oldest createdAt wanted, such as 2015-01-01.'),
      rejects: rejects
        .optional()
        .describe(
          'Broken rows of one file that may be set aside: a number, or a share such as 0.1% (the default, and ten rows of any file).',
        ),
      keep_days: z
        .int()
        .min(0)
        .max(3650)
        .optional()
        .describe(
          'Days that landing files are kept. Default: the last three extracts; what later ones rest on stays anyway.',
        ),
      contract: z
        .enum(['evolve', 'freeze'])
        .optional()
        .describe(
          'evolve: changed fields are recorded. freeze: one that the pipeline uses stops it before any export. Default evolve.',
        ),
    })
    .optional()
    .describe('What to export beyond what the rules need.'),
  source: sourceSchema.optional(),
  services: z
    .record(slug, serviceSchema)
    .optional()
    .describe('What to do, in this order of precedence.'),
  load: loadSchema.optional(),
  schedule: scheduleSchema.optional(),
  alert: z.array(alertSchema).optional().describe('Whom to tell, and when.'),
})

export type PipelineForm = z.infer<typeof pipelineSchema>
export type MarketoForm = z.infer<typeof marketoSchema>

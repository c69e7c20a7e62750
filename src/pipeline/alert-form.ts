/** Whom a pipeline tells, and when: the YAML form, and what it stands for. */
import { z } from 'zod'
import type { Alert, AlertChannel, AlertEvent } from './policy.js'
import { type Environment, resolve } from './reference.js'
import { checked } from './scalar.js'

export const alertEvents = [
  'failed',
  'review',
  'paused',
  'done',
  'recovered',
  'overdue',
] as const

const channels = ['slack', 'email', 'webhook', 'github'] as const

/** What was written is never repeated in a message. */
const secret = z.string({
  error: (issue) =>
    `${issue.input === undefined ? 'is missing; it ' : ''}must be a reference to an environment variable, such as \${ACME_SLACK_WEBHOOK}.`,
})

const address = checked((value) =>
  /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(value) || value.includes('${')
    ? null
    : 'must be one e-mail address, such as ops@acme.example.',
)

const emailSchema = z.strictObject({
  smtp: secret.describe(
    'smtps://user:${SMTP_PASSWORD}@mail.acme.example:465, or a reference to all of it.',
  ),
  to: z.array(address).min(1).describe('Who gets it.'),
  from: address.describe('Whom it comes from.'),
})

export const alertSchema = z
  .strictObject({
    slack: secret
      .optional()
      .describe('The webhook, as a reference such as ${ACME_SLACK_WEBHOOK}.'),
    email: emailSchema.optional().describe('By a mail server of yours.'),
    webhook: secret
      .optional()
      .describe('An address that takes JSON by POST, as a reference.'),
    github: z
      .literal(true)
      .optional()
      .describe('Step summary and annotations, where GitHub Actions runs it.'),
    on: z
      .array(z.enum(alertEvents))
      .min(1)
      .optional()
      .describe(
        'When to tell. Default failed, review, paused, recovered and overdue.',
      ),
  })
  .refine((form) => channelsOf(form).length === 1, {
    error: `must have one of ${channels.join(', ')}; write another item for another.`,
  })

export type AlertForm = z.infer<typeof alertSchema>

function channelsOf(form: object): string[] {
  return channels.filter((name) => name in form)
}

/** GitHub's summary is there to be looked at, so it says success, too. */
const usual: readonly AlertEvent[] = [
  'failed',
  'review',
  'paused',
  'recovered',
  'overdue',
]

export function alertOf(
  form: AlertForm,
  env: Environment,
  secrets: 'required' | 'ignored',
): Alert {
  const value = (text: string) =>
    secrets === 'ignored' ? text : resolve(text, env)
  const channel = channelOf(form, value)
  const more: AlertEvent[] = channel.kind === 'github' ? ['done'] : []
  return { channel, on: form.on ?? [...usual, ...more] }
}

function channelOf(
  { slack, email, webhook }: AlertForm,
  value: (text: string) => string,
): AlertChannel {
  if (slack !== undefined) return { kind: 'slack', url: value(slack) }
  if (webhook !== undefined) return { kind: 'webhook', url: value(webhook) }
  if (email === undefined) return { kind: 'github' }
  return {
    kind: 'email',
    smtp: value(email.smtp),
    to: email.to.map((to) => value(to)),
    from: value(email.from),
  }
}

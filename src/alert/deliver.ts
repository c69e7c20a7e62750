/** Brings a message to the channels that want it, or to another one. */
import type { Clock } from '../clock.js'
import { asError } from '../error.js'
import type { Alert, AlertChannel } from '../pipeline/policy.js'
import { sendEmail } from './email.js'
import { type GithubPlace, sendGithub } from './github.js'
import type { Message } from './message.js'
import { DeliveryError, post } from './post.js'
import { slackBody } from './slack.js'

export interface Delivery {
  readonly clock: Clock
  /** null where GitHub Actions does not run it. */
  readonly github: GithubPlace | null
  /** Addresses on this machine, for pipelines whose Marketo is here. */
  readonly allowLoopback: boolean
  /** Hears of each attempt that ended; `why` null: delivered. */
  readonly heard: (channel: AlertChannel['kind'], why: string | null) => void
}

/** Tries of one channel. */
const tries = 3

/**
 * Sends to every channel that wants the event. Where none of them can be
 * reached, the others are tried in their order. Never throws; tells whether
 * the message arrived somewhere.
 */
export async function deliver(
  message: Message,
  alerts: readonly Alert[],
  delivery: Delivery,
): Promise<boolean> {
  const able = alerts.filter(({ channel }) => isThere(channel, delivery))
  const wanting = able.filter(({ on }) => on.includes(message.event))
  if (wanting.length === 0) return false
  const arrived = await Promise.all(
    wanting.map(({ channel }) => attempt(message, channel, delivery)),
  )
  if (arrived.some(Boolean)) return true
  for (const { channel } of able) {
    if (wanting.some((one) => one.channel === channel)) continue
    if (await attempt(message, channel, delivery)) return true
  }
  return false
}

/** Whether any channel would carry the event. */
export function wants(
  alerts: readonly Alert[],
  event: Message['event'],
): boolean {
  return alerts.some(({ on }) => on.includes(event))
}

function isThere(channel: AlertChannel, { github }: Delivery): boolean {
  return channel.kind !== 'github' || github !== null
}

async function attempt(
  message: Message,
  channel: AlertChannel,
  delivery: Delivery,
): Promise<boolean> {
  const { clock, heard } = delivery
  for (let left = tries - 1; ; left -= 1) {
    try {
      await send(message, channel, delivery)
      heard(channel.kind, null)
      return true
    } catch (thrown) {
      const isKnown = thrown instanceof DeliveryError
      const mayRetry = isKnown && thrown.retry && left > 0
      if (!mayRetry) {
        heard(channel.kind, isKnown ? thrown.message : wordsOf(thrown))
        return false
      }
      await clock.sleep(1000 * (tries - left))
    }
  }
}

/** Of a foreign error only its kind: its text may hold the address. */
function wordsOf(thrown: unknown): string {
  const error = asError(thrown)
  const code = 'code' in error ? String(error.code) : error.name
  return `It could not be sent (${code}).`
}

async function send(
  message: Message,
  channel: AlertChannel,
  { github, allowLoopback }: Delivery,
): Promise<void> {
  if (channel.kind === 'slack') {
    const { url } = channel
    await post({ url, body: slackBody(message), allowLoopback })
  } else if (channel.kind === 'webhook') {
    const { url } = channel
    await post({ url, body: webhookBody(message), allowLoopback })
  } else if (channel.kind === 'email') await sendEmail(message, channel)
  else if (github !== null) await sendGithub(message, github)
}

/** Stable names, for programs; `version` rises when they change. */
function webhookBody(message: Message): object {
  return {
    version: 1,
    event: message.event,
    pipeline: message.pipeline,
    cause: message.cause,
    title: message.title,
    facts: Object.fromEntries(
      message.facts.map(([label, text]) => [
        label.toLowerCase().replace(' ', '_'),
        text,
      ]),
    ),
    next: message.next,
    run_id: message.runId,
    link: message.link,
    at: message.at,
  }
}

/** Plain mail by a server of one's own. */
import type { AlertChannel } from '../pipeline/policy.js'
import type { Message } from './message.js'
import { DeliveryError } from './post.js'

type Email = Extract<AlertChannel, { kind: 'email' }>

const timeout = 10_000

export async function sendEmail(
  message: Message,
  { smtp, to, from }: Email,
): Promise<void> {
  // Loaded only where mail is sent.
  const { createTransport } = await import('nodemailer')
  const url = new URL(smtp)
  const hasLogin = url.username !== ''
  const isHere = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)
  const isSecure = url.protocol === 'smtps:'
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    secure: isSecure,
    // A password never goes over an open line.
    requireTLS: !isSecure && hasLogin && !isHere,
    ...(hasLogin && {
      auth: {
        user: decodeURIComponent(url.username),
        pass: decodeURIComponent(url.password),
      },
    }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject: `[pipeline] ${message.title}`,
      text: mailText(message),
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
  } catch (error) {
    throw asDelivery(error)
  } finally {
    transport.close()
  }
}

/** What the server said may quote the mail; its code does not. */
function asDelivery(error: unknown): DeliveryError {
  const code =
    error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  const answer =
    error instanceof Error &&
    'responseCode' in error &&
    typeof error.responseCode === 'number'
      ? error.responseCode
      : null
  const isFinal = code === 'EAUTH' || (answer !== null && answer >= 500)
  const said = answer === null ? code : `${code}, ${answer}`
  return new DeliveryError(`The mail server refused it (${said}).`, !isFinal)
}

export function mailText({
  facts,
  next,
  runId,
  pipeline,
  link,
}: Message): string {
  const width = Math.max(...facts.map(([label]) => label.length), 4)
  const line = (label: string, text: string) =>
    `${label.padEnd(width)}  ${text}`
  return [
    ...facts.map(([label, text]) => line(label, text)),
    ...(next === '' ? [] : [line('Next', next)]),
    ...(runId === null ? [] : [line('Run', `${pipeline} ${runId}`)]),
    ...(link === null ? [] : [line('Page', link)]),
    '',
  ].join('\n')
}

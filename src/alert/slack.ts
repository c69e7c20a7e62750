/** Slack's Block Kit. Everything is escaped, so nobody is called. Pure. */
import type { Message } from './message.js'

const icon: Readonly<Record<Message['event'], string>> = {
  failed: ':red_circle:',
  review: ':large_yellow_circle:',
  paused: ':large_yellow_circle:',
  done: ':large_green_circle:',
  recovered: ':large_green_circle:',
  overdue: ':red_circle:',
}

export function slackBody(message: Message): object {
  const facts = message.facts.map(
    ([label, text]) => `*${label}*  ${escaped(text)}`,
  )
  const next =
    message.next === ''
      ? []
      : [`*Next*  \`${escaped(message.next.replaceAll('`', ''))}\``]
  const link =
    message.link === null ? [] : [`<${escaped(message.link)}|Look at the run>`]
  const footer = [message.pipeline, message.runId ?? '', message.at]
  return {
    text: escaped(message.title),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      section(`${icon[message.event]} *${escaped(message.title)}*`),
      section([...facts, ...next, ...link].join('\n')),
      {
        type: 'context',
        elements: [
          {
            type: 'plain_text',
            emoji: false,
            text: footer.filter((part) => part !== '').join(' · '),
          },
        ],
      },
    ],
  }
}

function section(text: string): object {
  return {
    type: 'section',
    text: { type: 'mrkdwn', verbatim: true, text: text.slice(0, 3000) },
  }
}

/** Slack's three entities: without them nothing is a link or a call. */
function escaped(text: string): string {
  return text.replace(/[<>&]/g, entity)
}

function entity(character: string): string {
  return character === '<' ? '&lt;' : character === '>' ? '&gt;' : '&amp;'
}

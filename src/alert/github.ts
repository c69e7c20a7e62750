/** The step summary and the annotations of GitHub Actions. */
import { appendFile } from 'node:fs/promises'
import type { Message } from './message.js'

export interface GithubPlace {
  /** The file that GITHUB_STEP_SUMMARY names. */
  readonly summary: string
  /** Where workflow commands are read from. */
  readonly write: (text: string) => unknown
}

export async function sendGithub(
  message: Message,
  { summary, write }: GithubPlace,
): Promise<void> {
  await appendFile(summary, summaryText(message))
  write(annotation(message))
}

/** Markdown with nothing in it but what the message says. */
function summaryText({ title, facts, next, runId }: Message): string {
  const rows = facts.map(
    ([label, text]) => `| ${escaped(label)} | ${escaped(text)} |`,
  )
  const run = runId === null ? [] : [`| Run | ${escaped(runId)} |`]
  const command = next === '' ? [] : [`| Next | \`${code(next)}\` |`]
  return [
    `### ${escaped(title)}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows,
    ...command,
    ...run,
    '',
    '',
  ].join('\n')
}

const kind: Readonly<Record<Message['event'], string>> = {
  failed: 'error',
  overdue: 'error',
  review: 'warning',
  paused: 'warning',
  done: 'notice',
  recovered: 'notice',
}

/** A workflow command; what it says cannot begin another one. */
function annotation({ event, title, facts, next }: Message): string {
  const [, what = ''] = facts[0] ?? []
  const text = next === '' ? what : `${what} Next: ${next}`
  return `::${kind[event]} title=${property(title)}::${data(text)}\n`
}

function data(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~@:-]/g, (mark) => `\\${mark}`)
    .replace(/\s+/g, ' ')
}

function code(text: string): string {
  return text.replace(/[`|\r\n]/g, ' ')
}

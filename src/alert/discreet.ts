/** Text of a message without secrets, addresses or ways to drive a reader. */
import { redactor } from '../log.js'
import type { Message } from './message.js'

/** Messages quote rules and counts; whatever looks personal is taken out. */
const personal = [
  /[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}.-]+\.[\p{L}]{2,}/gu,
  /\+\d[\d ().-]{7,}\d/g,
]

/** Longest text of a fact; a page of stack helps nobody on a phone. */
const longest = 600

export function discreet(
  message: Message,
  secrets: readonly string[],
): Message {
  const hide = redactor(secrets)
  const clean = (text: string) => cut(plain(masked(hide(text))))
  return {
    ...message,
    title: clean(message.title),
    facts: message.facts.map(([label, text]) => [label, clean(text)] as const),
  }
}

function masked(text: string): string {
  return personal.reduce(
    (rest, pattern) => rest.replace(pattern, '[left out]'),
    text,
  )
}

/** One line, without control characters or marks that reorder text. */
function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/gu, ' ')
    .trim()
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

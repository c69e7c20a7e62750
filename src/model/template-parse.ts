/** Where a template does not parse, from what the parser tells. */
import {
  type Location,
  locationIn,
  type Template,
  TemplateError,
} from './template-error.js'

/** Handlebars tells the line only and shows the text around the place. */
function shownPlace(text: string, message: string): number {
  const [, excerpt = '', caret = ''] = message.split('\n')
  const before = excerpt
    .slice(0, caret.length - 1)
    .replace(/^\.\.\.(?=.{20}$)/, '')
  const after = excerpt.slice(caret.length - 1).replace(/\.\.\.$/, '')
  const flat = text.replaceAll('\n', '')
  const found = flat.indexOf(before + after)
  if (found === -1) return -1
  let left = found + before.length
  let offset = 0
  while (offset < text.length && (left > 0 || text[offset] === '\n')) {
    if (text[offset] !== '\n') left -= 1
    offset += 1
  }
  return offset
}

function locationOf(template: Template, error: Error): Location {
  if ('lineNumber' in error && 'column' in error) {
    return locationIn(template, Number(error.lineNumber), Number(error.column))
  }
  const place = shownPlace(template.text, error.message)
  if (place !== -1) {
    const before = template.text.slice(0, place).split('\n')
    return locationIn(template, before.length, before.at(-1)?.length ?? 0)
  }
  const line = /line (\d+)/.exec(error.message)?.[1]
  return locationIn(template, Number(line ?? 1), 0)
}

/** The parser's names of tokens in words. */
function reason(message: string): string {
  const got = /got '([A-Z_]+)'/.exec(message)?.[1]
  const pair = /^(\S+) doesn't match (\S+)/.exec(message)
  if (pair !== null) return `${pair[1]} is closed by /${pair[2]}`
  if (got === undefined) return message.split('\n')[0] ?? message
  if (got === 'EOF') return 'the template ends inside braces or an open block'
  if (got === 'OPEN_ENDBLOCK') return 'this closes a block that is not open'
  if (got === 'INVALID')
    return 'braces are not closed here, or hold what cannot stand there'
  return 'this cannot stand here inside braces'
}

export function parseError(template: Template, error: Error): TemplateError {
  return new TemplateError(
    locationOf(template, error),
    `the template does not parse: ${reason(error.message)}; correct the braces.`,
    error,
  )
}

import { badInput } from '../error.js'

/**
 * A text as an SQL literal. DuckDB reads SQL as a C string, so a NUL inside
 * quotes would end the statement early; it is spelled chr(0) instead.
 */
export function literal(text: string): string {
  refuseLoneSurrogate(text)
  if (!text.includes('\0')) return quoted(text)
  return `(${text.split('\0').map(quoted).join(' || chr(0) || ')})`
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  refuseLoneSurrogate(name)
  if (name === '' || name.includes('\0')) {
    throw badInput(
      'bad_identifier',
      'An SQL name is empty or contains a NUL character, which no table or column can be called; use another name.',
    )
  }
  return `"${name.replaceAll('"', '""')}"`
}

/** `schema.table`, both quoted. */
export function relation(schema: string, name: string): string {
  return `${identifier(schema)}.${identifier(name)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** UTF-8 cannot carry half a surrogate pair: it would change silently. */
function refuseLoneSurrogate(text: string): void {
  if (!/\p{Surrogate}/u.test(text)) return
  throw badInput(
    'bad_text',
    'A text holds half of a surrogate pair, which is not valid Unicode; correct the value where it was written.',
  )
}

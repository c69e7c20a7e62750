/** Types of the cells of a CSV source, found or declared; all as SQL. */
import { literal } from '../warehouse/quote.js'

/** What a column of text turned out to hold; facts of its present cells. */
export interface ColumnFacts {
  readonly is_boolean: boolean | null
  readonly is_integer: boolean | null
  readonly is_decimal: boolean | null
  readonly is_number: boolean | null
  readonly is_date: boolean | null
  readonly is_time: boolean | null
  readonly is_zoned: boolean | null
  readonly digits: number | null
  readonly scale: number | null
}

function all(column: string, pattern: string): string {
  return `bool_and(regexp_full_match(${column}, ${literal(pattern)}))`
}

const time = String.raw`\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?`

/**
 * A struct of ColumnFacts over a column of text. A number with leading zeros
 * or a plus is none: it is a code, and its zeros matter.
 * @param known facts of some of its cells; what they refute is not asked again
 */
export function factsOf(column: string, known: ColumnFacts | null): string {
  const facts = questions(column).map(([name, sql]) => {
    const isRefuted = known !== null && known[name] === false
    return `'${name}': ${isRefuted ? 'false' : sql}`
  })
  return `{
    ${facts.join(',\n    ')},
    'digits': max(length(split_part(ltrim(${column}, '-'), '.', 1))),
    'scale': max(length(split_part(${column}, '.', 2)))
  }`
}

type Question = Exclude<keyof ColumnFacts, 'digits' | 'scale'>

function questions(column: string): readonly (readonly [Question, string])[] {
  const zoned = `${time} ?(Z|[+-]\\d{2}(:?\\d{2})?)`
  const is = (pattern: string, type: string) =>
    `bool_and(regexp_full_match(${column}, ${literal(pattern)}) and try_cast(${column} as ${type}) is not null) filter (where ${column} is not null)`
  return [
    ['is_boolean', all(column, '(?i)true|false')],
    ['is_integer', all(column, String.raw`-?(0|[1-9]\d{0,17})`)],
    ['is_decimal', all(column, String.raw`-?(0|[1-9]\d*)(\.\d+)?`)],
    [
      'is_number',
      all(column, String.raw`-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`),
    ],
    ['is_date', is(String.raw`\d{4}-\d{2}-\d{2}`, 'date')],
    ['is_time', is(time, 'timestamp')],
    ['is_zoned', is(zoned, 'timestamptz')],
  ]
}

/** Whether the answer is known already: one cell can refute, none can prove. */
export function isText(facts: ColumnFacts): boolean {
  return questions('').every(([name]) => facts[name] === false)
}

/** Money stays exact, so that its sums are the same in every run. */
export function typeOf(facts: ColumnFacts): string {
  const { digits, scale } = facts
  if (facts.is_boolean === true) return 'boolean'
  if (facts.is_integer === true) return 'bigint'
  if (facts.is_decimal === true && digits !== null && scale !== null) {
    const width = digits + scale
    if (width <= 38) return `decimal(${width <= 18 ? 18 : 38}, ${scale})`
  }
  if (facts.is_number === true) return 'double'
  if (facts.is_date === true) return 'date'
  if (facts.is_time === true) return 'timestamp'
  return facts.is_zoned === true ? 'timestamptz' : 'varchar'
}

/** Times are kept in UTC without a zone, as those of leads are. */
export function castTo(column: string, type: string): string {
  if (type === 'varchar') return column
  const cast = `cast(${column} as ${type})`
  return type === 'timestamptz' ? `${cast} at time zone 'UTC'` : cast
}

/**
 * Whether a text is exactly a value of a declared type. DuckDB's own cast
 * would round 12.5 to a whole number without a word.
 */
export function isOfType(column: string, type: string): string {
  if (type === 'varchar') return 'true'
  const cast = `try_cast(${column} as ${type}) is not null`
  const pattern = exactPattern(type)
  if (pattern === null) return cast
  return `(regexp_full_match(${column}, ${literal(pattern)}) and ${cast})`
}

function exactPattern(type: string): string | null {
  if (['smallint', 'integer', 'bigint'].includes(type)) return '[+-]?\\d+'
  if (type === 'double') return '[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?'
  const scale = /^decimal\(\d+, ?(\d+)\)$/.exec(type)?.[1]
  return scale === undefined ? null : `[+-]?\\d*(\\.\\d{0,${scale}}0*)?`
}

/** What a field of Marketo can hold, as SQL over texts. */

/** Whole numbers of Marketo have 32 bits. */
const wholeRange = '-2147483648 and 2147483647'

/** Beyond it a number of JSON is no longer the one that was meant. */
const exact = Number.MAX_SAFE_INTEGER

const whole = String.raw`[+-]?\d+(\.0*)?`
/** DuckDB's cast alone would take 1_000 and infinity. */
const number = String.raw`[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`
const day = String.raw`\d{4}-\d{2}-\d{2}`
const moment = String.raw`\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)?`
/** Printable ASCII around one @ (Adobe docs, "Leads"). */
const address = String.raw`[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+`

/**
 * Whether a text is a value of the type that another column names, written as
 * the API takes it. Types that are not known hold any text.
 */
export function holds(value: string, type: string): string {
  return `case
    when ${type} in ('integer', 'score', 'reference')
      then regexp_full_match(${value}, '${whole}')
        and try_cast(${value} as double) between ${wholeRange}
    when ${type} in ('float', 'currency', 'percent')
      then regexp_full_match(${value}, '${number}')
        and abs(try_cast(${value} as double)) <= ${exact}
    when ${type} = 'boolean'
      then lower(${value}) in ('true', 'false', '1', '0')
    when ${type} = 'date'
      then regexp_full_match(${value}, '${day}([T ].*)?')
        and try_cast(left(${value}, 10) as date) is not null
    when ${type} = 'datetime'
      then regexp_full_match(${value}, '${moment}')
        and try_cast(${value} as timestamptz) is not null
    when ${type} = 'email'
      then regexp_full_match(${value}, '${address}')
    else true
  end`
}

/** Text areas are measured in bytes, others in UTF-16 units. */
export function sizeOf(value: string, type: string): string {
  const beyond = String.raw`'[\x{10000}-\x{10FFFF}]'`
  return `case
    when ${type} in ('text', 'textarea') then strlen(${value})
    when strlen(${value}) = length(${value}) then length(${value})
    else length(${value}) + len(regexp_extract_all(${value}, ${beyond}))
  end`
}

/** A value of a model as text; a bare day has to become a time. */
export function asText(column: string, type: string): string {
  const text = `nullif(cast(${column} as varchar), '')`
  return type === 'datetime'
    ? `regexp_replace(${text}, '^(${day})$', '\\1T00:00:00Z')`
    : text
}

import {
  BIGINT,
  type DuckDBType,
  type DuckDBValue,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  DuckDBVariantValue,
} from '@duckdb/node-api'
import { exitCode, PipelineError } from '../error.js'

/** What a query can be given as $1, $2, …. */
export type Parameter = string | number | bigint | boolean | null

/** The type to bind where the JavaScript type alone would choose a wide one. */
export function parameterType(value: Parameter): DuckDBType | undefined {
  if (typeof value !== 'bigint') return undefined
  return BigInt.asIntN(64, value) === value ? BIGINT : undefined
}

/**
 * A DuckDB value as plain data: whole numbers and decimals as number,
 * timestamps as ISO text in UTC, lists as arrays, structs as objects.
 */
export function plain(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return wholeNumber(value)
  if (value === null || typeof value !== 'object') return value
  return scalar(value) ?? nested(value) ?? value.toString()
}

function scalar(value: object): unknown {
  if (value instanceof DuckDBTimestampValue) return isoText(value.micros)
  if (value instanceof DuckDBTimestampTZValue) return isoText(value.micros)
  if (value instanceof DuckDBTimestampSecondsValue) {
    return isoText(value.seconds * 1_000_000n)
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) {
    return isoText(value.millis * 1_000n)
  }
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    return isoText(value.nanos / 1_000n)
  }
  if (value instanceof DuckDBDecimalValue) return decimalNumber(value)
  if (value instanceof DuckDBBlobValue) return value.bytes
  return undefined
}

function nested(value: object): unknown {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return value.items.map(plain)
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(
      Object.entries(value.entries).map(([name, entry]) => [
        name,
        plain(entry),
      ]),
    )
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({
      key: plain(entry.key),
      value: plain(entry.value),
    }))
  }
  if (value instanceof DuckDBUnionValue) return plain(value.value)
  if (value instanceof DuckDBVariantValue) return value.toString()
  return undefined
}

function wholeNumber(value: bigint): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw imprecise('A whole number beyond 2^53')
}

/** Beyond 15 digits a double would round. */
function decimalNumber(value: DuckDBDecimalValue): number {
  const digits = value.value.toString().replace('-', '').length
  if (digits > 15) throw imprecise('A decimal of more than 15 digits')
  return Number(value.toString())
}

function imprecise(what: string): PipelineError {
  return new PipelineError(
    'imprecise_number',
    `${what} came out of a query and a number would round it; cast the column to varchar in that query.`,
    { exit: exitCode.unexpected },
  )
}

const longest = 8_640_000_000_000_000n

/** Milliseconds as Date writes them; microseconds where there are any. */
function isoText(micros: bigint): string {
  const rest = ((micros % 1_000n) + 1_000n) % 1_000n
  const millis = (micros - rest) / 1_000n
  if (millis > longest || millis < -longest) {
    return micros > 0n ? 'infinity' : '-infinity'
  }
  const text = new Date(Number(millis)).toISOString()
  if (rest === 0n) return text
  return `${text.slice(0, -1)}${rest.toString().padStart(3, '0')}Z`
}

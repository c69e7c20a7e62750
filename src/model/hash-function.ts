/** JavaScript functions for hashing, called on distinct values or rare ones. */
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js'
import { exitCode, PipelineError } from '../error.js'
import type { HashKey } from '../pipeline/hash-key.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { countryCode } from './country.js'

/** Keys of HMACs by their ids. */
export type HashKeys = ReadonlyMap<string, HashKey>

/** Every key that a pipeline's rules name. */
export function hashKeys({ services }: Pick<Pipeline, 'services'>): HashKeys {
  const keys = services.flatMap((service) =>
    service.type === 'hash'
      ? service.write.flatMap(({ rule }) => rule.key ?? [])
      : [],
  )
  return new Map(keys.map((key) => [key.id, key]))
}

/**
 * `valid:+16505551212`, `possible:+…` where the length is right and the number
 * is not in use, or `problem:` and why there is none.
 */
function phoneFact(phone: string, country: string): string {
  const code = countryCode(country)
  const typed = phone.trim()
  if (!/\d/.test(typed)) return 'problem:no_digits'
  const parsed = parsePhoneNumberFromString(typed, code)
  if (parsed?.isValid() === true) return `valid:${parsed.number}`
  const possible = possibleNumber(typed, parsed)
  if (possible !== null) return `possible:${possible}`
  if (parsed !== undefined) return 'problem:not_a_valid_number'
  if (typed.startsWith('+') || code !== undefined) {
    return 'problem:not_a_valid_number'
  }
  return country.trim() === ''
    ? 'problem:no_country'
    : 'problem:unknown_country'
}

/**
 * A number of the right length that is not in use. UID2's own check looks at
 * the length alone, and its page has such examples.
 */
function possibleNumber(
  typed: string,
  parsed: PhoneNumber | undefined,
): string | null {
  if (/^\+\d{10,15}$/.test(typed)) return typed
  if (parsed === undefined) return null
  // The country's code may be there without its +.
  const digits = typed.replace(/\D/g, '')
  const international = parsePhoneNumberFromString(`+${digits}`)
  const isWhole =
    digits.startsWith(parsed.countryCallingCode) &&
    international?.isPossible() === true
  if (isWhole) return international.number
  return parsed.isPossible() ? parsed.number : null
}

/** Throws where the key's variable is not set: null would mean "no value". */
function signer(keys: HashKeys): (name: string, text: string) => string {
  return (id, text) => {
    const signed = keys.get(id)?.sign(text)
    if (signed !== undefined && signed !== null) return signed
    throw new PipelineError(
      'no_hash_key',
      `The environment variable ${keys.get(id)?.name ?? id} is not set as it has to be, and it holds the key of an HMAC; set it and run again.`,
      { exit: exitCode.badInput },
    )
  }
}

export function registerHashFunctions(
  warehouse: Warehouse,
  keys: HashKeys,
): void {
  const sign = signer(keys)
  warehouse.registerFunction('lower_text', 1, (text) =>
    text === null ? null : text.toLowerCase(),
  )
  warehouse.registerFunction('phone_fact', 2, (phone, country) =>
    phone === null || country === null ? null : phoneFact(phone, country),
  )
  warehouse.registerFunction('hmac_sha256', 2, (name, text) =>
    name === null || text === null ? null : sign(name, text),
  )
}

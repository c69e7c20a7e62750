/** JavaScript functions that models may call on text. */
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import type { CountryCode } from 'libphonenumber-js'
import { getDomain } from 'tldts'
import type { Warehouse } from '../warehouse/warehouse.js'
import { countryCode } from './country.js'
import { registerDomainFunctions } from './domain-function.js'
import { type HashKeys, registerHashFunctions } from './hash-function.js'

/** E.164, or null where the number is not valid for its country. */
export function phoneE164(phone: string, country: string): string | null {
  const code = countryCode(country)
  const parsed =
    code === undefined
      ? parsePhoneNumberFromString(phone)
      : parsePhoneNumberFromString(phone, code)
  return parsed?.isValid() === true ? parsed.number : national(phone, code)
}

/**
 * A number without a known country cannot be put into E.164, but typed digits
 * still compare with each other; they never equal an E.164 number.
 */
function national(phone: string, code: CountryCode | undefined): string | null {
  if (code !== undefined || phone.trim().startsWith('+')) return null
  const digits = phone.replace(/\D/g, '').replace(/^0+/, '')
  return digits.length >= 7 && digits.length <= 15 ? digits : null
}

/** Registrable domain, or the host itself where it has none. */
export function registrableDomain(host: string): string {
  return getDomain(host) ?? host
}

/**
 * Makes the functions known to a warehouse. Keys reach SQL by their names
 * only, so that no statement, file or artifact holds one.
 */
export function registerFunctions(
  warehouse: Warehouse,
  keys: HashKeys = new Map(),
): void {
  registerHashFunctions(warehouse, keys)
  registerDomainFunctions(warehouse)
  warehouse.registerFunction('phone_e164', 2, (phone, country) =>
    phone === null || country === null ? null : phoneE164(phone, country),
  )
  warehouse.registerFunction('registrable_domain', 1, (host) =>
    host === null ? null : registrableDomain(host),
  )
}

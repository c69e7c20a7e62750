/** JavaScript functions that models may call on text. */
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { isSupportedCountry } from 'libphonenumber-js'
import type { CountryCode } from 'libphonenumber-js'
import { getDomain } from 'tldts'
import type { Warehouse } from '../warehouse/warehouse.js'
import { countryNames } from './place-name.js'

/** Country names in many languages, and codes, to ISO 3166 codes. */
function countryCodes(): Map<string, CountryCode> {
  return new Map(
    countryNames()
      .toReversed()
      .flatMap(([name, code]) =>
        isSupportedCountry(code) ? [[name.toLowerCase(), code]] : [],
      ),
  )
}

let known: Map<string, CountryCode> | undefined

function countryCode(country: string): CountryCode | undefined {
  known ??= countryCodes()
  const upper = country.trim().toUpperCase()
  if (isSupportedCountry(upper)) return upper
  return known.get(country.trim().toLowerCase().replaceAll('.', ''))
}

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

/** Makes the functions known to a warehouse. */
export function registerFunctions(warehouse: Warehouse): void {
  warehouse.registerFunction('phone_e164', 2, (phone, country) =>
    phone === null || country === null ? null : phoneE164(phone, country),
  )
  warehouse.registerFunction('registrable_domain', 1, (host) =>
    host === null ? null : registrableDomain(host),
  )
}

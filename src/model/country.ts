import { isSupportedCountry } from 'libphonenumber-js'
import type { CountryCode } from 'libphonenumber-js'
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

/** The ISO code of a country as people write it. */
export function countryCode(country: string): CountryCode | undefined {
  known ??= countryCodes()
  const upper = country.trim().toUpperCase()
  if (isSupportedCountry(upper)) return upper
  return known.get(country.trim().toLowerCase().replaceAll('.', ''))
}

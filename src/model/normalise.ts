/**
 * SQL of the normalised values that match rules compare. Aggressive, for
 * telling people apart only; what platforms hash is in hash.ts.
 */

/** Gives the SQL of a Marketo field's text. */
export type Column = (field: string) => string

const words = (text: string) =>
  `nullif(trim(regexp_replace(lower(strip_accents(nfc_normalize(${text}))), '[^\\p{L}\\p{N}]+', ' ', 'g')), '')`

const letters = (text: string) =>
  `nullif(regexp_replace(lower(strip_accents(nfc_normalize(${text}))), '[^\\p{L}\\p{N}]+', '', 'g'), '')`

const plain = (text: string) =>
  `nullif(lower(trim(nfc_normalize(${text}))), '')`

/** Legal forms that say nothing about which company it is. */
const legalForm =
  '(inc|incorporated|corp|corporation|co|company|llc|llp|ltd|limited|plc|gmbh|ag|kg|se|sa|sas|sarl|srl|spa|bv|nv|ab|as|oy|pty|kk)'

const company = (text: string) =>
  `nullif(trim(regexp_replace(${words(text)}, '( ${legalForm})+$', '')), '')`

const address = '^[^@\\s,;]+@[^@\\s,;]+\\.[^@\\s,;.]+$'

/** As split_part does, which is a macro that evaluates its text twice. */
const part = (text: string, separator: string, number: number) =>
  `string_split(${text}, '${separator}')[${number}]`

/**
 * One mailbox, one key: without case, spaces around, tags after a plus, and
 * for Gmail without dots and under one name.
 */
function mailbox(text: string): string {
  const clean = `lower(trim(nfc_normalize(${text})))`
  const local = part(part(clean, '@', 1), '+', 1)
  const host = part(clean, '@', 2)
  const gmail = `${host} in ('gmail.com', 'googlemail.com')`
  return (
    `case when regexp_matches(${clean}, '${address}') and ${local} <> '' then ` +
    `if(${gmail}, replace(${local}, '.', '') || '@gmail.com', ${local} || '@' || ${host}) end`
  )
}

/** Host of an email address in lower case, or null where it is not one. */
export function emailHost(text: string): string {
  const clean = `lower(trim(${text}))`
  return `if(regexp_matches(${clean}, '${address}'), ${part(clean, '@', 2)}, null)`
}

/** Part before the @ in lower case, without a tag. */
export function emailLocal(text: string): string {
  return part(part(`lower(trim(${text}))`, '@', 1), '+', 1)
}

/** Text of any field without case and spaces around. */
export function plainKey(text: string): string {
  return plain(text)
}

const keys: Readonly<Record<string, (column: Column) => string>> = {
  email: (column) => mailbox(column('email')),
  email_domain: (column) => emailHost(column('email')),
  phone: () => 'number_phone.e164',
  mobile_phone: () => 'number_mobile_phone.e164',
  first_name: (column) => words(column('firstName')),
  last_name: (column) => words(column('lastName')),
  full_name: (column) =>
    `${words(column('firstName'))} || ' ' || ${words(column('lastName'))}`,
  company: (column) => company(column('company')),
  address: (column) => words(column('address')),
  city: (column) => words(column('city')),
  postal_code: (column) => letters(column('postalCode')),
  country: (column) => words(column('country')),
  date_of_birth: (column) =>
    `cast(try_cast(${column('dateOfBirth')} as date) as varchar)`,
  website: (column) =>
    `nullif(regexp_extract(lower(trim(${column('website')})), '^(?:[a-z]+://)?(?:www\\.)?([^/:?#\\s]+)', 1), '')`,
}

/** Fields behind the phone keys. */
export const phoneFields: Readonly<Record<string, string>> = {
  phone: 'phone',
  mobile_phone: 'mobilePhone',
}

/** SQL of a key of the vocabulary, or of any Marketo field. */
export function normalisedKey(key: string, column: Column): string {
  return keys[key]?.(column) ?? plain(column(key))
}

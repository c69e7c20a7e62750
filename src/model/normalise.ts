/**
 * The vocabulary of normalised keys: what match rules compare. Aggressive,
 * for telling people apart only; what platforms hash is in hash.ts. Each is
 * SQL over the row of `lead_key`: the lead, its clean email, and the forms of
 * its values that are worked out once for each distinct value.
 */
import { literal } from '../warehouse/quote.js'
import { mailbox, mailboxName } from './email-key.js'
import { isPlaceholder, words } from './fold.js'

/** Gives the SQL of a Marketo field's text. */
export type Column = (field: string) => string

/** Text of any field without case and spaces around. */
export function plainKey(text: string): string {
  return `nullif(lower(trim(nfc_normalize(${text}))), '')`
}

/** Null instead of a text that only fills a field. */
function said(text: string, value: string): string {
  return `if(${isPlaceholder(text)}, null, ${value})`
}

/**
 * Both names in any order, so that swapped and badly split ones are equal.
 * One word alone is no full name.
 */
const fullName = (() => {
  const all = `list_concat(coalesce(first_name_value.given_core, []), coalesce(last_name_value.family_core, []))`
  return `if(len(${all}) > 1, array_to_string(list_sort(${all}), ' '), null)`
})()

/**
 * A number whose last seven digits no other lead has is not parsed, because
 * it can equal none; its digits still say that it is another number.
 */
function phone(field: string, alias: string): Key {
  return {
    value: (column) => {
      const digits = `regexp_replace(${column(field)}, '[^0-9]', '', 'g')`
      const bare = `if(length(${digits}) between 7 and 15 and not ${isPlaceholder(digits)}, ltrim(${digits}, '0'), null)`
      return `if(${alias}.phone is null, ${bare}, ${alias}.e164)`
    },
    otherwise: 'not a valid number',
  }
}

/** `SW1A 1AA`, `D-80331`, `94105-1234`. */
function postalCode(text: string): string {
  const plain = `upper(strip_accents(trim(${text})))`
  const zip = `regexp_replace(${plain}, '^([0-9]{5})-[0-9]{4}$', '\\1')`
  const national = `regexp_replace(${zip}, '^[A-Z]{1,3}-([0-9])', '\\1')`
  const letters = `nullif(regexp_replace(${national}, '[^\\p{L}\\p{N}]+', '', 'g'), '')`
  return `if(regexp_full_match(${letters}, '0+|9{5,}') or not regexp_matches(${letters}, '[0-9]') or length(${letters}) < 3, null, ${letters})`
}

/** Towns have saints, forts and mounts, which people abbreviate. */
function city(text: string): string {
  const shortened: readonly (readonly [string, string])[] = [
    ['saint|sankt|sint|sant', 'st'],
    ['sainte', 'ste'],
    ['fort', 'ft'],
    ['mount', 'mt'],
  ]
  const short = shortened.reduce(
    (sql, [from, to]) =>
      `regexp_replace(${sql}, '\\b(?:${from})\\b', '${to}', 'g')`,
    words(text),
  )
  return said(text, `replace(${short}, ' ', '')`)
}

/** Social networks and site builders, on which many companies have a page. */
const sharedHosts = [
  'facebook.com',
  'linkedin.com',
  'instagram.com',
  'twitter.com',
  'x.com',
  'youtube.com',
  'google.com',
  'tiktok.com',
  'xing.com',
  'yelp.com',
  'wixsite.com',
  'wordpress.com',
  'blogspot.com',
  'github.io',
]

/** Host of a website as people type it, or null. */
export function websiteHost(text: string): string {
  const plain = `lower(trim(${text}))`
  const host = `regexp_extract(${plain}, '^(?:[a-z]+:/*)?(?:[^/@]*@)?(?:www[0-9]?\\.)?([^/:?#\\s,;]+\\.[^/:?#\\s,;.0-9]{2,})\\.?(?:[/:?#].*)?$', 1)`
  return said(text, `nullif(${host}, '')`)
}

/** Dates in the forms that say which number is the month. */
function date(text: string): string {
  const plain = `trim(${text})`
  const year = '([0-9]{4})'
  const one = '([0-9]{1,2})'
  const big = '(1[3-9]|2[0-9]|3[01])'
  const forms: readonly (readonly [string, string])[] = [
    [`^${year}[-/.]${one}[-/.]${one}(?:[T ].*)?$`, '\\1-\\2-\\3'],
    [`^${year}([0-9]{2})([0-9]{2})$`, '\\1-\\2-\\3'],
    [`^${one}\\.\\s*${one}\\.\\s*${year}$`, '\\3-\\2-\\1'],
    [`^${big}[-/]${one}[-/]${year}$`, '\\3-\\2-\\1'],
    [`^${one}[-/]${big}[-/]${year}$`, '\\3-\\1-\\2'],
  ]
  const iso = forms.reduce(
    (sql, [from, to]) =>
      `regexp_replace(${sql}, ${literal(from)}, ${literal(to)})`,
    plain,
  )
  return `try_cast(${iso} as date)`
}

/** A day that a person may be born on, and not a system's first day. */
function birthDate(text: string): string {
  const day = date(text)
  return `if(${day} > date '1901-01-01' and ${day} < date '2100-01-01', cast(${day} as varchar), null)`
}

interface Key {
  readonly value: (column: Column) => string
  /** Why a text that was typed gives no key, in words. */
  readonly otherwise: string
  /** The form that `similar` compares, where it is another. */
  readonly near?: string
}

function of(value: string | ((column: Column) => string), otherwise: string) {
  return { value: typeof value === 'string' ? () => value : value, otherwise }
}

const birth = of(
  (column) => birthDate(column('dateOfBirth')),
  'not a date of birth that can be told',
)
const notName = 'no name in it'
const notAddress = 'no mailbox in it'
const notWorded = 'no letter or digit in it'

const vocabulary: Readonly<Record<string, Key>> = {
  email: of(mailbox('lead.clean_email'), notAddress),
  email_local: of(mailboxName('lead.clean_email'), notAddress),
  email_domain: of('email_host_value.domain', notAddress),
  phone: phone('phone', 'number_phone'),
  mobile_phone: phone('mobilePhone', 'number_mobile_phone'),
  first_name: of('first_name_value.given', notName),
  first_name_root: of('first_name_value.root', notName),
  first_initial: of('left(first_name_value.given, 1)', notName),
  last_name: of('last_name_value.family', notName),
  last_name_sound: of('last_name_value.sound', notName),
  name_suffix: of(
    'coalesce(last_name_value.suffix, first_name_value.suffix)',
    'no suffix in the name',
  ),
  full_name: of(fullName, 'not both a first and a last name'),
  company: {
    ...of('company_value.value', 'not a company'),
    near: 'company_value.sorted',
  },
  address: of('address_value.value', notWorded),
  street: of('address_value.street', 'no street in it'),
  house_number: of('address_value.house_number', 'no house number in it'),
  city: of((column) => city(column('city')), notWorded),
  state: of('state_value.code', notWorded),
  postal_code: of(
    (column) => postalCode(column('postalCode')),
    'not a postal code',
  ),
  country: of('country_value.code', 'not the name or code of a country'),
  website: of(
    `if(website_host_value.domain in (${sharedHosts.map(literal).join(', ')}), null, website_host_value.domain)`,
    'not a website of its own',
  ),
  birth_date: birth,
  date_of_birth: birth,
}

/** Fields behind the phone keys. */
export const phoneFields: Readonly<Record<string, string>> = {
  phone: 'phone',
  mobile_phone: 'mobilePhone',
}

function fieldKey(name: string, type: string | undefined): Key {
  return type === 'date'
    ? of((column) => `cast(${date(column(name))} as varchar)`, 'not a date')
    : of((column) => said(column(name), plainKey(column(name))), notWorded)
}

function keyOf(name: string, type?: string): Key {
  return Object.hasOwn(vocabulary, name)
    ? (vocabulary[name] ?? fieldKey(name, type))
    : fieldKey(name, type)
}

/**
 * SQL of a key of the vocabulary, or of any Marketo field, over the relations
 * that models/dedupe/lead_key.sql joins. `type` is Marketo's type of a field.
 */
export function normalisedKey(
  name: string,
  column: Column,
  type?: string,
): string {
  return keyOf(name, type).value(column)
}

/** SQL of the form that `similar` compares; null where it is the key. */
export function nearKey(name: string): string | null {
  return keyOf(name).near ?? null
}

/** Why a text that was typed gives no key, in words. */
export function keyOtherwise(name: string, type?: string): string {
  return keyOf(name, type).otherwise
}

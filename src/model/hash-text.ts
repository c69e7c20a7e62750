/**
 * SQL that turns a lead's value into the text that a platform hashes: exactly
 * what it says, no more. For telling people apart there is normalise.ts.
 */
import type { HashInput } from '../pipeline/hash-profile.js'
import { isHashInput } from '../pipeline/hash-profile.js'
import type { HashProfile, HashRule } from '../pipeline/hash.js'

/** SQL of one text of a row. */
type Sql = string

export interface HashSteps {
  /** The value without case and spaces, as far as the profile says so. */
  readonly clean: (value: Sql) => Sql
  /** What is hashed, of a clean value; null where it cannot be. */
  readonly text: (clean: Sql) => Sql
  /** Why it cannot be, of a clean value. */
  readonly problem: (clean: Sql) => Sql
}

/** As JavaScript's \s, which is what UID2's own SDK trims by. */
const space = '[\\t\\n\\v\\f\\r\\p{Z}\\x{FEFF}]'

/**
 * Lower case of any script as Unicode has it: DuckDB's own maps letter by
 * letter and knows fewer of them. Only texts beyond ASCII pay for it.
 */
const lower = (text: Sql) =>
  `if(strlen(${text}) = length(${text}), lower(${text}), lower_text(${text}))`

const trim = (text: Sql) =>
  `regexp_replace(${text}, '^${space}+|${space}+$', '', 'g')`

const spaceless = (text: Sql) => `regexp_replace(${text}, '${space}+', '', 'g')`

const trimmed = (text: Sql) => lower(trim(text))

/** As split_part does, which is a macro that evaluates its text twice. */
const part = (text: Sql, separator: string, number: number) =>
  `string_split(${text}, '${separator}')[${number}]`

const local = (text: Sql) => part(text, '@', 1)
const host = (text: Sql) => part(text, '@', 2)
const untagged = (text: Sql) => part(text, '+', 1)
const dotless = (text: Sql) => `replace(${text}, '.', '')`

const gmail = "'gmail.com'"
const bothGmail = "'gmail.com', 'googlemail.com'"

/** Changes the local part, for some hosts only or for all. */
const withLocal = (
  text: Sql,
  change: (local: Sql) => Sql,
  hosts: string | null,
) => {
  const changed = `${change(local(text))} || '@' || ${host(text)}`
  return hosts === null
    ? changed
    : `if(${host(text)} in (${hosts}), ${changed}, ${text})`
}

const isAddress = (text: Sql) =>
  `regexp_matches(${text}, '^[^@\\t\\n\\v\\f\\r\\p{Z}\\x{FEFF}]+@[^@\\t\\n\\v\\f\\r\\p{Z}\\x{FEFF}]+$')`

function addressText({ profile, version, tiktok }: HashRule, text: Sql): Sql {
  switch (profile) {
    case 'google':
      return withLocal(
        text,
        (own) => dotless(version === 1 ? own : untagged(own)),
        bothGmail,
      )
    case 'uid2':
      return withLocal(text, (own) => dotless(untagged(own)), gmail)
    case 'tiktok': {
      const { tag, dots } = tiktok
      if (tag === 'keep' && dots === 'keep') return text
      return withLocal(
        text,
        (own) => {
          const bare = tag === 'remove' ? untagged(own) : own
          return dots === 'remove' ? dotless(bare) : bare
        },
        null,
      )
    }
    case 'none':
    case 'plain':
    case 'meta':
    case 'linkedin':
      return text
  }
}

const addressProblem = (text: Sql) => `case
        when ${text} = '' then 'empty'
        when not contains(${text}, '@') then 'no_at'
        when length(${text}) - length(replace(${text}, '@', '')) > 1 then 'several_at'
        when starts_with(${text}, '@') or ends_with(${text}, '@') then 'empty_part'
        when regexp_matches(${text}, '${space}') then 'inner_space'
        else 'empty_part'
    end`

/** Google's page removes spaces inside, and so does TikTok's. */
const removesSpaces: readonly HashProfile[] = ['google', 'tiktok']

function address(rule: HashRule): HashSteps {
  return {
    clean: (value) =>
      lower(
        removesSpaces.includes(rule.profile) ? spaceless(value) : trim(value),
      ),
    text: (clean) => {
      const text = addressText(rule, clean)
      return `case when ${isAddress(clean)} and ${isAddress(text)} then ${text} end`
    },
    problem: addressProblem,
  }
}

const number = (fact: Sql) => part(fact, ':', 2)
const isValid = (fact: Sql) => `${part(fact, ':', 1)} = 'valid'`

const digits = (fact: Sql) => `substr(${number(fact)}, 2)`
const uid2 = (fact: Sql) =>
  `case when ${part(fact, ':', 1)} <> 'problem' and regexp_matches(${number(fact)}, '^\\+[0-9]{10,15}$') then ${number(fact)} end`

/**
 * The clean value is what phone_fact says: `valid`, `possible` or `problem`,
 * a colon, and the number in E.164 or the reason.
 */
function phone({ profile, tiktok }: HashRule): HashSteps {
  const bare =
    profile === 'meta' || (profile === 'tiktok' && tiktok.plus === 'remove')
  return {
    clean: (value) => value,
    text: (fact) => {
      if (profile === 'uid2') return uid2(fact)
      const text = bare ? digits(fact) : number(fact)
      return `case when ${isValid(fact)} then ${text} end`
    },
    problem: (fact) =>
      `if(${part(fact, ':', 1)} = 'problem', ${number(fact)}, 'not_a_valid_number')`,
  }
}

/** What stands before a first name or after a last one; Google's own list. */
const prefix = '^(mr|mrs|ms|dr)\\.([\\t\\n\\v\\f\\r\\p{Z}\\x{FEFF}]|$)'
const suffix =
  '((,[\\t\\n\\v\\f\\r\\p{Z}\\x{FEFF}]*|[\\t\\n\\v\\f\\r\\p{Z}\\x{FEFF}]+)(jr\\.?|sr\\.?|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd)[\\t\\n\\v\\f\\r\\p{Z}\\x{FEFF}]?)+$'

function nameText(profile: HashProfile, input: HashInput, text: Sql): Sql {
  if (profile === 'meta') {
    return trim(`regexp_replace(${text}, '[\\p{P}\\p{S}]+', '', 'g')`)
  }
  if (profile !== 'google') return text
  const affix = input === 'first_name' ? prefix : suffix
  return trim(`regexp_replace(${text}, '${affix}', '')`)
}

function name({ profile }: HashRule, input: HashInput): HashSteps {
  return {
    clean: trimmed,
    text: (clean) => `nullif(${nameText(profile, input, clean)}, '')`,
    problem: (clean) => `if(${clean} = '', 'empty', 'nothing_left')`,
  }
}

/** Nobody alive was born earlier; a year of two digits is a typing error. */
const firstYear = 1900

const date = (text: Sql) => `try_cast(${text} as date)`

function birth({ profile }: HashRule): HashSteps {
  const format = profile === 'meta' ? '%Y%m%d' : '%Y-%m-%d'
  return {
    clean: trim,
    text: (clean) =>
      `case when year(${date(clean)}) between ${firstYear} and 9999 then strftime(${date(clean)}, '${format}') end`,
    problem: (clean) =>
      `case when ${clean} = '' then 'empty' when ${date(clean)} is null then 'not_a_date' else 'not_a_birth_year' end`,
  }
}

const raw: HashSteps = {
  clean: (value) => value,
  text: (clean) => `nullif(${clean}, '')`,
  problem: () => "'empty'",
}

const plainField: HashSteps = {
  clean: trimmed,
  text: (clean) => `nullif(${clean}, '')`,
  problem: () => "'empty'",
}

/** Whether the value that goes in is a phone_fact and not a text. */
export function readsPhone({ profile, input }: HashRule): boolean {
  return profile !== 'none' && (input === 'phone' || input === 'mobile_phone')
}

/** From a lead's value to what is hashed. */
export function hashSteps(rule: HashRule): HashSteps {
  const { profile, input } = rule
  if (profile === 'none') return raw
  if (readsPhone(rule)) return phone(rule)
  if (input === 'email') return address(rule)
  if (input === 'date_of_birth') return birth(rule)
  return isHashInput(input) ? name(rule, input) : plainField
}

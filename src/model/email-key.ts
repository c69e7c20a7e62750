/** SQL of who an email address belongs to; for telling people apart only. */
import { literal } from '../warehouse/quote.js'
import { isGap } from './fold.js'

const address = '^[^@\\s,;:<>()"]+@[^@\\s,;:<>()"]+\\.[^@\\s,;:<>()".]+$'

/** As split_part does, which is a macro that evaluates its text twice. */
const part = (text: string, separator: string, number: number) =>
  `string_split(${text}, '${separator}')[${number}]`

const ordinary = "[a-z0-9._%+'-]+@[a-z0-9.-]+\\.[a-z]+"

/** Typed to get past a form: `none@none.com`, `test@…`, `asdf@…`. */
function isNobody(typed: string): string {
  return [part(typed, '@', 1), part(part(typed, '@', 2), '.', 1)]
    .map((text) => isGap(`translate(${text}, '_-', '')`))
    .join(' or ')
}

/**
 * Lower case, without spaces of any kind (also invisible ones), brackets and
 * `mailto:` around it, and without a dot at the end. Null where that is no
 * address, or nobody's.
 */
export function cleanEmail(text: string): string {
  const bare = `regexp_replace(lower(nfc_normalize(${text})), '[\\s\\p{Z}\\p{Cf}]+', '', 'g')`
  const inner = `regexp_replace(${bare}, ${literal(`^(?:.*<|mailto:|['"(])?([^<>]*?)[>'").;,]*$`)}, '\\1')`
  const typed = `if(regexp_full_match(lower(${text}), ${literal(ordinary)}), lower(${text}), ${inner})`
  return `if(regexp_full_match(${typed}, ${literal(address)}) and not (${isNobody(typed)}), ${typed}, null)`
}

/**
 * Hosts under which one mailbox has several names (the providers' own help
 * pages: Gmail, iCloud, Proton, Yandex).
 */
const sameHost: Readonly<Record<string, string>> = {
  'googlemail.com': 'gmail.com',
  'me.com': 'icloud.com',
  'mac.com': 'icloud.com',
  'pm.me': 'proton.me',
  'protonmail.com': 'proton.me',
  'protonmail.ch': 'proton.me',
  'ya.ru': 'yandex.ru',
  'yandex.com': 'yandex.ru',
  'yandex.by': 'yandex.ru',
  'yandex.kz': 'yandex.ru',
  'yandex.ua': 'yandex.ru',
}

const hostOf = (text: string) => {
  const cases = Object.entries(sameHost)
    .map(([from, to]) => `when ${literal(from)} then ${literal(to)}`)
    .join(' ')
  const host = part(text, '@', 2)
  return `case ${host} ${cases} else ${host} end`
}

/**
 * Before the @ without the owner's own tag: `+tag`, which nearly every mail
 * server understands, and `-tag` at Yahoo. Dots count nothing at Gmail.
 */
const localOf = (text: string) => {
  const host = part(text, '@', 2)
  const local = part(part(text, '@', 1), '+', 1)
  return (
    `case when ${host} in ('gmail.com', 'googlemail.com') then replace(${local}, '.', '') ` +
    `when regexp_matches(${host}, '^(yahoo|ymail|rocketmail)\\.') then ${part(local, '-', 1)} ` +
    `else ${local} end`
  )
}

/** One mailbox, one text, of a clean address. */
export function mailbox(clean: string): string {
  return `if(${localOf(clean)} <> '', ${localOf(clean)} || '@' || ${hostOf(clean)}, null)`
}

/** The part before the @ of a clean address. */
export function mailboxName(clean: string): string {
  return `nullif(${localOf(clean)}, '')`
}

/** The part behind the @ of a clean address. */
export function mailboxHost(clean: string): string {
  return part(clean, '@', 2)
}

const anyAddress = '^[^@\\s,;]+@[^@\\s,;]+\\.[^@\\s,;.]+$'

/** Host of an email address in lower case, or null where it is not one. */
export function emailHost(text: string): string {
  const lower = `lower(trim(${text}))`
  return `if(regexp_matches(${lower}, '${anyAddress}'), ${part(lower, '@', 2)}, null)`
}

/** Part before the @ in lower case, without a tag. */
export function emailLocal(text: string): string {
  return part(part(`lower(trim(${text}))`, '@', 1), '+', 1)
}

/**
 * SQL that hashes an email address exactly as a platform says, no more.
 * Sources: UID2 docs (gs-normalization-encoding), Google Data Manager API
 * (formatting), Meta Conversions API (customer information parameters),
 * TikTok (customer file), Adobe's LinkedIn connector.
 */
import type { HashProfile, HashRule } from '../pipeline/pipeline.js'

const local = (text: string) => `split_part(${text}, '@', 1)`
const host = (text: string) => `split_part(${text}, '@', 2)`

const dotless = (text: string, hosts: string) =>
  `if(${host(text)} in (${hosts}), replace(${local(text)}, '.', '') || '@' || ${host(text)}, ${text})`

const spaceless = (text: string) =>
  `regexp_replace(lower(${text}), '\\s+', '', 'g')`

const trimmed = (text: string) =>
  `regexp_replace(lower(${text}), '^\\s+|\\s+$', '', 'g')`

/** Gmail without dots and tag; googlemail.com stays as it is (UID2). */
const uid2 = (text: string) =>
  `if(${host(text)} = 'gmail.com', replace(split_part(${local(text)}, '+', 1), '.', '') || '@gmail.com', ${text})`

const input: Readonly<Record<HashProfile, (text: string) => string>> = {
  none: (text) => text,
  google: (text) => dotless(spaceless(text), "'gmail.com', 'googlemail.com'"),
  meta: trimmed,
  tiktok: spaceless,
  linkedin: trimmed,
  uid2: (text) => uid2(trimmed(text)),
}

/** The text that a profile hashes; null where it is not an address. */
export function hashInput(profile: HashProfile, text: string): string {
  const value = input[profile](text)
  if (profile === 'none') return `nullif(${value}, '')`
  return `if(regexp_matches(${value}, '^[^@\\s]+@[^@\\s]+$'), ${value}, null)`
}

/** The hash as text. */
export function hashed(rule: HashRule, text: string): string {
  const digest = `${rule.algorithm}(${hashInput(rule.profile, text)})`
  return rule.encoding === 'hex' ? digest : `base64(unhex(${digest}))`
}

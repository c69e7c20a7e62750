/** SQL of hashes, and words for how a value was hashed. */
import type { HashRule } from '../pipeline/hash.js'
import { literal } from '../warehouse/quote.js'

/** The hash as text of SQL that gives a text; null stays null. */
export function digest(rule: HashRule, text: string): string {
  const hex = hexDigest(rule, text)
  return rule.encoding === 'hex' ? hex : `base64(unhex(${hex}))`
}

function hexDigest({ algorithm, key }: HashRule, text: string): string {
  if (algorithm !== 'hmac-sha256') return `${algorithm}(${text})`
  return `hmac_sha256(${literal(key?.id ?? '')}, ${text})`
}

/**
 * How a value comes about, for the reason of a plan row: what is hashed by
 * which version of whose rules. Two values with the same words differ only
 * where the lead's own value does. The key is told by its name and check.
 */
export function hashWords(rule: HashRule): string {
  const { algorithm, encoding, input, profile, version } = rule
  const by = profile === 'none' ? 'as it is' : `${profile} version ${version}`
  return [
    `${algorithm} ${encoding} of ${input}`,
    by,
    ...tiktokWords(rule),
    ...(rule.key === null ? [] : [keyWords(rule.key)]),
  ].join(', ')
}

function keyWords({ name, check }: { name: string; check: string }): string {
  return check === '' ? `key ${name}` : `key ${name} ${check}`
}

function tiktokWords({ tiktok }: HashRule): string[] {
  return Object.entries(tiktok)
    .filter(([, choice]) => choice === 'remove')
    .map(([what]) => `without ${what}`)
}

/** Only SHA-256 is taken by ad platforms today. */
export function isLegacy({ algorithm }: HashRule): boolean {
  return algorithm === 'md5' || algorithm === 'sha1'
}

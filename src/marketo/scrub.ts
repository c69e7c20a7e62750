const email = /[^\s"'<>,;:()]+@[^\s"'<>,;:()]+/g
// Control characters would let a message forge lines of a log or a screen.
const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu
const longest = 300

/**
 * Marketo's own words without the values and secrets that were sent with the
 * request, without addresses, and on one line.
 */
export function scrub(text: string, hidden: Iterable<string>): string {
  let clean = text
  const values = [...new Set(hidden)].filter(Boolean)
  for (const value of values.toSorted((a, b) => b.length - a.length)) {
    clean = hide(clean, value)
  }
  clean = clean.replace(email, '…').replace(control, ' ').trim()
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
}

/** A short value is hidden where it stands alone, not inside of words. */
function hide(text: string, value: string): string {
  if (value.length > 3) return text.replaceAll(value, '…')
  const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const alone = new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`)
  return text.replace(new RegExp(alone, 'gu'), '…')
}

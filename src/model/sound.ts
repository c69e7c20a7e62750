/**
 * How a surname sounds, as SQL: the skeleton of its consonants in classes
 * that hold over English, German, Romance and Slavic spellings. Made for
 * finding candidates: Meyer, Maier and Mayr are one, and so are Schmidt and
 * Schmitt. Expects folded letters without spaces.
 */
import { literal } from '../warehouse/quote.js'

/**
 * Pattern and what it becomes, in this order. Capitals are done: X is every
 * hissing sound, J a soft beginning, A a vowel in front.
 */
const steps: readonly (readonly [string, string])[] = [
  ['^(?:kn|gn|pn)', 'n'],
  ['^wr', 'r'],
  ['^(?:ps|x|ts|tz|dz)', 's'],
  ['^pf', 'f'],
  ['(?:ow|ov|off)$', 'of'],
  ['shch|szcz|stsch|tzsch|tsch|zsch|tch|sch|sh|zh|cz|sz', 'X'],
  ['ch([rlmn]|$)', 'k\\1'],
  ['ch', 'X'],
  ['ph', 'f'],
  ['ght', 't'],
  ['(.)gh', '\\1'],
  ['dg|dj', 'X'],
  ['ts|tz', 's'],
  ['mp([st])', 'm\\1'],
  ['c([eiy])', 's\\1'],
  ['x', 'ks'],
  ['([aeo])w([^aeiouy]|$)', '\\1\\2'],
  ['^[jy]', 'J'],
  ['^[aeiou]', 'A'],
  ['[aeiouyhj]', ''],
]

const classes = { from: 'bdvwgcqz', to: 'ptffkkks' }

/** Long enough to tell names apart, short enough to forgive endings. */
const length = 6

function skeleton(name: string): string {
  const stripped = steps.reduce(
    (sql, [from, to]) =>
      `regexp_replace(${sql}, ${literal(from)}, ${literal(to)}, 'g')`,
    name,
  )
  return `translate(${stripped}, ${literal(classes.from)}, ${literal(classes.to)})`
}

/** Letters of which no two neighbours are equal. */
function single(text: string): string {
  return (
    `array_to_string(list_filter(regexp_extract_all(${text}, '.'), ` +
    `lambda letter, i: i = 1 or letter <> substr(${text}, i - 1, 1)), '')`
  )
}

/** A name in another script sounds like itself. */
export function sound(name: string): string {
  const heard = `left(nullif(${single(skeleton(name))}, ''), ${length})`
  return `if(regexp_full_match(${name}, '[a-z]+'), ${heard}, ${name})`
}

/**
 * How alike two values of a key are, from 0 to 1, as SQL.
 *
 * - names and other texts: Jaro-Winkler, which forgives slips and rewards an
 *   equal beginning; companies with their words in the order of the alphabet
 * - addresses and streets: twice the words in common by all words (Dice), so
 *   that a missing unit costs little and another number much
 * - numbers and dates: the share of places that stay without a correction
 *   (Damerau-Levenshtein, in which swapped neighbours are one)
 */
export type Similarity = 'text' | 'words' | 'places'

const kinds: Readonly<Record<string, Similarity>> = {
  address: 'words',
  street: 'words',
  phone: 'places',
  mobile_phone: 'places',
  postal_code: 'places',
  house_number: 'places',
  birth_date: 'places',
  date_of_birth: 'places',
}

export function similarityOf(key: string): Similarity {
  return Object.hasOwn(kinds, key) ? (kinds[key] ?? 'text') : 'text'
}

export function similaritySql(kind: Similarity, a: string, b: string): string {
  switch (kind) {
    case 'text':
      return `jaro_winkler_similarity(${a}, ${b})`
    case 'words': {
      const [x, y] = [`string_split(${a}, ' ')`, `string_split(${b}, ' ')`]
      return `(2.0 * len(list_intersect(${x}, ${y})) / (len(list_distinct(${x})) + len(list_distinct(${y}))))`
    }
    case 'places':
      return `(1 - damerau_levenshtein(${a}, ${b}) / greatest(length(${a}), length(${b})))`
  }
}

/** SQL over lists of words: what is taken off a text, and what stays. */
import { literal } from '../warehouse/quote.js'
import { words } from './fold.js'
import {
  beginningWords,
  companyGaps,
  conjunctionWords,
  degreeWords,
  gluedParticles,
  joinedForms,
  leadingForms,
  legalForms,
  particleWords,
  streetWords,
  suffixWords,
  titleWords,
  unitWords,
} from './key-word.js'

const lists: Readonly<Record<string, readonly string[]>> = {
  beginning: beginningWords,
  company_gap: companyGaps,
  conjunction: conjunctionWords,
  degree: degreeWords,
  joined_form: joinedForms,
  leading_form: leadingForms,
  legal_form: legalForms,
  particle: particleWords,
  suffix: Object.keys(suffixWords),
  title: titleWords,
  unit: unitWords,
}

const meanings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  street: streetWords,
  suffix: suffixWords,
}

function wordsOf(list: string): readonly string[] {
  const found = lists[list]
  if (found === undefined) throw new TypeError(`no list of words: ${list}`)
  return found
}

/** The words as one alternative of a pattern, the longest first. */
function either(list: string): string {
  return wordsOf(list)
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .join('|')
}

/** Words of the list in front of a text fall away, while some text stays. */
export function withoutLeading(list: string, text: string): string {
  return `regexp_replace(${text}, ${literal(`^(?:(?:${either(list)}) )+(.)`)}, '\\1')`
}

/** Words of the list at the end of a text fall away, while some text stays. */
export function withoutTrailing(list: string, text: string): string {
  return `regexp_replace(${text}, ${literal(`(.)(?: (?:${either(list)}))+$`)}, '\\1')`
}

/** The last word of a text where it is one of the list, else ''. */
export function lastWord(list: string, text: string): string {
  return `regexp_extract(${text}, ${literal(`. (${either(list)})$`)}, 1)`
}

/** The first word, where it is one of the list, joined to the next. */
export function joinedFirst(list: string, text: string): string {
  return `regexp_replace(${text}, ${literal(`^(${either(list)}) ([^ ]{2,})`)}, '\\1\\2')`
}

/** Without the words of the list wherever they stand between letters. */
export function withoutInside(list: string, text: string): string {
  return `regexp_replace(${text}, ${literal(either(list))}, '', 'g')`
}

/** Whether a text begins with a word of the list. */
export function beginsWith(list: string, text: string): string {
  return `regexp_matches(${text}, ${literal(`(?i)^\\s*(?:${either(list)})\\b`)})`
}

/** The words in brackets, for `in`. */
export function wordList(list: string): string {
  return `(${wordsOf(list).map(literal).join(', ')})`
}

/** What a word of the map becomes; null for every other word. */
export function meaning(map: string, word: string): string {
  const entries = Object.entries(meanings[map] ?? {})
  const keys = entries.map(([key]) => literal(key)).join(', ')
  const values = entries.map(([, value]) => literal(value)).join(', ')
  return `[${values}][list_position([${keys}], ${word})]`
}

/** DeLuca as De Luca, so that the particle is a word. */
export function particlesApart(text: string): string {
  const pattern = `\\b(${gluedParticles.join('|')})(\\p{Lu}\\p{Ll})`
  return `regexp_replace(${text}, ${literal(pattern)}, '\\1 \\2', 'g')`
}

/**
 * One spelling of a folded name: Dmitrii and Dmitriy are Dmitry, and an
 * umlaut written out is the bare letter (Mueller, as Müller is folded).
 * Digits fall away.
 */
export function oneSpelling(text: string): string {
  const letters = `regexp_replace(${text}, '[^\\p{L} ]+', '', 'g')`
  const ending = `regexp_replace(${letters}, '(iy|ij|ii|yj|yi)\\b', 'y', 'g')`
  const consonant = '[b-df-hj-np-tv-z]'
  return `trim(regexp_replace(${ending}, '(${consonant})(a|o|u)e(${consonant})', '\\1\\2\\3', 'g'))`
}

/**
 * The words of an address: the kind of a street apart from its name
 * (Hauptstrasse), a unit and its number as one word, no `No.`
 */
export function addressWords(text: string): string {
  const said = words(`replace(${text}, '#', ' unit ')`)
  const kinds = `regexp_replace(${said}, '(\\p{L}{3,})(?:strasse|strase|straat|str)\\b', '\\1 str', 'g')`
  const unit = literal(`\\b(?:(?:${either('unit')}) )+([0-9]+[a-z]?|[a-z])\\b`)
  const units = `regexp_replace(${kinds}, ${unit}, 'unit\\1', 'g')`
  return `regexp_replace(${units}, '\\b(?:no|nr|num|number) ([0-9])', '\\1', 'g')`
}

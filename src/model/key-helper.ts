/** Template helpers that the models of normalised values are made with. */
import { folded, isPlaceholder, squeezed, words } from './fold.js'
import type { HelperCall } from './helper.js'
import { sound } from './sound.js'
import { sqlOf } from './sql.js'
import {
  addressWords,
  beginsWith,
  joinedFirst,
  lastWord,
  meaning,
  oneSpelling,
  particlesApart,
  withoutInside,
  withoutLeading,
  withoutTrailing,
  wordList,
} from './word-sql.js'

type Render = (call: HelperCall) => string

const ofText =
  (write: (text: string) => string): Render =>
  ({ args }) =>
    write(sqlOf(args[0]))

const ofList =
  (write: (list: string, text: string) => string): Render =>
  ({ args }) =>
    write(String(args[0]), sqlOf(args[1]))

export const keyHelpers: Readonly<Record<string, Render>> = {
  folded: ofText(folded),
  words: ofText(words),
  squeezed: ofText(squeezed),
  placeholder: ofText(isPlaceholder),
  particles_apart: ofText(particlesApart),
  one_spelling: ofText(oneSpelling),
  address_words: ofText(addressWords),
  sound: ofText(sound),
  without_leading: ofList(withoutLeading),
  without_trailing: ofList(withoutTrailing),
  without_inside: ofList(withoutInside),
  last_word: ofList(lastWord),
  joined_first: ofList(joinedFirst),
  begins_with: ofList(beginsWith),
  word_list: ({ args }) => wordList(String(args[0])),
  meaning: ofList(meaning),
}

/** Cheap agreements that make two leads worth comparing. */
import type { Extra } from './compare.js'

interface Block {
  readonly words: string
  readonly columns: readonly string[]
}

const standardBlocks: readonly Block[] = [
  ['email'],
  ['email_local'],
  ['phone_tail'],
  ['address'],
  ['last_name', 'first_initial'],
  ['first_name', 'last_start'],
  ['person_name'],
  ['first_name', 'birth_date'],
  ['last_name', 'birth_date'],
  ['birth_date', 'city'],
  ['birth_date', 'first_initial'],
  ['birth_date'],
  ['postal_code', 'last_start'],
  ['postal_code', 'first_name'],
  ['house_number', 'postal_code'],
  ['company', 'last_start'],
  ['company', 'first_name'],
  ['city', 'last_name'],
  ['city', 'first_name', 'last_initial'],
].map((columns) => ({
  words: `same ${columns.join(' + ').replaceAll('_', ' ')}`,
  columns,
}))

/** Ways to find pairs worth comparing; the number is a block's name. */
export function blocksOf(extras: readonly Extra[]) {
  const own = extras.map(({ field, column }) => ({
    words: `same ${field}`,
    columns: [column],
  }))
  return [...standardBlocks, ...own].map((block, index) => ({
    ...block,
    number: index + 1,
  }))
}

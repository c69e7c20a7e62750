import { asciiOf, withoutAccents } from './latin.js'
import { nickname } from './nickname.js'
import type { Person } from './person.js'
import type { Random } from './random.js'
import type { Value } from './value.js'

/** A record under construction: API field names and values. */
export type Draft = Record<string, Value>

/** One way in which people and forms spoil a record of a known person. */
export type Corruption = (draft: Draft, person: Person, random: Random) => void

function edit(draft: Draft, field: string, change: (text: string) => string) {
  const value = draft[field]
  if (typeof value === 'string' && value !== '') draft[field] = change(value)
}

/** A slip of the hand: a letter swapped, dropped, doubled or missed. */
function typo(text: string, random: Random): string {
  const letters = Array.from(text)
  if (letters.length < 4) return text
  const at = 1 + random.below(letters.length - 2)
  const [here = '', next = ''] = [letters[at], letters[at + 1]]
  switch (random.below(4)) {
    case 0:
      letters.splice(at, 2, next, here)
      break
    case 1:
      letters.splice(at, 1)
      break
    case 2:
      letters.splice(at, 0, here)
      break
    default:
      letters.splice(at, 1, neighbour(here, random))
  }
  return letters.join('')
}

const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890']

/** The key beside; letters off the keyboard stay. */
function neighbour(letter: string, random: Random): string {
  const row = rows.find((keys) => keys.includes(letter.toLowerCase()))
  if (row === undefined) return letter
  const at = row.indexOf(letter.toLowerCase())
  const beside = random.chance(0.5) ? at + 1 : at - 1
  return row.charAt(Math.max(0, Math.min(row.length - 1, beside)))
}

function typoIn(fields: readonly string[]): Corruption {
  return (draft, _, random) => {
    edit(draft, random.pick(fields), (text) => typo(text, random))
  }
}

const changeCase: Corruption = (draft, _, random) => {
  const upper = random.chance(0.5)
  const change = (text: string) =>
    upper ? text.toUpperCase() : text.toLowerCase()
  for (const field of ['firstName', 'lastName']) edit(draft, field, change)
  if (random.chance(0.4)) edit(draft, 'email', (text) => text.toUpperCase())
}

const dropAccents: Corruption = (draft) => {
  for (const field of ['firstName', 'lastName', 'city', 'company', 'address']) {
    edit(draft, field, withoutAccents)
  }
}

const swapNames: Corruption = (draft) => {
  const { firstName = null, lastName = null } = draft
  draft['firstName'] = lastName
  draft['lastName'] = firstName
}

const useNickname: Corruption = (draft, person) => {
  edit(draft, 'firstName', (text) => nickname(text, person.first))
}

const initialOnly: Corruption = (draft) => {
  edit(draft, 'firstName', (text) => `${Array.from(text)[0] ?? ''}.`)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A name in another script becomes its Latin spelling. */
const latinise: Corruption = (draft, { latin: [first, last] }) => {
  draft['firstName'] = capital(first)
  draft['lastName'] = capital(last)
}

const plusAddress: Corruption = (draft, _, random) => {
  const tag = random.pick(['news', 'events', 'shop', 'marketo'])
  edit(draft, 'email', (text) => text.replace('@', `+${tag}@`))
}

const moveDots: Corruption = (draft) => {
  edit(draft, 'email', (text) => {
    const [local = '', domain] = text.split('@')
    if (domain !== 'gmail.com') return text
    const bare = local.replaceAll('.', '')
    return `${bare.slice(0, 2)}.${bare.slice(2)}@${domain}`
  })
}

const blanks: Corruption = (draft, _, random) => {
  edit(draft, 'firstName', (text) => `${text}${random.pick([' ', '\u00a0'])}`)
  edit(draft, 'lastName', (text) => `  ${text}`)
  if (random.chance(0.3)) edit(draft, 'email', (text) => ` ${text} `)
}

const domainTypos: Readonly<Record<string, string>> = {
  'gmail.com': 'gmial.com',
  'hotmail.com': 'hotmial.com',
  'outlook.com': 'outlok.com',
  'icloud.com': 'iclod.com',
  'gmx.de': 'gmx.dee',
}

const domainTypo: Corruption = (draft, _, random) => {
  edit(draft, 'email', (text) => {
    const [local = '', domain = ''] = text.split('@')
    return `${local}@${domainTypos[domain] ?? typo(domain, random)}`
  })
}

const otherEmail: Corruption = (draft, person) => {
  draft['email'] = person.privateEmail
}

const formOnly: Corruption = (draft) => {
  for (const field of ['title', 'address', 'city', 'state', 'postalCode']) {
    draft[field] = null
  }
  draft['dateOfBirth'] = null
}

const noPhone: Corruption = (draft) => {
  draft['phone'] = null
  draft['mobilePhone'] = null
}

const noName: Corruption = (draft, _, random) => {
  draft[random.pick(['firstName', 'lastName'])] = null
}

const noEmail: Corruption = (draft) => {
  draft['email'] = null
}

/** The company without its legal form, in capitals, or shortened. */
const companyVariant: Corruption = (draft, _, random) => {
  edit(draft, 'company', (text) => {
    const short = text.replace(/[ ,]+\S*$/, '') || text
    const draw = random.below(3)
    if (draw === 0) return short
    return draw === 1 ? text.toUpperCase() : `${asciiOf(short)} `
  })
}

/** The same number as somebody else would write it. */
export function phoneVariant(person: Person, random: Random): string {
  const { calling, trunk } = person.pool.culture
  const national = person.phone.slice(1 + calling.length)
  const groups = national.replaceAll(/(\d{3})(?=\d)/g, '$1 ')
  switch (random.below(6)) {
    case 0:
      return `+${calling} ${groups}`
    case 1:
      return `${trunk}${national}`
    case 2:
      return `${trunk}${groups.replaceAll(' ', '-')}`
    case 3:
      return `00${calling}${national}`
    case 4:
      return `(${trunk}${national.slice(0, 3)}) ${national.slice(3)}`
    default:
      return `+${calling}.${groups.replaceAll(' ', '.')} ext. ${random.below(90) + 10}`
  }
}

const rewritePhone: Corruption = (draft, person, random) => {
  if (draft['phone'] !== null) draft['phone'] = phoneVariant(person, random)
}

/** Each as often as its number says. */
const weighted: readonly (readonly [number, Corruption])[] = [
  [6, typoIn(['firstName', 'lastName'])],
  [3, typoIn(['company', 'city', 'address'])],
  [2, typoIn(['email'])],
  [7, changeCase],
  [5, dropAccents],
  [3, swapNames],
  [4, useNickname],
  [2, initialOnly],
  [3, latinise],
  [4, plusAddress],
  [2, moveDots],
  [5, blanks],
  [2, domainTypo],
  [7, otherEmail],
  [8, formOnly],
  [4, noPhone],
  [3, noName],
  [3, noEmail],
  [5, companyVariant],
  [8, rewritePhone],
]

const wheel = weighted.flatMap(([weight, corruption]) =>
  Array.from({ length: weight }, () => corruption),
)

/** Spoils a record in one to three ways. */
export function corrupt(draft: Draft, person: Person, random: Random): void {
  const times = 1 + random.below(3)
  for (let i = 0; i < times; i++) random.pick(wheel)(draft, person, random)
  // A record by which nobody could recognise the person proves nothing.
  draft['lastName'] ??= person.last
  if (draft['email'] === null && draft['phone'] === null) {
    draft['phone'] = phoneVariant(person, random)
  }
}

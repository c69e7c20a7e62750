import type { RowWriter } from './csv.js'
import { mix32 } from './random.js'
import type { Value, Values } from './value.js'

/** First and last names with the spelling that an address has. */
const firstNames = names(
  'Ada Alan Amélie=amelie Ann Björn=bjorn Carla Chen Dmitri Elif Emma Farid',
  'Grace Hana Igor Inès=ines James José=jose Julia Kofi Lars Léa=lea Liam',
  'Ling Maria Max Mei Mohamed Nora Olga Omar Paul Priya Rosa Sara Sven Tom',
)

const lastNames = names(
  'Abe Almeida Andersson Becker Bianchi Brown Cohen Costa Cruz Diallo Dubois',
  "Evans Fischer García=garcia Hansen Haddad Ivanov Jansen Khan Kim O'Neil=oneil",
  'Kowalski Laurent Lee Lopez Müller=mueller Mensah Nakamura Nguyen Null Okafor',
  'Patel Petrov Rossi Santos Schmidt Silva Singh Smith Sørensen=soerensen Wang',
)

function names(...lines: string[]): readonly (readonly [string, string])[] {
  return lines
    .join(' ')
    .split(' ')
    .map((word) => {
      const [name = '', ascii = name.toLowerCase()] = word.split('=')
      return [name, ascii] as const
    })
}

const domains = ['gmail.com', 'acme.example', 'outlook.com', 'globex.example']
const words = ['North', 'Blue', 'First', 'Delta', 'Royal', 'Green', 'United']
const trades = ['Foods', 'Steel', 'Software', 'Logistics', 'Bank', 'Energy']
const forms = ['Ltd', 'GmbH', 'SA', ', Inc.', '"Global" AG', '& Sons']

const companies = words.flatMap((word) =>
  trades.flatMap((trade) => forms.map((form) => `${word} ${trade} ${form}`)),
)

/** Fields with few values; the number seasons the draw. */
const pools: Readonly<Record<string, readonly [number, readonly Value[]]>> = {
  company: [11, [null, ...companies]],
  industry: [12, [null, 'Retail', 'Finance', 'Education', 'Health care']],
  country: [13, ['France', 'Germany', 'United States', 'Japan', null]],
  city: [14, ['Paris', 'Köln', 'Boston', '東京', 'São Paulo', null]],
  title: [15, [null, 'Engineer', 'VP, Sales', 'Buyer', 'Head of "IT"']],
  leadSource: [16, ['Website', 'Webinar', 'Trade Show', 'List import', null]],
  leadStatus: [17, [null, 'Open', 'Qualified']],
  unsubscribed: [18, [false, false, false, false, false, false, false, true]],
  emailInvalid: [19, [...Array<boolean>(31).fill(false), true]],
  leadScore: [20, [...Array(150).keys()]],
  personType: [21, ['contact']],
  isLead: [22, [true]],
}

/** The fields of virtual leads, computed from their index. */
export class VirtualPeople {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = mix32(seed + 77)
  }

  /** 32 random bits of an index and a purpose. */
  draw(index: number, purpose: number): number {
    return mix32(this.#seed ^ (Math.imul(index, 0x9e3779b1) + purpose * 0x51ed))
  }

  /** Whose record it is: about 2 % are a person who is there already. */
  person(index: number): number {
    if ((index & 15) !== 15) return index
    const draw = this.draw(index, 3)
    return draw % 3 === 0 ? index - 1 - (draw % 15) : index
  }

  value(index: number, field: string): Value {
    const pool = pools[field]
    if (pool !== undefined) return pick(pool[1], this.draw(index, pool[0]))
    switch (field) {
      case 'email':
        return this.#email(index)
      case 'firstName':
        return this.#name(index, 5, firstNames)[0]
      case 'lastName':
        return this.#name(index, 6, lastNames)[0]
      case 'phone':
        return `+1 555 ${1_000_000 + (this.draw(this.person(index), 8) % 9e6)}`
      default:
        return null
    }
  }

  values(index: number): Values {
    const found: Record<string, Value> = {}
    for (const field of fields) {
      const value = this.value(index, field)
      if (value !== null) found[field] = value
    }
    return found
  }

  /** Writes a field's cells; those of few values are written once. */
  cells(field: string, writer: RowWriter): (index: number) => string {
    // Nothing in an address, a name or a number ever needs quotes.
    if (field === 'email') return (index) => this.#email(index)
    const pool = pools[field]
    if (pool === undefined) return (index) => this.#plain(index, field)
    const [purpose, values] = pool
    const written = values.map((value) => writer.cell(value))
    return (index) => written[this.draw(index, purpose) % written.length] ?? ''
  }

  #plain(index: number, field: string): string {
    return String(this.value(index, field))
  }

  /** Indexes that may have this address. */
  withEmail(email: string): number[] {
    const person = Number(/\.(\d+)@/.exec(email)?.[1] ?? 'none')
    if (!Number.isSafeInteger(person)) return []
    const wanted = email.trim().toLowerCase()
    return [...new Set([person, person | 15])].filter(
      (index) => this.#email(index).toLowerCase() === wanted,
    )
  }

  #name<T>(index: number, purpose: number, list: readonly T[]): T {
    return pick(list, this.draw(this.person(index), purpose))
  }

  #email(index: number): string {
    const person = this.person(index)
    const [, first] = this.#name(index, 5, firstNames)
    const [, last] = this.#name(index, 6, lastNames)
    const domain = this.#name(index, 7, domains)
    const email = `${first}.${last}.${person}@${domain}`
    return person === index ? email : email.toUpperCase()
  }
}

const fields = [
  'email',
  'firstName',
  'lastName',
  'phone',
  ...Object.keys(pools),
]

function pick<T>(list: readonly T[], draw: number): T {
  const found = list[draw % list.length]
  if (found === undefined) throw new RangeError('Nothing to pick from')
  return found
}

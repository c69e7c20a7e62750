import { faker as ar } from '@faker-js/faker/locale/ar'
import { faker as cs } from '@faker-js/faker/locale/cs_CZ'
import { faker as de } from '@faker-js/faker/locale/de'
import { faker as el } from '@faker-js/faker/locale/el'
import { faker as en } from '@faker-js/faker/locale/en'
import { faker as enGb } from '@faker-js/faker/locale/en_GB'
import { faker as es } from '@faker-js/faker/locale/es'
import { faker as fr } from '@faker-js/faker/locale/fr'
import { faker as he } from '@faker-js/faker/locale/he'
import { faker as it } from '@faker-js/faker/locale/it'
import { faker as ja } from '@faker-js/faker/locale/ja'
import { faker as ko } from '@faker-js/faker/locale/ko'
import { faker as nl } from '@faker-js/faker/locale/nl'
import { faker as pl } from '@faker-js/faker/locale/pl'
import { faker as ptBr } from '@faker-js/faker/locale/pt_BR'
import { faker as ru } from '@faker-js/faker/locale/ru'
import { faker as sv } from '@faker-js/faker/locale/sv'
import { faker as tr } from '@faker-js/faker/locale/tr'
import { faker as vi } from '@faker-js/faker/locale/vi'
import { faker as zhCn } from '@faker-js/faker/locale/zh_CN'
import { cultures, type Culture } from './culture.js'
import { cities, streets } from './place.js'

type Source = typeof en

/** The words of a culture, taken once; picks are by the generator's seed. */
export interface Pool {
  readonly culture: Culture
  /** Male and female. */
  readonly first: readonly [readonly string[], readonly string[]]
  readonly last: readonly [readonly string[], readonly string[]]
  readonly cities: readonly string[]
  readonly streets: readonly string[]
  readonly states: readonly string[]
  readonly jobs: readonly [string[], string[], string[]]
}

const sources: Readonly<Record<string, Source>> = {
  ar,
  cs_CZ: cs,
  de,
  el,
  en_GB: enGb,
  en_US: en,
  es,
  fr,
  he,
  it,
  ja,
  ko,
  nl,
  pl,
  pt_BR: ptBr,
  ru,
  sv,
  tr,
  vi,
  zh_CN: zhCn,
}

interface Gendered {
  readonly generic?: readonly string[]
  readonly male?: readonly string[]
  readonly female?: readonly string[]
}

/** Names for men and women; generic ones serve both where need be. */
function gendered(names: Gendered): [readonly string[], readonly string[]] {
  const { generic = [], male = [], female = [] } = names
  return [
    male.length > 0 ? male : generic,
    female.length > 0 ? female : generic,
  ]
}

function poolOf(culture: Culture): Pool {
  const source = sources[culture.locale]
  if (source === undefined) throw new RangeError(`No words: ${culture.locale}`)
  const { person, location } = source.definitions
  return {
    culture,
    first: gendered(person.first_name),
    last: gendered(person.last_name),
    cities: citiesOf(culture, location.city_name),
    streets: streetsOf(culture, location.street_name),
    states: location.state.map(String),
    jobs: [
      person.job_descriptor.map(String),
      person.job_area.map(String),
      person.job_type.map(String),
    ],
  }
}

/** Street names in the culture's words; English ones only for English. */
function streetsOf(culture: Culture, names: readonly string[]): string[] {
  const isEnglish = culture.locale.startsWith('en')
  const own = names !== en.definitions.location.street_name
  if (own || isEnglish) return names.map(String)
  return (streets[culture.locale] ?? 'Main Street').split('|')
}

function citiesOf(culture: Culture, names: readonly string[]): string[] {
  const own = names !== en.definitions.location.city_name
  const listed = cities[culture.locale]
  return own || listed === undefined ? names.map(String) : listed.split('|')
}

let built: readonly Pool[] | null = null

export function pools(): readonly Pool[] {
  built ??= cultures.map(poolOf)
  return built
}

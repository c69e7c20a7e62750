import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comparisonsOf, faced } from '../../src/model/compare.js'
import { levelColumns } from '../../src/model/level.js'
import { Random } from '../../src/sandbox/random.js'
import { literal } from '../../src/warehouse/quote.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { memory } from './memory.js'

const comparisons = comparisonsOf([])

type Person = Readonly<Record<string, string>>

const columns = {
  email: 'varchar',
  first_name: 'varchar',
  first_root: 'varchar',
  last_name: 'varchar',
  share_first_name: 'double',
  share_last_name: 'double',
  birth_date: 'varchar',
  phone: 'varchar',
  address: 'varchar',
  city: 'varchar',
  postal_code: 'varchar',
  company: 'varchar',
} as const

function row(person: Person, id: number): string {
  const cells = Object.entries(columns).map(([name, type]) => {
    const value = person[name]
    return value === undefined ? `null::${type}` : `${literal(value)}::${type}`
  })
  return `(${id}, ${cells.join(', ')})`
}

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await memory()
})

afterAll(async () => {
  await warehouse.close()
})

/** The levels of every two neighbours: the first and second, and so on. */
async function levels(
  people: readonly Person[],
): Promise<Record<string, number>[]> {
  const rows = people.map((person, index) => row(person, index))
  await warehouse.run(
    `create or replace temp table value as
     select
       *,
       nullif(array_to_string(
         list_sort(regexp_extract_all(address, '[0-9]+')), ' '
       ), '') as address_numbers,
       cast(try_strptime(birth_date, '%Y%m%d') as date) as birth_day,
     from (values ${rows.join(', ')})
       as given (id, ${Object.keys(columns).join(', ')})`,
  )
  await warehouse.run(
    `create or replace temp table pair as
     select id as a, id + 1 as b from value where id % 2 = 0`,
  )
  return await warehouse.rows(
    `select ${levelColumns(comparisons)}
     from ${faced('pair', 'value', comparisons)} order by a`,
  )
}

async function level(
  comparison: string,
  one: Person,
  other: Person,
): Promise<number | undefined> {
  const there = await levels([one, other])
  const back = await levels([other, one])
  expect(back).toEqual(there)
  return there[0]?.[`level_${comparison}`]
}

/** Usual in their places; swapped they are not. */
const right = { share_first_name: '0.01', share_last_name: '0.01' }
const wrong = { share_first_name: '0.00001', share_last_name: '0.00001' }
const ismail = { first_name: 'ismail', last_name: 'kasten', ...right }

describe('names in each other’s place', () => {
  it('are those of one person where both were swapped', async () => {
    const swapped = { first_name: 'kasten', last_name: 'ismail', ...wrong }
    expect(await level('first', ismail, swapped)).toBe(3)
    expect(await level('last', ismail, swapped)).toBe(3)
  })

  it('are a family’s where only one of them agrees', async () => {
    const emily = { first_name: 'kasten', last_name: 'emily', ...wrong }
    expect(await level('last', ismail, emily)).toBe(3)
    expect(await level('first', ismail, emily)).toBe(0)
  })
})

describe('similar mailboxes', () => {
  const anna = { first_name: 'anna', last_name: 'smith' }
  const anne = { first_name: 'anne', last_name: 'smith' }
  const at = (local: string) => ({ email: `${local}@acme.example` })

  it.each([
    ['a slip in one', 2, anna, at('anna.smith'), anna, at('anna.smth')],
    ['a number on one of them', 0, anna, at('a.smith'), anna, at('a.smith2')],
    ['other numbers', 0, anna, at('a.smith1982'), anna, at('a.smith2017')],
    [
      'a slip in the number',
      2,
      anna,
      at('a.smith1982'),
      anna,
      at('a.smith192'),
    ],
    [
      'names of their owners',
      0,
      anna,
      at('anna.smith'),
      anne,
      at('anne.smith'),
    ],
    [
      'a slip in a name alone',
      2,
      anna,
      at('ana.smith'),
      anne,
      at('anna.smith'),
    ],
  ])('with %s are at level %i', async (_, found, one, mine, other, theirs) => {
    expect(
      await level('email', { ...one, ...mine }, { ...other, ...theirs }),
    ).toBe(found)
  })
})

describe('addresses', () => {
  it('are one street where words run together', async () => {
    const one = { address: '24 brookvale mackenziestreet', city: 'corrimal' }
    const other = { address: '92 brookvale mackenzie st', city: 'corrimal' }
    expect(await level('address', one, other)).toBe(2)
  })

  it('of other streets are different', async () => {
    const one = { address: '24 high street', city: 'corrimal' }
    const other = { address: '92 mackenzie st', city: 'corrimal' }
    expect(await level('address', one, other)).toBe(0)
  })
})

describe('slips in a name', () => {
  it('are counted by edits, however they are told', async () => {
    const random = new Random(7)
    const people = Array.from({ length: 3000 }, () => {
      const name = word(random)
      return [{ last_name: name }, { last_name: edited(name, random) }]
    })
    const found = await levels(people.flat())
    const expected = await warehouse.rows<{ slips: number; short: number }>(
      `select
         damerau_levenshtein(x.last_name, y.last_name)::integer as slips,
         least(length(x.last_name), length(y.last_name))::integer as short,
       from pair join value as x on x.id = a join value as y on y.id = b
       order by a`,
    )
    const isSlip = ({ slips, short }: { slips: number; short: number }) =>
      slips <= 1 || (slips === 2 && short >= 6)
    expect(found.map((each) => (each['level_last'] ?? 0) >= 2)).toEqual(
      expected.map(isSlip),
    )
    expect(expected.filter(isSlip).length).toBeGreaterThan(500)
  })
})

function word(random: Random): string {
  const letters = Array.from({ length: 1 + random.below(14) }, () =>
    random.pick(Array.from('abcdefgh')),
  )
  return letters.join('')
}

/** Up to three letters changed, left out, added or turned. */
function edited(text: string, random: Random): string {
  let letters = Array.from(text)
  for (let times = random.below(4); times > 0; times -= 1) {
    const at = random.below(letters.length + 1)
    const kind = random.below(3)
    const here = letters[at] ?? 'x'
    const next = letters[at + 1] ?? 'y'
    if (kind === 0) letters = letters.toSpliced(at, 1)
    else if (kind === 1) letters = letters.toSpliced(at, 0, 'z')
    else letters = letters.toSpliced(at, 2, next, here)
  }
  return letters.join('') || 'q'
}

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sql } from '../../src/model/sql.js'
import { refusal, sql } from './rendering.js'

let connection: DuckDBConnection
let instance: DuckDBInstance

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:')
  connection = await instance.connect()
})

afterAll(() => {
  connection.closeSync()
  instance.closeSync()
})

/** The only column of the only row, and its name. */
async function ask(text: string) {
  const statements = await connection.extractStatements(text)
  expect(statements.count).toBe(1)
  const reader = await connection.runAndReadAll(text)
  expect(reader.currentRowCount).toBe(1)
  return { value: reader.getRowsJS()[0]?.[0], name: reader.columnNames()[0] }
}

/** Numbers from 0 to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

// biome-ignore format: a list to read
const hostile = [
  "'", "''", '"', '""', '`', '{{', '}}', '{{{', '}}}', '{{&x}}', '{{value}}',
  '{{> x}}', '{{ref "a"}}', '--', '/*', '*/', ';', '; drop table t; --',
  "' or 1=1 --", '\\', "\\'", '\\\\', '\n', '\r\n', '\r', '\t', '\0',
  '$$', '$a$', '$1', '?', ':x', '%', '_', "E'\\''", 'null', 'NaN', ' ',
  'é', 'e\u0301', 'ß', 'İ', '漢字', '😀', '👩‍👩‍👧', '\u200f', '\u202e',
  '\ufeff', '\u2028', '\u00a0', '\u00ad', '\uffff', '<b>', '&amp;', 'a', '0',
]

function hostileValues(count: number): string[] {
  const random = seeded(20261121)
  const pick = () => hostile[Math.floor(random() * hostile.length)] ?? ''
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + Math.floor(random() * 8) }, pick).join(''),
  )
}

describe('a value in a template', () => {
  it('comes back from DuckDB byte for byte as a literal, whatever it holds', async () => {
    for (const value of hostileValues(2000)) {
      // The bytes, because reading a text drops a byte order mark.
      const text = sql('select hex(encode({{value}})) as v', { value })
      const bytes = Buffer.from(value, 'utf8').toString('hex').toUpperCase()
      expect((await ask(text)).value).toBe(bytes)
    }
  }, 60_000)

  it('comes back from DuckDB byte for byte as a name; NUL is refused', async () => {
    for (const value of hostileValues(2000)) {
      const template = 'select 1 as {{ident value}}'
      if (value.includes('\0')) {
        expect(refusal(template, { value })).toContain('models/x.sql:1:13')
      } else {
        expect((await ask(sql(template, { value }))).name).toBe(value)
      }
    }
  }, 60_000)

  it('comes back from DuckDB byte for byte in a list', async () => {
    const values = hostileValues(200)
    const text = sql(
      'select count(*)::int from (values {{#each values}}({{this}}){{#unless @last}}, {{/unless}}{{/each}}) t(v) where v in {{values}}',
      { values },
    )
    expect((await ask(text)).value).toBe(values.length)
  })

  it('is never read as a template again', () => {
    const context = { a: '{{b}}', b: '{{{a}}}', list: ['{{#each list}}'] }
    expect(sql('{{a}} {{b}} {{list}} {{ident a}}', context)).toBe(
      `'{{b}}' '{{{a}}}' ('{{#each list}}') "{{b}}"`,
    )
  })

  it('is a literal of its own kind', () => {
    const context = { t: true, f: false, n: null, i: 7, d: 0.1, big: 12n }
    expect(sql('{{t}} {{f}} {{n}} {{i}} {{d}} {{big}}', context)).toBe(
      'true false null 7 0.1 12',
    )
  })

  it('cannot start a comment by being negative', async () => {
    const text = sql('select 1 -{{n}} as v', { n: -5 })
    expect((await ask(text)).value).toBe(6)
  })

  it.each([
    [['a', "b'c", 1, null], `('a', 'b''c', 1, null)`],
    [[-1, true], '((-1), true)'],
  ])('is a list in brackets: %j', (list, expected) => {
    expect(sql('{{list}}', { list })).toBe(expected)
  })

  it('of an empty list holds nothing and excludes nothing', async () => {
    const text = sql(
      `select ('a' in {{l}})::int + 10 * ('a' not in {{l}})::int as v`,
      { l: [] },
    )
    expect((await ask(text)).value).toBe(10)
  })

  it.each([
    ['an object', { value: { a: 1 } }],
    ['a date', { value: new Date(0) }],
    ['a list of lists', { value: [['a']] }],
    ['a number that is not finite', { value: Number.NaN }],
    ['infinity', { value: [Number.POSITIVE_INFINITY] }],
    ['SQL', { value: new Sql('1') }],
  ])('is refused as a literal where it is %s', (_, context) => {
    expect(refusal('select\n  {{value}}', context)).toMatch(
      /^models\/x\.sql:2:3 {2}.* cannot be /,
    )
  })

  it('with half a surrogate pair is refused instead of changed', () => {
    expect(refusal('{{ident v}}', { v: '\ud83d' })).toContain('surrogate')
    expect(refusal('{{lit v}}', { v: '\ud83d' })).toContain('surrogate')
  })
})

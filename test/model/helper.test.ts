import { describe, expect, it } from 'vitest'
import type { Helpers } from '../../src/model/helper.js'
import { Sql } from '../../src/model/sql.js'
import { renderModel } from '../../src/model/template.js'
import { error, refusal, resolver, sql } from './rendering.js'

function withCountry(text: string): string {
  const template = { file: 'models/x.sql', text }
  const variables = { country: "d'e" }
  return renderModel(template, {}, { helpers: {}, resolver, variables }).sql
}

describe('helpers', () => {
  it('get arguments, named arguments and their place', () => {
    const seen: unknown[] = []
    const helpers: Helpers = {
      spy: (given) => {
        seen.push(given)
        return new Sql('1')
      },
    }
    sql(
      '\n {{spy a "t" 2 null true l of="x" deep=o}}',
      { a: 'A', l: [1], o: { p: 1 } },
      helpers,
    )
    expect(seen).toEqual([
      {
        args: ['A', 't', 2, null, true, [1]],
        named: { of: 'x', deep: { p: 1 } },
        at: { file: 'models/x.sql', line: 2, column: 2 },
      },
    ])
  })

  it("must return SQL; a text is refused by the helper's name", () => {
    const bad: Helpers = {
      // @ts-expect-error a text is not SQL, and the types say so
      bad: () => '1; drop table x',
    }
    expect(refusal('{{bad 1}}', {}, bad)).toBe(
      'models/x.sql:1:1  the helper bad returned something that is not SQL; correct the helper.',
    )
    expect(refusal('{{lit (bad 1)}}', {}, bad)).toContain('helper bad')
  })

  it('that fail are named with the place of the call', () => {
    const helpers: Helpers = {
      bad: () => {
        throw new TypeError('no such thing')
      },
    }
    expect(refusal('\n{{bad 1}}', {}, helpers)).toBe(
      'models/x.sql:2:1  the helper bad failed: no such thing',
    )
  })

  it('get SQL of inner calls, which no text can be made of', () => {
    const helpers: Helpers = {
      wrap: ({ args: [inner] }) =>
        new Sql(`f(${inner instanceof Sql ? inner.text : ''})`),
      text: ({ args }) => new Sql(args.map(String).join('')),
    }
    expect(sql('{{wrap (ident "a")}}', {}, helpers)).toBe('f("a")')
    expect(refusal('{{text (ident "a")}}', {}, helpers)).toContain(
      'SQL was used',
    )
  })

  it('that are generic cannot be replaced', () => {
    const helpers: Helpers = { lit: () => new Sql('raw') }
    expect(sql('{{lit "a"}}', {}, helpers)).toBe("'a'")
  })

  it('ref, source, ident, lit and list quote what they are given', () => {
    const text =
      '{{ref "a"}} {{source "b" "c"}} {{ident n}} {{lit n}} {{list l}}'
    expect(sql(text, { n: 'q"\'', l: ['q'] })).toBe(
      `"dedupe"."a" "b"."c" "q""'" 'q"''' ('q')`,
    )
  })

  it('var gives a variable as literal, or its default', () => {
    expect(withCountry('{{var "country"}} {{var "none" 5}}')).toBe("'d''e' 5")
    expect(error(() => withCountry('{{var "contry"}}')).message).toContain(
      'Did you mean "country"?',
    )
  })

  it.each([
    '{{ref "a" "b"}}',
    '{{ref n}}',
    '{{source "a" "b" "c"}}',
    '{{ident n}}',
    '{{ident "a" "b"}}',
    '{{lit 1 2}}',
    '{{list "a"}}',
    '{{var n}}',
    '{{ident ""}}',
  ])('refuse arguments that make no sense: %s', (text) => {
    expect(refusal(text, { n: 1 })).toMatch(/^models\/x\.sql:1:1 {2}/)
  })
})

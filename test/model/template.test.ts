import { describe, expect, it } from 'vitest'
import { Sql } from '../../src/model/sql.js'
import { staticReferences } from '../../src/model/template.js'
import { refusal, render, sql } from './rendering.js'

describe('names in scope', () => {
  const order = {
    name: 'one',
    order: 1,
    domain: 'acme.example',
    outer: [
      { name: 'a', inner: ['x', 'y'] },
      { name: 'b', inner: ['z'] },
    ],
    object: { first: 1, second: 2 },
  }

  it('are values even where a helper has their name', () => {
    const helpers = { name: () => new Sql('H'), order: () => new Sql('H') }
    expect(sql('{{name}} {{order}} {{domain}}', order, helpers)).toBe(
      "'one' 1 'acme.example'",
    )
  })

  it('are helpers only with arguments', () => {
    const helpers = { name: () => new Sql('H') }
    expect(sql('{{name 1}} {{name a=1}}', order, helpers)).toBe('H H')
  })

  it('reach outwards through nested each by ../', () => {
    expect(
      sql(
        '{{#each outer}}{{#each inner}}{{../../name}}.{{../name}}.{{this}} {{/each}}{{/each}}',
        order,
      ),
    ).toBe("'one'.'a'.'x' 'one'.'a'.'y' 'one'.'b'.'z' ")
  })

  it('stay on their level inside if and unless', () => {
    expect(
      sql(
        '{{#each outer}}{{#if name}}{{#unless ../none}}{{../name}} {{/unless}}{{/if}}{{/each}}',
        { ...order, none: null },
      ),
    ).toBe("'one' 'one' ")
  })

  it('include the index, key, first and last of each', () => {
    expect(
      sql(
        '{{#each object}}{{@key}} {{@index}} {{@first}} {{@last}} {{this}}\n{{/each}}',
        order,
      ),
    ).toBe("'first' 0 true false 1\n'second' 1 false true 2\n")
    expect(
      sql(
        '{{#each outer}}{{#each inner}}{{@../index}} {{@index}} {{/each}}{{/each}}',
        order,
      ),
    ).toBe('0 0 0 1 1 0 ')
  })

  it('move inwards by with', () => {
    expect(sql('{{#with object}}{{first}} {{../name}}{{/with}}', order)).toBe(
      "1 'one'",
    )
  })

  it.each([
    ['{{nam}}', '1:3', 'Did you mean "name"?'],
    ['x\n  {{object.frist}}', '2:5', 'Did you mean "first"?'],
    ['{{ident nam}}', '1:9', 'Did you mean "name"?'],
    ['{{lit (lit nam)}}', '1:12', 'Did you mean "name"?'],
    ['{{lit 1 of=nam}}', '1:12', 'Did you mean "name"?'],
    ['{{#if nam}}{{/if}}', '1:7', 'Did you mean "name"?'],
    ['{{#unless nam}}{{/unless}}', '1:11', 'Did you mean "name"?'],
    ['{{#each oute}}{{/each}}', '1:9', 'Did you mean "outer"?'],
    ['{{#with objet}}{{/with}}', '1:9', 'Did you mean "object"?'],
    [
      '{{#each outer}}\n{{domain}}{{/each}}',
      '2:3',
      'Did you mean "../domain"?',
    ],
    ['{{#each outer}}{{../nam}}{{/each}}', '1:18', 'Did you mean "name"?'],
    ['{{../name}}', '1:3', 'climbs out'],
    ['{{@index}}', '1:3', 'missing'],
    ['{{zzzzzz}}', '1:3', 'There is name, order, domain, outer, object.'],
  ])('that are missing are refused in %j at %s', (text, place, said) => {
    const message = refusal(text, order)
    expect(message.startsWith(`models/x.sql:${place}  `)).toBe(true)
    expect(message).toContain(said)
  })

  it.each([
    '{{toString}}',
    '{{constructor}}',
    '{{constructor.name}}',
    '{{__proto__}}',
    '{{name.length}}',
    '{{outer.map}}',
    '{{object.hasOwnProperty}}',
    '{{lit object.valueOf}}',
    '{{#each constructor}}{{/each}}',
    '{{get}}',
    '{{call}}',
    '{{undefined_value}}',
  ])('are own data only: %s is refused', (text) => {
    const context = {
      ...order,
      get get() {
        return 'run'
      },
      call: () => 'run',
      undefined_value: undefined,
    }
    const message = refusal(text, context, {})
    expect(message).toMatch(/is missing|is not a value/)
  })

  it('may be null where a block asks', () => {
    const text =
      '{{#if x.list}}a{{else}}b{{/if}}{{#each x.list}}c{{else}}d{{/each}}{{#with x.list}}e{{else}}f{{/with}}'
    expect(sql(text, { x: { list: null } })).toBe('bdf')
  })

  it('may not be a text where each asks for a list', () => {
    expect(refusal('{{#each v}}{{/each}}', { v: 'abc' })).toContain(
      'each needs a list',
    )
  })
})

describe('blocks', () => {
  it.each([
    [true, 'yes'],
    [1, 'yes'],
    ['a', 'yes'],
    [['a'], 'yes'],
    [{}, 'yes'],
    [false, 'no'],
    [0, 'no'],
    ['', 'no'],
    [[], 'no'],
    [null, 'no'],
  ])('take %j for %s', (v, expected) => {
    expect(sql('{{#if v}}yes{{else}}no{{/if}}', { v })).toBe(expected)
    expect(sql('{{#unless v}}no{{else}}yes{{/unless}}', { v })).toBe(expected)
  })

  it('chain by else if', () => {
    const text = '{{#if a}}A{{else if b}}B{{else}}C{{/if}}'
    expect(sql(text, { a: false, b: true })).toBe('B')
    expect(sql(text, { a: false, b: false })).toBe('C')
  })

  it('on lines of their own leave no empty lines', () => {
    expect(
      sql('select\n{{#each l}}\n    {{this}},\n{{/each}}\nfrom t\n', {
        l: [1, 2],
      }),
    ).toBe('select\n    1,\n    2,\nfrom t\n')
  })

  it.each([
    '{{#custom a}}{{/custom}}',
    '{{#a}}{{/a}}',
    '{{^a}}{{/a}}',
    '{{{{each a}}}}{{{{/each}}}}',
    '{{#lookup a "b"}}{{/lookup}}',
    '{{#each a b}}{{/each}}',
    '{{#each}}{{/each}}',
    '{{#if a x=1}}{{/if}}',
    '{{#each a as |b|}}{{/each}}',
    '{{#../each a}}{{/../each}}',
  ])('are each, if, unless and with of one value only: %s', (text) => {
    expect(refusal(`\n ${text}`, { a: [1] })).toMatch(/^models\/x\.sql:2:/)
  })
})

describe('SQL text', () => {
  it('passes byte for byte', () => {
    const text =
      "-- é '{' <b> & \\ 😀\r\nselect {'a': {'b': 1}}, '&amp;', \"x\"\n\t;  \n\n"
    expect(sql(text)).toBe(text)
  })

  it('loses template comments only', () => {
    expect(sql('a {{! b }}c {{!-- }} --}}d')).toBe('a c d')
  })
})

describe('what a model reads', () => {
  const text = `{{#if never}}{{ref "hidden"}} {{/if}}{{ref "a"}} {{ref "a"}}
    {{#each models}}{{ref this}} {{/each}}{{source "raw" "lead"}}`

  it('is recorded while it renders, dynamic names among it', () => {
    const { refs, sources } = render(text, { never: false, models: ['m', 'n'] })
    expect(refs).toEqual(['a', 'm', 'n'])
    expect(sources).toEqual([{ schema: 'raw', table: 'lead' }])
  })

  it('is known from the text without a context', () => {
    const found = staticReferences({ file: 'models/x.sql', text })
    expect(found.refs).toEqual(['hidden', 'a'])
    expect(found.sources).toEqual([{ schema: 'raw', table: 'lead' }])
    expect(found.dynamic).toEqual([
      { file: 'models/x.sql', line: 2, column: 21 },
    ])
  })
})

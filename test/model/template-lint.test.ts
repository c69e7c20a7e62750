import { describe, expect, it } from 'vitest'
import { refusal, sql } from './rendering.js'

describe('what a template may not contain', () => {
  it.each([
    ['{{{a}}}', 'triple braces'],
    ['{{&a}}', 'triple braces'],
    ['{{{lit a}}}', 'triple braces'],
    ['{{> a}}', 'partials'],
    ['{{#> a}}{{/a}}', 'partials'],
    ['{{* a}}', 'decorators'],
    ['{{#*inline "a"}}{{/inline}}', 'inline'],
    ['{{nothing a}}', 'no helper nothing'],
    ['{{lit (no a)}}', 'no helper no'],
    ['{{iden a}}', 'Did you mean "ident"?'],
    ['{{log a}}', 'no helper log'],
    ['{{lookup this "a"}}', 'no helper lookup'],
    ['{{constructor a}}', 'no helper constructor'],
    ['{{this.lit a}}', 'cannot be called'],
    ['{{../lit a}}', 'cannot be called'],
    ['{{if a}}', 'cannot be called'],
    ['{{lit undefined}}', 'undefined'],
    ['{{"a"}}', 'not the name of a value'],
    ['{{12}}', 'not the name'],
    ['\\{{a}}', 'backslash'],
    ['\0', 'NUL'],
  ])('%j is refused: %s', (text, said) => {
    const message = refusal(`select\n  ${text}`, { a: 1 })
    expect(message).toMatch(/^models\/x\.sql:2:[3-9] {2}/)
    expect(message).toContain(said)
  })

  it('is refused in branches that do not render, too', () => {
    expect(refusal('{{#if a}}{{{b}}}{{/if}}', { a: false })).toContain('1:10')
    expect(refusal("{{#if a}}'{{b}}'{{/if}}", { a: false })).toContain('1:11')
  })

  it.each([
    ["'{{a}}'", 'a quoted text'],
    ["select 'it''s {{a}}'", 'a quoted text'],
    ["e'\\'{{a}}'", 'a quoted text'],
    ['$$ {{a}} $$', 'a quoted text'],
    ['$t$ $$ {{a}} $t$', 'a quoted text'],
    ['"x{{a}}"', 'a quoted name'],
    ['-- {{a}}\n', 'a comment'],
    ["-- it's\n/* {{a}} */", 'a comment'],
    ['/* /* */ {{a}} */', 'a comment'],
    ["'{{#if a}}x{{/if}}'", 'a quoted text'],
    ["{{#if a}}'x{{/if}} {{a}}'", 'a quoted text'],
    ['-- {{#if a}}\n{{/if}}', 'a comment'],
  ])('a value in SQL quotes or comments is refused: %s', (text, said) => {
    expect(refusal(`select 1 ${text}`, { a: 1 })).toContain(said)
  })

  it.each([
    'e{{a}}',
    'x_{{a}}',
    '{{a}}{{a}}',
    "'x'{{a}}",
    "{{a}}'x'",
    '{{a}}x',
    '{{ident a}}{{ident a}}',
    '"x"{{ident a}}',
    '{{#each l}}{{this}}{{/each}}',
  ])(
    'a value that would run together with its neighbour is refused: %s',
    (text) => {
      expect(refusal(text, { a: 'a', l: ['a', 'b'] })).toContain('put a space')
    },
  )

  it.each([
    "'--' {{a}}",
    "'/*' {{a}}",
    '"--" {{a}}',
    "-- it's\n{{a}}",
    "/* ' */ {{a}}",
    "$$ ' $$ {{a}}",
    "'{' || {{a}} || '}'",
    "e'\\\\' {{a}}",
    '1 - {{a}}',
    '({{a}})[{{a}}]',
    "'a''b' {{a}}",
    'a$b$c {{a}}',
  ])('a value beside finished quotes and comments is fine: %s', (text) => {
    expect(sql(text, { a: 1 })).toBe(text.replaceAll('{{a}}', '1'))
  })

  it.each([
    ['select\n  {{#if a}}\n', '3:1'],
    ['{{/if}}', '1:1'],
    ['\n\n  {{#if a}}{{/each}}', '3:6'],
    ['select {{a', '1:10'],
    ['{{a b=}}', '1:7'],
    ['\n{{#if a}}\n{{else}}\n{{else}}\n{{/if}}', '4:1'],
  ])(
    'braces that do not match are refused with their place: %j',
    (text, place) => {
      expect(refusal(text, { a: 1 })).toMatch(
        new RegExp(`^models/x\\.sql:${place} {2}the template does not parse`),
      )
    },
  )
})

import { describe, expect, it } from 'vitest'
import { Drawing } from '../../src/console/drawing.js'
import { lintTemplate } from '../../src/console/template-lint.js'
import { loadTemplates } from '../../src/console/template.js'

const known = ['if', 'each', 'path', 'encode', 'encoded', 'counted']

const refused: readonly (readonly [string, RegExp])[] = [
  ['{{{name}}}', /without escaping/],
  ['{{&name}}', /without escaping/],
  ['<p {{name}}>', /outside of quotes/],
  ['<p class={{name}}>', /outside of quotes/],
  ['<p onclick="go({{name}})">', /into onclick/],
  ['<p style="color: {{name}}">', /into style/],
  ['<script>let a = "{{name}}"</script>', /script/],
  ['<style>{{name}}</style>', /style/],
  ['<a href="{{name}}">', /begins href/],
  ['<a href="/pipeline/{{name}}">', /without \{\{encode/],
  ['<form action="{{name}}">', /begins action/],
  ['{{shout name}}', /no helper/],
  ['{{#if (shout name)}}x{{/if}}', /no helper/],
  ['{{#shout}}x{{/shout}}', /no helper/],
  ['{{counted}}', /which is a helper/],
  ['{{> (lookup . "name")}}', /computed/],
  ['{{* decorate}}', /decorator/],
]

const allowed = [
  '<p>{{name}}</p>',
  '<p title="{{name}}">{{counted number "lead"}}</p>',
  '<a href="{{path "pipeline" name}}?q={{encode query}}#{{encode part}}">x</a>',
  '<option{{#if here}} selected{{/if}}>{{name}}</option>',
  'a &lt; b {{name}}',
]

describe('a template of the console', () => {
  it.each(refused)('cannot say %s', (text, why) => {
    expect(() => lintTemplate('test', text, known)).toThrow(why)
  })

  it.each(allowed)('can say %s', (text) => {
    expect(() => lintTemplate('test', text, known)).not.toThrow()
  })

  it('keeps these rules in every page there is', () => {
    expect(() => loadTemplates()).not.toThrow()
  })

  it('lets no picture through that could run or load anything', () => {
    const drawn = (inside: string) => () => new Drawing(`<svg>${inside}</svg>`)
    expect(drawn('<path d="M0 0"/>')).not.toThrow()
    expect(drawn('<script>x</script>')).toThrow(/element/)
    expect(drawn('<image href="x"/>')).toThrow(/element/)
    expect(drawn('<path onclick="x"/>')).toThrow(/attribute/)
  })
})

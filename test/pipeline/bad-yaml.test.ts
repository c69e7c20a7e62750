import { describe, expect, it } from 'vitest'
import { mistakes, sandbox } from './parse.js'

/** What is wrong, the file, and each line that a person reads about it. */
const cases: readonly [string, string, readonly string[]][] = [
  [
    'a tab as indentation',
    sandbox + 'load:\n\tapply: auto\n',
    [
      '3:1  this is not YAML that can be read: tabs are not allowed as indentation.',
    ],
  ],
  [
    'a key written twice',
    sandbox + 'owner: a\nowner: b\n',
    ['3:1  owner is written twice; keep one of the two.'],
  ],
  [
    'a service written twice',
    sandbox +
      'services:\n  a: { type: domain, write: { f: host } }\n  a: { type: domain, write: { g: host } }\n',
    ['4:3  a is written twice; keep one of the two.'],
  ],
  [
    'a list that is not closed',
    sandbox + 'groups: [a\n',
    [
      '3:1  this is not YAML that can be read: flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
  ],
  [
    'a quote that is not closed',
    sandbox + 'owner: "a\n',
    ['3:1  this is not YAML that can be read: missing closing "quote.'],
  ],
  [
    'a tag of another language',
    sandbox + 'owner: !!js/function x\n',
    [
      '2:8  this is not YAML that can be read: unresolved tag: tag:yaml.org,2002:js/function.',
    ],
  ],
  [
    'a merge key',
    sandbox + 'load: &l { apply: auto }\nextract:\n  <<: *l\n',
    [
      '4:3  extract."<<" is not a key here; merge keys are not read; write the keys out.',
    ],
  ],
  [
    'a service called __proto__',
    sandbox + 'services:\n  __proto__: { type: domain, write: {} }\n',
    ['3:3  "__proto__" is not a key here.'],
  ],
  [
    'an alias bomb',
    'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n',
    ['1:1  the file has aliases that repeat too much; write the values out.'],
  ],
  [
    '20,000 open brackets',
    sandbox + `a: ${'['.repeat(20_000)}\n`,
    ['1:1  the file is nested too deep.'],
  ],
  [
    'two documents',
    sandbox + '---\nmarketo: sandbox\n',
    ['2:1  a second document begins here; a pipeline file has one.'],
  ],
  [
    'an alias of nothing',
    sandbox + 'owner: *x\n',
    ['2:8  *x stands for nothing; there is no &x before it.'],
  ],
  [
    'a service that contains itself',
    sandbox + 'services: &a\n  x: *a\n',
    [
      '3:3  services.x.type is missing; it must be one of dedupe, hash, domain, enrich.',
    ],
  ],
  [
    'a mistake in an alias, at both places',
    sandbox +
      'services:\n  h: &h { type: hash, write: { a: { algoritm: md5 } } }\n  i: *h\n',
    [
      '3:37  services.h.write.a.algoritm is not a key here. Did you mean "algorithm"?',
      '3:37  services.i.write.a.algoritm is not a key here. Did you mean "algorithm"?',
    ],
  ],
]

describe('YAML', () => {
  it.each(cases)('refuses %s', (_, text, lines) => {
    expect(mistakes(text)).toEqual(lines)
  })
})

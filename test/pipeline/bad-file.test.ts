import { describe, expect, it } from 'vitest'
import { mistakes, sandbox } from './parse.js'

/** What is wrong, the file, and each line that a person reads about it. */
const cases: readonly [string, string, readonly string[]][] = [
  ['an empty file', '', ['1:1  the file must be a mapping, not empty.']],
  [
    'a list in place of the file',
    '- a\n',
    ['1:1  the file must be a mapping, not a list.'],
  ],
  [
    'a word in place of the file',
    'sandbox\n',
    ['1:1  the file must be a mapping, not "sandbox".'],
  ],
  [
    'a file without marketo',
    'owner: x\n',
    [
      '1:1  marketo is missing; it must be `sandbox`, or a mapping with endpoint, client_id and client_secret.',
    ],
  ],
  [
    'a misspelt key at the top',
    sandbox + 'onwer: x\n',
    ['2:1  onwer is not a key here. Did you mean "owner"?'],
  ],
  [
    'a key that is near no other',
    sandbox + 'zebra: 1\n',
    [
      '2:1  zebra is not a key here. Keys are description, owner, groups, marketo, extract, source, services, load, schedule, alert.',
    ],
  ],
  [
    'a number as owner',
    sandbox + 'owner: 3\n',
    ['2:8  owner must be text, not 3.'],
  ],
  [
    'an empty description',
    sandbox + 'description:\n',
    ['2:13  description must be text, not empty.'],
  ],
  [
    'a blank description',
    sandbox + 'description: "  "\n',
    ['2:14  description is empty.'],
  ],
  [
    'one group that is no list',
    sandbox + 'groups: acme\n',
    ['2:9  groups must be a list, not "acme".'],
  ],
  [
    'a group with a space',
    sandbox + 'groups: [acme, "a b"]\n',
    [
      '2:16  groups[1] "a b" is not a group; use letters, digits and . : _ -, such as client:acme.',
    ],
  ],
  [
    'many mistakes, all of them',
    'onwer: x\nmarketo: sandbx\nload: { apply: never }\nschedule: { cron: x, timezone: Mars }\n',
    [
      '1:1  onwer is not a key here. Did you mean "owner"?',
      '2:10  marketo must be sandbox, not "sandbx". Did you mean "sandbox"?',
      '3:16  load.apply must be one of review, auto, not "never".',
      '4:19  schedule.cron must have five fields (minute hour day month weekday), such as "0 5 * * *"; "x" has 1.',
      '4:32  schedule.timezone "Mars" is not a time zone, such as Europe/Paris or UTC.',
    ],
  ],
  [
    'a field name with a space',
    sandbox + 'extract: { fields: [leadSource, "lead source"] }\n',
    [
      '2:33  extract.fields[1] "lead source" is not a Marketo field name; API names are letters, digits and _, such as leadScore.',
    ],
  ],
  [
    'a match key as a field',
    sandbox + 'extract: { fields: [last_name] }\n',
    [
      '2:21  extract.fields[0] "last_name" is a match key, not a field. Did you mean "lastName"?',
    ],
  ],
  [
    'a misspelt key of extract',
    sandbox + 'extract: { feilds: [] }\n',
    ['2:12  extract.feilds is not a key here. Did you mean "fields"?'],
  ],
  [
    'a day that no month has',
    sandbox + 'extract: { start: 2015-02-30 }\n',
    ['2:19  extract.start must be a day such as 2015-01-01, not "2015-02-30".'],
  ],
  [
    'a policy that is none',
    sandbox + 'extract: { rejects: many, keep_days: -1, contract: frozen }\n',
    [
      '2:21  extract.rejects must be a number of rows, or a share such as 0.1%, not "many".',
      '2:38  extract.keep_days must be at least 0.',
      '2:52  extract.contract must be one of evolve, freeze, not "frozen".',
    ],
  ],
  [
    'a word as a day',
    sandbox + 'extract: { start: yesterday }\n',
    ['2:19  extract.start must be a day such as 2015-01-01, not "yesterday".'],
  ],
  [
    'a year as a day',
    sandbox + 'extract: { start: 2015 }\n',
    ['2:19  extract.start must be a day such as 2015-01-01, not "2015".'],
  ],
]

describe('a file as a whole', () => {
  it.each(cases)('refuses %s', (_, text, lines) => {
    expect(mistakes(text)).toEqual(lines)
  })
})

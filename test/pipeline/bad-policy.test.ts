import { describe, expect, it } from 'vitest'
import { mistakes, parse, sandbox } from './parse.js'

function guardrails(limits: string): string {
  return `${sandbox}load: { guardrails: { ${limits} } }\n`
}

function schedule(keys: string): string {
  return `${sandbox}schedule: { ${keys} }\n`
}

/** What is wrong, the file, and each line that a person reads about it. */
const cases: readonly [string, string, readonly string[]][] = [
  [
    'an apply policy that is none',
    sandbox + 'load: { apply: automatic }\n',
    ['2:16  load.apply must be one of review, auto, not "automatic".'],
  ],
  [
    'a share above one',
    guardrails('merge_share: 2'),
    [
      '2:36  load.guardrails.merge_share must be a share such as 2% or 0.02, not 2.',
    ],
  ],
  [
    'a share above 100%',
    guardrails('merge_share: 200%'),
    [
      '2:36  load.guardrails.merge_share must be a share such as 2% or 0.02, not "200%".',
    ],
  ],
  [
    'a share in words',
    guardrails('merge_share: two'),
    [
      '2:36  load.guardrails.merge_share must be a share such as 2% or 0.02, not "two".',
    ],
  ],
  [
    'a share that is a list',
    guardrails('merge_share: []'),
    ['2:23  load.guardrails.merge_share must be a share such as 2% or 0.02.'],
  ],
  [
    'every mistake of the guardrails',
    guardrails('merges: "500", cluster_size: 1, update: 3'),
    [
      '2:31  load.guardrails.merges must be a number, not "500".',
      '2:52  load.guardrails.cluster_size must be at least 2.',
      '2:55  load.guardrails.update is not a key here. Did you mean "updates"?',
    ],
  ],
  [
    'four cron fields',
    schedule('cron: "0 5 * *"'),
    [
      '2:19  schedule.cron must have five fields (minute hour day month weekday), such as "0 5 * * *"; "0 5 * *" has 4.',
    ],
  ],
  [
    'hour 25',
    schedule('cron: "0 25 * * *"'),
    [
      '2:19  schedule.cron has "25" as its hour; the hour is 0 to 23, *, a range such as 0-23 or a step such as */2.',
    ],
  ],
  [
    'a cron nickname',
    schedule('cron: "@daily"'),
    [
      '2:19  schedule.cron must have five fields (minute hour day month weekday), such as "0 5 * * *"; "@daily" has 1.',
    ],
  ],
  [
    'a weekday that is none',
    schedule('cron: "0 5 * * mox"'),
    [
      '2:19  schedule.cron has "mox" as its weekday; the weekday is 0 to 7, *, a range such as 0-7 or a step such as */2.',
    ],
  ],
  [
    'a step of zero',
    schedule('cron: "*/0 5 * * *"'),
    [
      '2:19  schedule.cron has "*/0" as its minute; the minute is 0 to 59, *, a range such as 0-59 or a step such as */2.',
    ],
  ],
  [
    'a range that runs backwards',
    schedule('cron: "0 9-5 * * *"'),
    [
      '2:19  schedule.cron has "9-5" as its hour; the hour is 0 to 23, *, a range such as 0-23 or a step such as */2.',
    ],
  ],
  [
    'a misspelt time zone',
    schedule('cron: "0 5 * * *", timezone: Europe/Pariss'),
    [
      '2:42  schedule.timezone "Europe/Pariss" is not a time zone, such as Europe/Paris or UTC. Did you mean "Europe/Paris"?',
    ],
  ],
  [
    'an offset as time zone',
    schedule('cron: "0 5 * * *", timezone: "+02:00"'),
    [
      '2:42  schedule.timezone "+02:00" is not a time zone, such as Europe/Paris or UTC.',
    ],
  ],
  [
    '7am',
    schedule('cron: "0 5 * * *", until: "7am"'),
    ['2:39  schedule.until must be a time of day such as "07:00", not "7am".'],
  ],
  [
    'a blackout day that is none',
    schedule('cron: "0 5 * * *", blackout: [2026-02-30]'),
    [
      '2:43  schedule.blackout[0] must be a day such as 2015-01-01, not "2026-02-30".',
    ],
  ],
  [
    'a blackout that ends before it begins',
    schedule(
      'cron: "0 5 * * *", blackout: [{ from: 2026-12-26, to: 2026-12-24 }]',
    ),
    ['2:43  schedule.blackout[0] ends before it begins.'],
  ],
  [
    'a word for missed runs that is none',
    schedule('cron: "0 5 * * *", missed: run'),
    [
      '2:40  schedule.missed must be one of run_once, skip, not "run". Did you mean "run_once"?',
    ],
  ],
  [
    'a schedule without cron',
    schedule('timezone: UTC'),
    ['2:1  schedule.cron is missing; it must be text.'],
  ],
]

describe('what is kept before a merge', () => {
  it.each([
    ['keep: [programs, lists]', ['lists', 'programs']],
    ['keep_lists: true', ['lists']],
    ['keep: [programs], keep_lists: true', ['lists', 'programs']],
    ['keep_lists: false', undefined],
  ])('is read from %s', (key, kinds) => {
    const { pipeline } = parse(`${sandbox}load: { ${key} }\n`)
    expect(pipeline.load.keep).toEqual(kinds)
  })
})

describe('load and schedule', () => {
  it.each(cases)('refuses %s', (_, text, lines) => {
    expect(mistakes(text)).toEqual(lines)
  })
})

import { describe, expect, it } from 'vitest'
import { parseOverrides, subject } from '../../src/pipeline/override.js'
import { editOverrides } from '../../src/pipeline/override-edit.js'
import { overrideText } from '../../src/pipeline/override-text.js'

const header = 'kind,lead_id,other_id,field,value,author,reason,until\n'
const known = parseOverrides(
  `${header}always_merge,1,2,,,Zoe,one person,\nvalue,5,,title,CEO,Zoe,asked her,2030-01-31\n`,
  'acme.override.csv',
)
const who = { author: 'Lee', reason: 'two people' }

describe('an edit of the decisions', () => {
  it('puts a new word on a pair in the place of the old one', () => {
    const after = editOverrides(known, {
      change: 'add',
      decisions: [{ kind: 'never_merge', leadId: '2', otherId: '1', ...who }],
    })
    expect(overrideText(after)).toBe(
      `${header}never_merge,1,2,,,Lee,two people,\nvalue,5,,title,CEO,Zoe,asked her,2030-01-31\n`,
    )
  })

  it('takes every kind, with its end', () => {
    const after = editOverrides(known, {
      change: 'add',
      decisions: [
        { kind: 'winner', leadId: '7', until: '2031-01-01', ...who },
        {
          kind: 'value',
          leadId: '7',
          field: 'city',
          value: 'Lyon, "3"',
          ...who,
        },
        { kind: 'exclude', leadId: '9', ...who },
      ],
    })
    expect(after.map(subject)).toEqual([
      'pair 1 2',
      'value 5 title',
      'winner 7',
      'value 7 city',
      'exclude 9',
    ])
    expect(after[3]).toMatchObject({ value: 'Lyon, "3"' })
  })

  it('ends or removes a decision', () => {
    const ended = editOverrides(known, {
      change: 'expire',
      subject: 'pair 1 2',
      until: '2026-01-31',
    })
    expect(ended[0]).toMatchObject({ until: '2026-01-31', author: 'Zoe' })
    const left = editOverrides(known, { change: 'remove', subject: 'pair 1 2' })
    expect(left.map(subject)).toEqual(['value 5 title'])
    expect(() =>
      editOverrides(left, { change: 'remove', subject: 'pair 1 2' }),
    ).toThrow(/no decision on pair 1 2/)
  })

  it.each([
    [{ kind: 'never_merge', leadId: '1', ...who }, 'other_id is missing'],
    [{ kind: 'winner', leadId: 'x', ...who }, 'is not a lead id'],
    [{ kind: 'value', leadId: '1', field: 'a b', value: 'x', ...who }, 'field'],
    [
      { kind: 'exclude', leadId: '1', author: 'Lee', reason: ' ' },
      'reason is missing',
    ],
    [{ kind: 'exclude', leadId: '1', until: 'soon', ...who }, 'is not a day'],
  ] as const)('refuses %j', (form, why) => {
    const edit = { change: 'add', decisions: [form] } as const
    expect(() => editOverrides(known, edit)).toThrow(why)
  })

  it('never writes what a spreadsheet would compute', () => {
    const [first] = editOverrides([], {
      change: 'add',
      decisions: [
        { kind: 'exclude', leadId: '1', author: '=Lee', reason: '+cmd|x' },
      ],
    })
    expect(first).toMatchObject({ author: 'Lee', reason: 'cmd|x' })
  })
})

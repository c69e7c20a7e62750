import { describe, expect, it } from 'vitest'
import { inertCell, readCsv } from '../../src/pipeline/csv.js'
import {
  inForce,
  type Override,
  parseOverrides,
} from '../../src/pipeline/override.js'
import {
  joinOverrides,
  overrideText,
} from '../../src/pipeline/override-text.js'
import { parsePipeline } from '../../src/pipeline/load.js'
import { PipelineFileError } from '../../src/pipeline/problem.js'
import { rulesHash } from '../../src/pipeline/rules-hash.js'
import { dedupe } from './parse.js'

const header = 'kind,lead_id,other_id,field,value,author,reason,until\n'

const never: Override = {
  kind: 'never_merge',
  leadId: '7',
  otherId: '12',
  field: null,
  value: null,
  author: 'zoe',
  reason: 'father, and son',
  until: null,
}

function mistakes(text: string): string[] {
  try {
    parseOverrides(text, 'acme.override.csv')
    return []
  } catch (thrown) {
    if (!(thrown instanceof PipelineFileError)) throw thrown
    return thrown.message
      .split('\n')
      .map((line) => line.replace('acme.override.csv:', ''))
  }
}

describe('the override file', () => {
  it('reads what it writes, the smaller id of a pair first', () => {
    const text = `${header}never_merge,12,7,,,zoe,"father, and son",\n`
    expect(parseOverrides(text, 'f')).toEqual([never])
    expect(parseOverrides(overrideText([never]), 'f')).toEqual([never])
  })

  it('reads what a spreadsheet saves: BOM, semicolons, CRLF, blank lines', () => {
    const text =
      '\uFEFFkind;lead_id;other_id;field;value;author;reason;until\r\n\r\nvalue;7;;phone;+46701234567;zoe;"called; ""asked""";2027-01-31\r\n;;;;;;;\r\n'
    expect(parseOverrides(text, 'f')).toEqual([
      {
        ...never,
        kind: 'value',
        otherId: null,
        field: 'phone',
        value: '+46701234567',
        reason: 'called; "asked"',
        until: '2027-01-31',
      },
    ])
  })

  it('is no decision where it is empty', () => {
    expect(parseOverrides('', 'f')).toEqual([])
    expect(parseOverrides(header, 'f')).toEqual([])
  })

  it.each([
    [
      'never_merg,1,2,,,a,b,',
      '2:1  kind "never_merg" is not a kind. Did you mean "never_merge"?',
    ],
    [
      'never_merge,1,,,,a,b,',
      '2:15  other_id is missing; write digits, such as 1000231.',
    ],
    [
      'never_merge,1,1,,,a,b,',
      '2:15  other_id is the same lead as lead_id; name two.',
    ],
    [
      'winner,1e3,,,,a,b,',
      '2:8  lead_id "1e3" is not a lead id; write digits, such as 1000231.',
    ],
    ['winner,1,2,,,a,b,', '2:10  other_id must be empty for winner.'],
    ['value,1,,phone,,a,b,', '2:16  value is missing.'],
    [
      'value,1,,pho ne,5,a,b,',
      '2:10  field "pho ne" is not a Marketo field name; API names are letters, digits and _, such as leadScore.',
    ],
    ['exclude,1,,,,,b,', '2:14  author is missing; every decision has both.'],
    [
      'exclude,1,,,,a,b,31/1/27',
      '2:18  until "31/1/27" is not a day; write it as 2027-01-31.',
    ],
    [
      'exclude,1,,,,a,b,2027-02-30',
      '2:18  until "2027-02-30" is not a day; write it as 2027-01-31.',
    ],
    [
      'exclude,1,,,,a,b,,c',
      '2:19  the line has 9 cells for 8 columns; quote a text that has a comma.',
    ],
    ['exclude,1,,,,a,"b,', '2:16  has a quote without its end.'],
  ])('says what is wrong in %s', (line, message) => {
    expect(mistakes(`${header}${line}\n`)).toContain(message)
  })

  it('names the nearest column, and every one that is missing', () => {
    const said = mistakes('kind,lead,other_id,field,value,author,reason\n')
    expect(said).toContain(
      '1:6  "lead" is not a column here. Did you mean "lead_id"?',
    )
    expect(said.join('\n')).toMatch(/1:1 {2}lead_id is missing.*\n/)
    expect(said.join('\n')).toMatch(/1:1 {2}until is missing/)
  })

  it('refuses two decisions that contradict each other, the same twice not', () => {
    const lines = 'never_merge,1,2,,,a,b,\nalways_merge,2,1,,,a,b,\n'
    expect(mistakes(header + lines)).toEqual([
      '3:1  kind contradicts line 2; keep one of the two.',
    ])
    const twice = 'never_merge,1,2,,,a,b,\nnever_merge,2,1,,,c,d,\n'
    expect(mistakes(header + twice)).toEqual([])
  })

  it('lets a new decision take the place of an earlier one, lines in order', () => {
    const later: Override = { ...never, kind: 'always_merge', author: 'ada' }
    const other: Override = { ...never, leadId: '3', otherId: '100' }
    const text = overrideText(joinOverrides([never], [later, other]))
    expect(text).toBe(
      `${header}never_merge,3,100,,,zoe,"father, and son",\nalways_merge,7,12,,,ada,"father, and son",\n`,
    )
    expect(overrideText(parseOverrides(text, 'f'))).toBe(text)
  })

  it('holds through its last day', () => {
    const one = { ...never, until: '2027-01-31' }
    expect(inForce([one], '2027-01-31').current).toEqual([one])
    expect(inForce([one], '2027-02-01').expired).toEqual([one])
  })

  it('is part of the hash of the rules', () => {
    const text = dedupe('match: [{ same: [email] }]')
    const source = {
      name: 'acme',
      file: 'f',
      env: {},
      secrets: 'ignored',
    } as const
    const plain = parsePipeline(text, source).pipeline
    const decided = parsePipeline(text, { ...source, overrides: [never] })
    expect(rulesHash(decided.pipeline)).not.toBe(rulesHash(plain))
  })
})

describe('a small CSV', () => {
  it('places every cell, after quoted line ends too', () => {
    const { rows } = readCsv('a,"b\nc",d\n"e ""f""",,\n')
    expect(rows.map(({ cells }) => cells)).toEqual([
      [
        { text: 'a', line: 1, column: 1 },
        { text: 'b\nc', line: 1, column: 3 },
        { text: 'd', line: 2, column: 4 },
      ],
      [
        { text: 'e "f"', line: 3, column: 1 },
        { text: '', line: 3, column: 11 },
        { text: '', line: 3, column: 12 },
      ],
    ])
  })

  it('never begins a formula', () => {
    for (const text of ['=1+1', '+46', '-1', '@x', '\t=1', '|x']) {
      expect(inertCell(text)).toBe(`'${text}`)
    }
    expect(inertCell('a=1')).toBe('a=1')
  })
})

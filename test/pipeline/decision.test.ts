import { describe, expect, it } from 'vitest'
import { parseDecisions } from '../../src/pipeline/decision.js'
import {
  joinLabels,
  type Label,
  labelsOf,
  labelText,
  parseLabels,
} from '../../src/pipeline/label.js'
import { type Override, parseOverrides } from '../../src/pipeline/override.js'
import { overrideText } from '../../src/pipeline/override-text.js'
import { PipelineFileError } from '../../src/pipeline/problem.js'
import {
  type DecidedItem,
  type Known,
  settle,
} from '../../src/pipeline/settle.js'

const at = '2026-11-21T10:00:00.000Z'
const header = 'item,decision,a,b,winner,author,reason\n'

const cluster: DecidedItem = {
  item: 'people:1',
  kind: 'cluster',
  leads: 3,
  leadIds: ['2', '1', '10'],
  probability: null,
}
const pair: DecidedItem = {
  ...cluster,
  item: 'people:4-5',
  kind: 'pair',
  leads: 2,
  leadIds: ['4', '5'],
  probability: 0.8,
}
const sample: DecidedItem = {
  ...pair,
  item: 'sample:6-7',
  kind: 'sample',
  leadIds: ['7', '6'],
  probability: null,
}
const giant: DecidedItem = { ...cluster, item: 'people:9', leads: 5000 }

const nothing: Known = { overrides: [], labels: [] }

function decide(lines: string, known: Known = nothing) {
  const items = [cluster, pair, sample, giant]
  return settle({
    decisions: parseDecisions(header + lines, 'd.csv'),
    items: new Map(items.map((item) => [item.item, item])),
    known,
    file: 'd.csv',
    pipeline: 'acme',
    author: 'zoe',
    at,
  })
}

function short({ overrides, labels }: Known) {
  return {
    overrides: overrides.map(({ kind, leadId, otherId }) =>
      `${kind} ${leadId} ${otherId ?? ''}`.trim(),
    ),
    labels: labels.map(
      ({ a, b, isSame, origin }) => `${a} ${b} ${isSame} ${origin}`,
    ),
  }
}

function mistakes(work: () => unknown): string[] {
  try {
    work()
    return []
  } catch (thrown) {
    if (!(thrown instanceof PipelineFileError)) throw thrown
    return thrown.message.split('\n').map((line) => line.replace('d.csv:', ''))
  }
}

describe('a decision', () => {
  it('makes one person of a cluster by its smallest id, a label for each', () => {
    const made = decide('people:1,same,,,2,,\n')
    expect(short(made)).toEqual({
      overrides: ['always_merge 1 2', 'always_merge 1 10', 'winner 2'],
      labels: ['1 2 true review', '1 10 true review'],
    })
    expect(made.overrides[0]).toMatchObject({
      author: 'zoe',
      reason: 'review of people:1',
    })
    expect(made.labels[0]?.decidedAt).toBe(at)
  })

  it('keeps every two leads of different people apart', () => {
    expect(short(decide('people:1,different people,,,,ada,asked\n'))).toEqual({
      overrides: ['never_merge 1 2', 'never_merge 1 10', 'never_merge 2 10'],
      labels: ['1 2 false review', '1 10 false review', '2 10 false review'],
    })
  })

  it('can be about two leads of a cluster', () => {
    const lines = 'people:1,same,10,2,,,\npeople:1,different,1,2,,,\n'
    expect(short(decide(lines)).overrides).toEqual([
      'never_merge 1 2',
      'always_merge 2 10',
    ])
  })

  it('remembers what the matcher said of a pair at that time', () => {
    expect(decide('people:4-5,same,,,,,\n').labels).toMatchObject([
      { a: '4', b: '5', probability: 0.8 },
    ])
  })

  it('of a random merge is a label, and an override only where it was wrong', () => {
    expect(short(decide('sample:6-7,same,,,,,\n'))).toEqual({
      overrides: [],
      labels: ['6 7 true sample'],
    })
    expect(short(decide('sample:6-7,different,,,,,\n'))).toEqual({
      overrides: ['never_merge 6 7'],
      labels: ['6 7 false sample'],
    })
  })

  it('takes the place of earlier ones about the same leads, labels too', () => {
    const before = decide('people:1,different,,,,,\n')
    const after = decide('people:1,same,,,10,,\n', before)
    expect(short(after)).toEqual({
      overrides: ['always_merge 1 2', 'always_merge 1 10', 'winner 10'],
      labels: ['1 2 true review', '1 10 true review', '2 10 true review'],
    })
    const again = decide('people:1,winner,,,2,,\n', after)
    expect(short(again).overrides).toContain('winner 2')
    expect(short(again).overrides).not.toContain('winner 10')
  })

  it('is nothing where it is skipped or empty', () => {
    const made = decide('people:1,skip,,,,,\npeople:4-5,,,,,,\n')
    expect(short(made)).toEqual({ overrides: [], labels: [] })
    expect(made.counts).toEqual({ same: 0, different: 0, winner: 0, skip: 1 })
  })

  it.each([
    [
      'people:1,sane,,,,,',
      '2:10  decision "sane" is not a decision. Did you mean "same"?',
    ],
    ['people:1,same,1,,,,', '2:17  b is missing; a pair has two leads.'],
    [
      'people:1,winner,,,,,',
      '2:19  winner is missing; name the lead that is to stay.',
    ],
    [
      'people:1,different,,,1,,',
      '2:22  winner must be empty where people are different.',
    ],
    ['people:1,same,x,2,,,', '2:15  a "x" is not a lead id; write digits.'],
    [
      'people:7,same,,,,,',
      '2:1  item "people:7" is not in the queue of acme; pipeline review acme lists what is.',
    ],
    ['people:1,same,1,4,,,', '2:1  a 4 is not a lead of people:1.'],
    ['people:1,winner,,,5,,', '2:1  winner 5 is not a lead of people:1.'],
    [
      'people:9,same,,,,,',
      '2:1  decision of 5000 leads is too much for one line; decide pairs of people:9 (columns a and b), or correct the rules.',
    ],
  ])('%s is refused with its place', (line, message) => {
    expect(mistakes(() => decide(`${line}\n`))).toContain(message)
  })

  it('is refused where all of them cannot be true', () => {
    const lines =
      'people:1,same,1,2,,,\npeople:1,same,2,10,,,\npeople:1,different,1,10,,,\n'
    expect(mistakes(() => decide(lines))).toEqual([
      '1:1  the file keeps 1 and 10 apart, although other decisions (here, or in pipelines/acme.override.csv) make them one person.',
    ])
    const both = 'people:4-5,same,,,,,\npeople:4-5,different,,,,,\n'
    expect(mistakes(() => decide(both))).toContain(
      '1:1  the file says both same and different of 4 and 5.',
    )
  })

  it('never carries a formula or a line end into the file', () => {
    const { overrides } = decide(`people:4-5,same,,,,=cmd,"'=1+1\nnext"\n`)
    expect(overrides[0]).toMatchObject({ author: 'cmd', reason: '1+1 next' })
    expect(parseOverrides(overrideText(overrides), 'f')).toEqual(overrides)
  })
})

describe('the label file', () => {
  const label: Label = {
    a: '9',
    b: '10',
    isSame: true,
    author: 'zoe, or ada',
    decidedAt: at,
    probability: 0.25,
    origin: 'sample',
  }

  it('reads what it writes', () => {
    const text = labelText([label, { ...label, b: '11', probability: null }])
    expect(labelText(parseLabels(text, 'f'))).toBe(text)
    expect(parseLabels(text, 'f')[0]).toEqual(label)
  })

  it('keeps that a pair was drawn at random when a mind is changed', () => {
    const later: Label = { ...label, isSame: false, origin: 'review' }
    expect(joinLabels([label], [later])).toEqual([
      { ...later, origin: 'sample' },
    ])
  })

  it('counts decisions of the override file as labels', () => {
    const override: Override = {
      kind: 'never_merge',
      leadId: '1',
      otherId: '2',
      field: null,
      value: null,
      author: 'zoe',
      reason: 'r',
      until: null,
    }
    expect(labelsOf([label], [override]).map(({ origin }) => origin)).toEqual([
      'override',
      'sample',
    ])
  })

  it('names file, line and column of what it cannot read', () => {
    const text = labelText([label]).replace('true', 'yes').replace('0.25', '2')
    expect(mistakes(() => parseLabels(text, 'd.csv'))).toEqual([
      '2:6  is_same "yes" is not true or false.',
      '2:49  probability "2" is not a number from 0 to 1, or empty.',
    ])
  })
})

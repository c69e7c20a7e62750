import { describe, expect, it } from 'vitest'
import {
  compareFields,
  type Contract,
  type FieldFact,
} from '../../src/extract/contract.js'
import {
  changeText,
  judgeChanges,
  lookAtFields,
  newNames,
  readContract,
  saveContract,
} from '../../src/extract/contract-file.js'
import { dedupe, pipelineOf, Setup, temporaryFolder } from './setup.js'

function fact(name: string, change: Partial<FieldFact> = {}): FieldFact {
  return {
    name,
    displayName: `The ${name}`,
    dataType: 'string',
    length: 255,
    updateable: true,
    crmManaged: false,
    id: null,
    isHidden: null,
    isSensitive: null,
    ...change,
  }
}

const day = (n: number) => `2026-11-0${n}T00:00:00.000Z`

/** The contract after each look, and what the last one saw. */
function looks(...all: readonly (readonly FieldFact[])[]) {
  let contract: Contract | null = null
  let said: string[] = []
  for (const [index, fields] of all.entries()) {
    const seen = compareFields(contract, fields, day(index + 1))
    contract = seen.contract
    said = seen.changes.map(changeText)
  }
  if (contract === null) throw new Error('There was no look')
  return { contract, said }
}

function policyOf(contract: 'evolve' | 'freeze') {
  return pipelineOf({
    extract: { fields: ['phone'], contract },
    services: [dedupe],
  })
}

describe('fields of an instance', () => {
  it('are no change at the first look, nor where nothing changed', () => {
    expect(looks([fact('a'), fact('b')]).said).toEqual([])
    const { contract, said } = looks([fact('a')], [fact('a')])
    expect(said).toEqual([])
    expect(contract.fields).toMatchObject([
      { name: 'a', firstSeen: day(1), lastSeen: day(2), change: null },
    ])
  })

  it.each<[string, Partial<FieldFact>, Partial<FieldFact>, string]>([
    ['retyped', { dataType: 'integer' }, {}, 'a was integer and is string'],
    [
      'shortened',
      {},
      { length: 50 },
      'a was shortened from 255 to 50 characters',
    ],
    [
      'lengthened',
      { length: 50 },
      {},
      'a was lengthened from 50 to 255 characters',
    ],
    ['read_only', {}, { updateable: false }, 'a became read-only'],
    ['writable', { updateable: false }, {}, 'a became writable'],
    ['crm_managed', {}, { crmManaged: true }, 'a is managed by the CRM now'],
    ['hidden', { isHidden: false }, { isHidden: true }, 'a was hidden'],
  ])('that are %s are told', (kind, before, after, words) => {
    const { contract, said } = looks([fact('a', before)], [fact('a', after)])
    expect(said).toEqual([words])
    expect(contract.fields).toMatchObject([{ change: kind }])
    expect(contract.changes).toMatchObject([{ change: kind, seenAt: day(2) }])
  })

  it('that go and come back keep their history', () => {
    const { contract, said } = looks([fact('a')], [], [], [fact('a')])
    expect(said).toEqual(['a is back'])
    expect(contract.fields).toMatchObject([
      { name: 'a', firstSeen: day(1), lastSeen: day(4), change: 'returned' },
    ])
    expect(contract.changes.map(({ change }) => change)).toEqual([
      'removed',
      'returned',
    ])
  })

  it('that are renamed are known by their id, whatever else changed', () => {
    const { contract, said } = looks(
      [fact('a', { id: '7' }), fact('x', { id: '8' })],
      [fact('b', { id: '7', displayName: 'Other' }), fact('y', { id: '9' })],
      [fact('c', { id: '7', dataType: 'integer' }), fact('y', { id: '9' })],
    )
    expect(said).toEqual(['b is now called c', 'c was string and is integer'])
    const c = contract.fields.find(({ name }) => name === 'c')
    expect(c).toMatchObject({ firstSeen: day(1), formerNames: ['a', 'b'] })
    expect(newNames(contract)).toEqual(
      new Map([
        ['a', 'c'],
        ['b', 'c'],
      ]),
    )
    expect(contract.changes.map(changeText)).toContain('x is gone')
    expect(contract.changes.map(changeText)).toContain('y is new')
  })

  it('that are renamed are known by what they look like where ids are not told, unless that is doubtful', () => {
    const like = { displayName: 'Score' }
    expect(looks([fact('a', like)], [fact('b', like)]).said).toEqual([
      'a is now called b',
    ])
    const two = looks([fact('a', like)], [fact('b', like), fact('c', like)])
    expect(two.said.toSorted()).toEqual(['a is gone', 'b is new', 'c is new'])
    const other = { ...like, dataType: 'date' }
    expect(
      looks([fact('a', like)], [fact('b', other)]).said.toSorted(),
    ).toEqual(['a is gone', 'b is new'])
  })

  it('that are used stop a pipeline with a frozen contract, and others do not', () => {
    const fields = [fact('id'), fact('email'), fact('phone'), fact('other')]
    const judged = (
      contract: 'evolve' | 'freeze',
      now: FieldFact[],
      words?: ReadonlySet<string>,
    ) => {
      const first = compareFields(null, fields, day(1)).contract
      const seen = compareFields(first, now, day(2))
      judgeChanges(policyOf(contract), seen.changes, seen.contract, words)
    }
    const short = [...fields.slice(0, 2), fact('phone', { length: 9 })]
    expect(() => judged('freeze', short)).toThrow('phone was shortened')
    expect(() => judged('freeze', fields.slice(0, 2))).toThrow('phone is gone')
    judged('evolve', short)
    judged('freeze', fields.slice(0, 3))
    judged('freeze', [...fields, fact('new')])
    const other = [...fields.slice(0, 3), fact('other', { length: 9 })]
    judged('freeze', other)
    // A model of the user's own may read it.
    const words = new Set(['select', 'other', 'from'])
    expect(() => judged('freeze', other, words)).toThrow('other was shortened')
    expect(() => judged('freeze', fields.slice(0, 3), words)).toThrow(
      'other is gone',
    )
  })

  it('are read from Marketo with the ids that stay, and kept in a file', async () => {
    const setup = await Setup.start()
    const folder = temporaryFolder()
    expect(await readContract(folder)).toBeNull()
    const schema = await setup.marketo.schema()
    const first = await lookAtFields(setup.marketo, schema, folder)
    expect(first.changes).toEqual([])
    const { fields } = first.contract
    expect(fields.map(({ name }) => name)).toEqual(
      schema.fields.map(({ name }) => name).toSorted(),
    )
    expect(fields.filter(({ id }) => id === null)).toEqual([])
    await saveContract(folder, first.contract)
    expect(await readContract(folder)).toEqual(first.contract)
    await setup.control('POST', '/sandbox/fields', { remove: ['phone'] })
    const now = await setup.marketo.schema()
    const second = await lookAtFields(setup.marketo, now, folder)
    expect(second.changes.map(changeText)).toEqual(['phone is gone'])
  })
})

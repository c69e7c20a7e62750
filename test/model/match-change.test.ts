/** Matching run after run equals matching at once. */
import { describe, expect, it } from 'vitest'
import type { Override } from '../../src/pipeline/override.js'
import { random, type Random, shuffled } from '../match/pair-graph.js'
import { again, beside, type Lead, person, someLeads } from './match-lead.js'
import {
  build,
  differences,
  found,
  land,
  modelFile,
  openBase,
  projectFolder,
  stage,
} from './match-stage.js'

type Base = ReadonlyMap<number, Lead>

/** Ids of one sequence: 1,000,001 and up, 2,000,001 and up, … */
const room = 1_000_000

/** Adds, changes and deletes leads; a change may touch nothing compared. */
function changed(next: Random, before: Base): Map<number, Lead> {
  const after = new Map(before)
  const ids = shuffled(next, [...before.keys()])
  const some = () => ids.splice(0, Math.floor(next() * 6))
  const change = (alter: (lead: Lead) => Lead) => {
    for (const id of some()) {
      const lead = before.get(id)
      if (lead !== undefined) after.set(id, alter(lead))
    }
  }
  for (const id of some()) after.delete(id)
  const [other = person(next)] = after.values()
  change((lead) => again(next, lead, 0.3))
  change(() => beside(next, other))
  change((lead) => ({ ...lead, leadScore: '77' }))
  const last = Math.max(...before.keys())
  const added = someLeads(next, Math.floor(next() * 8), [...after.values()])
  added.forEach((lead, index) => after.set(last + 1 + index, lead))
  return after
}

function decided(next: Random, base: Base): Partial<Override>[] {
  const [a = '', b = '', c = '', d = '', e = ''] = shuffled(next, [
    ...base.keys(),
  ]).map(String)
  return [
    { kind: 'never_merge', leadId: a, otherId: b },
    { kind: 'always_merge', leadId: c, otherId: d },
    { kind: 'exclude', leadId: e },
  ]
}

function begun(next: Random, sequence: number, leads: number): Base {
  const made = someLeads(next, leads)
  return new Map(
    made.map((lead, index) => [(sequence + 1) * room + index + 1, lead]),
  )
}

const serviceFile = (names: readonly string[]) =>
  `marketo: sandbox\nservices:\n${names
    .map(
      (name) => `  ${name}:
    type: dedupe
    list: { static: ${name} }
    match: auto
    auto: { merge: 95% }
    never: [{ differ: sfdcAccountId }]
`,
    )
    .join('')}`

interface Plan {
  readonly next: Random
  /** How many sequences run beside one another, each a service of its own. */
  readonly beside: number
  readonly leads: () => number
  readonly steps: number
  readonly compare_all?: number
  /** Has the trained model, or takes it. */
  readonly folder: string
}

/** What runs one after the other find, and what one run finds at once. */
async function compare({
  next,
  beside: count,
  leads,
  steps,
  folder,
  ...limit
}: Plan) {
  const names = Array.from({ length: count }, (_, index) => `s${index + 1}`)
  const staged = await stage({ pipeline: serviceFile(names), limit })
  const kept = await openBase()
  const fresh = await openBase()
  let bases = names.map((_, index) => begun(next, index, leads()))
  const landing = (overrides: Partial<Override>[], isMixed: boolean) => {
    const all = bases.flatMap((base) => [...base])
    return {
      leads: new Map(isMixed ? shuffled(next, all) : all),
      overrides,
      lists: Object.fromEntries(
        names.map((name, index) => [name, bases[index]?.keys() ?? []]),
      ),
    }
  }
  await land(kept, landing([], false))
  await build(kept, staged, folder)
  let decisions: Partial<Override>[] = []
  for (let step = 0; step < steps; step += 1) {
    bases = bases.map((base) => changed(next, base))
    decisions = bases.flatMap((base) => decided(next, base))
    await land(kept, landing(decisions, true))
    await build(kept, staged, folder)
  }
  await land(fresh, landing(decisions, false))
  await build(fresh, staged, folder)
  const { known } = await kept.one<{ known: number }>(
    'select count(*) filter (where is_known) / count(*) as known from dedupe.auto_pattern',
  )
  const blocks = await kept.rows<{ block: number }>(
    'select distinct block from dedupe.auto_block where is_used',
  )
  const result = { one: await found(kept), other: await found(fresh) }
  await kept.close()
  await fresh.close()
  return { ...result, known, blocks: blocks.map(({ block }) => block) }
}

describe('matching what changed equals matching everything', {
  timeout: 240_000,
}, () => {
  const folder = projectFolder()

  // Ten sequences a seed; `npm run test:long` plays all fifty.
  it.each(process.env['LONG'] === undefined ? [1] : [1, 2, 3, 4, 5])(
    'in ten sequences of changes, some above and some below the limit of comparing all (%i of 5)',
    async (seed) => {
      const next = random(seed)
      const { one, other, known, blocks } = await compare({
        next,
        beside: 10,
        leads: () => 20 + Math.floor(next() * 80),
        steps: 2,
        compare_all: 50,
        folder,
      })
      expect(differences(one, other)).toEqual([])
      expect(other.get('auto_person')?.length).toBeGreaterThan(100)
      expect(other.get('cluster')?.length).toBeGreaterThan(50)
      expect(known).toBeGreaterThan(0.1)
      expect(blocks).toContain(0)
      expect(blocks.length).toBeGreaterThan(3)
    },
  )

  it('in a base that is too large to compare all', async () => {
    const next = random(6)
    const { one, other, known, blocks } = await compare({
      next,
      beside: 1,
      leads: () => 2100,
      steps: 1,
      folder,
    })
    expect(differences(one, other)).toEqual([])
    expect(known).toBeGreaterThan(0.9)
    expect(blocks).not.toContain(0)
  })
})

const plain = `marketo: sandbox
services:
  people:
    type: dedupe
    match: auto
`

/** Leads that share no value, so that a change of one is of that one only. */
function strangers(count: number): Map<number, Lead> {
  const next = random(8)
  return new Map(
    Array.from({ length: count }, (_, index) => [
      index + 1,
      {
        ...person(next),
        email: `mailbox${index}@host${index}.example`,
        phone: null,
        address: null,
      },
    ]),
  )
}

const isTouched = (id: number) => id === 3 || id === 41

describe('a run after a first one', () => {
  it('compares only pairs of leads that are new or changed in what is compared', async () => {
    const staged = await stage({ pipeline: plain })
    const folder = projectFolder()
    const warehouse = await openBase()
    const leads = strangers(40)
    await land(warehouse, { leads })
    await build(warehouse, staged, folder, ['auto_pattern'])
    leads.set(3, { ...leads.get(3), lastName: 'Other' })
    leads.set(4, { ...leads.get(4), leadScore: '99' })
    leads.delete(5)
    leads.set(41, { ...leads.get(6) })
    leads.set(41, { ...leads.get(41), email: 'new@host41.example' })
    await land(warehouse, { leads })
    // What is kept is taken over as it is, not worked out again.
    await warehouse.run(
      'update match.pattern set level_email = 2 where a = 1 and b = 2',
    )
    await build(warehouse, staged, folder, ['auto_pattern'])
    const rows = await warehouse.rows<{ a: number; b: number }>(
      'select a, b from dedupe.auto_pattern where not is_known order by a, b',
    )
    expect(rows).toHaveLength(39 + 38)
    expect(rows.every(({ a, b }) => isTouched(a) || isTouched(b))).toBe(true)
    const kept = await warehouse.rows(
      'select level_email as level from dedupe.auto_pattern where a = 1 and b = 2',
    )
    expect(kept).toEqual([{ level: 2 }])
    await warehouse.close()
  })
})

describe('two runs over the same leads', { timeout: 240_000 }, () => {
  it.each([
    ['compared with one another', 60],
    ['found by blocks', 120],
  ])(
    'find the same and learn the same, whatever the order of rows and the number of threads: %s',
    async (_, count) => {
      const next = random(9)
      const leads = begun(next, 0, count)
      const limit = { compare_all: 80 }
      const staged = await stage({ pipeline: plain, limit })
      const results = []
      for (const threads of [1, 2, 2]) {
        const warehouse = await openBase(threads)
        const folder = projectFolder()
        await land(warehouse, { leads: new Map(shuffled(next, [...leads])) })
        await build(warehouse, staged, folder)
        const { trained_at, ...learned } = modelFile(folder)
        expect(trained_at).toBeTypeOf('string')
        results.push({ learned, tables: await found(warehouse) })
        await warehouse.close()
      }
      const [one, two, three] = results
      expect(one?.tables.get('cluster')?.length).toBeGreaterThan(count / 10)
      expect(two).toEqual(one)
      expect(three).toEqual(one)
    },
  )
})

/** No cluster that is merged is too large or holds a contradiction. */
import { beforeAll, describe, expect, it } from 'vitest'
import { leastMean } from '../../src/match/link.js'
import { linkage } from '../../src/model/linkage.js'
import type { Override } from '../../src/pipeline/override.js'
import {
  isContradicted,
  linked,
  type Pair,
  pairGraph,
  random,
  type Random,
  shuffled,
} from '../match/pair-graph.js'
import { type Lead, person, someLeads } from './match-lead.js'
import { build, land, openBase, projectFolder, stage } from './match-stage.js'
import { memory } from './memory.js'

const edges = { schema: 'test', name: 'edge' }
const into = { schema: 'test', name: 'person' }

type Clusters = ReadonlyMap<number, number>

/** The clusters of each graph, worked out all at once. */
async function clustersOf(
  graphs: readonly (readonly Pair[])[],
): Promise<Clusters[]> {
  const warehouse = await memory()
  await warehouse.run('create schema test')
  await warehouse.run(
    'create table test.edge (scope varchar, a bigint, b bigint, weight double, is_link boolean, is_apart boolean)',
  )
  await warehouse.append(
    'test.edge',
    {
      scope: 'varchar',
      a: 'bigint',
      b: 'bigint',
      weight: 'double',
      is_link: 'boolean',
      is_apart: 'boolean',
    },
    graphs.flatMap((pairs, scope) =>
      pairs.map((p) => [
        String(scope),
        BigInt(p.a),
        BigInt(p.b),
        p.weight,
        p.isLink,
        p.isApart,
      ]),
    ),
  )
  await warehouse.transaction((queries) => linkage(queries, { edges, into }))
  const rows = await warehouse.rows<{
    scope: string
    node: number
    component: number
  }>('select scope, node, component from test.person')
  await warehouse.close()
  const found = graphs.map(() => new Map<number, number>())
  for (const { scope, node, component } of rows) {
    found[Number(scope)]?.set(node, component)
  }
  return found
}

/** Leads with the name of their cluster, without those that are alone. */
function together(clusters: Clusters): string {
  const names = [...clusters.values()]
  return String(
    [...clusters]
      .filter(([, name]) => names.filter((each) => each === name).length > 1)
      .toSorted(([a], [b]) => a - b),
  )
}

describe('10,000 random graphs of pairs in one table', () => {
  const next = random(20_261_122)
  const graphs = Array.from({ length: 10_000 }, () => pairGraph(next))

  it('become clusters without a contradiction, and what links connect where there is none', async () => {
    const found = await clustersOf(graphs)
    const wholes = graphs.map(linked)
    const of = (index: number) => found[index] ?? new Map<number, number>()
    const whole = (index: number) => wholes[index] ?? new Map<number, number>()
    const apart = graphs.filter((pairs, index) =>
      pairs.some(
        ({ a, b, isApart }) =>
          isApart && of(index).has(a) && of(index).get(a) === of(index).get(b),
      ),
    )
    expect(apart).toEqual([])
    const beyond = graphs.filter((_, index) =>
      [...of(index)].some(
        ([lead, name]) => whole(index).get(lead) !== whole(index).get(name),
      ),
    )
    expect(beyond).toEqual([])
    const agreeing = graphs.flatMap((pairs, index) =>
      isContradicted(pairs, leastMean, whole(index)) ? [] : [index],
    )
    expect(agreeing.length).toBeGreaterThan(2000)
    expect(agreeing.length).toBeLessThan(8000)
    const other = agreeing.filter(
      (index) => together(of(index)) !== together(whole(index)),
    )
    expect(other).toEqual([])
  })

  it('give the same clusters in another order of rows', async () => {
    const some = graphs.slice(0, 3000)
    const one = await clustersOf(some)
    const other = await clustersOf(some.map((pairs) => shuffled(next, pairs)))
    expect(other.map(together)).toEqual(one.map(together))
  })
})

interface Cluster {
  readonly component: number
  readonly status: string
  readonly hold: string | null
  readonly ids: number[]
}

interface World {
  readonly rules?: string
  readonly cluster_size: number
  readonly leads: ReadonlyMap<number, Lead>
  readonly overrides?: readonly Partial<Override>[]
}

const folder = projectFolder()
const auto = `    match: [{ same: [email] }, { same: [phone, last_name] }]
    auto: { merge: 80% }
    never: [{ differ: sfdcAccountId }]
`

async function clustered({
  rules = auto,
  cluster_size,
  leads,
  overrides = [],
}: World): Promise<Cluster[]> {
  const staged = await stage({
    pipeline: `marketo: sandbox
services:
  people:
    type: dedupe
${rules}load: { guardrails: { cluster_size: ${cluster_size} } }
`,
    limit: { compare_all: 60 },
  })
  const warehouse = await openBase()
  await land(warehouse, { leads, overrides })
  await build(warehouse, staged, folder)
  const rows = await warehouse.rows<Cluster>(
    `select component, status, hold, list(lead_id order by lead_id) as ids
     from dedupe.cluster
     join dedupe.cluster_member using (service, component)
     group by all order by component`,
  )
  await warehouse.close()
  return rows
}

const pairOf = (
  kind: 'never_merge' | 'always_merge',
  one: number,
  other: number,
) => ({ kind, leadId: String(one), otherId: String(other) }) as const

/** Decisions about leads that are alike, or they would decide nothing. */
function decisions(next: Random, leads: ReadonlyMap<number, Lead>) {
  const alike = [...leads].flatMap(([id, { email }]) =>
    [...leads].flatMap(([other, lead]) =>
      id < other && email !== null && lead['email'] === email
        ? [[id, other] as const]
        : [],
    ),
  )
  return shuffled(next, alike)
    .slice(0, 40)
    .map(([one, other], index) =>
      pairOf(index % 3 === 0 ? 'always_merge' : 'never_merge', one, other),
    )
}

/** What speaks against the leads of a cluster, as plain code sees it. */
function contradictions(
  ids: readonly number[],
  leads: ReadonlyMap<number, Lead>,
  overrides: readonly ReturnType<typeof pairOf>[],
): string[] {
  const isIn = (id: string) => ids.includes(Number(id))
  const inner = overrides.filter((o) => isIn(o.leadId) && isIn(o.otherId))
  const never = inner.filter(({ kind }) => kind === 'never_merge')
  const said = linked(
    inner
      .filter(({ kind }) => kind === 'always_merge')
      .map(({ leadId, otherId }) => ({
        a: Number(leadId),
        b: Number(otherId),
        weight: 1,
        isLink: true,
        isApart: false,
      })),
  )
  const values = (of: (lead: Lead) => string | null | undefined) =>
    new Set(ids.flatMap((id) => of(leads.get(id) ?? {}) ?? []))
  const isSaid = ids.every((id) => said.get(id) === Math.min(...ids))
  const accounts = values((lead) => lead['sfdcAccountId'])
  const suffixes = values(
    (lead) => / (Jr|Sr)$/.exec(lead['lastName'] ?? '')?.[1],
  )
  return [
    ...(never.length > 0 ? ['never'] : []),
    ...(accounts.size > 1 && !isSaid ? ['account'] : []),
    ...(suffixes.size > 1 && !isSaid ? ['suffix'] : []),
  ]
}

describe('clusters of random leads', () => {
  let contradicted = 0

  // A model that is there already is not trained again.
  beforeAll(async () => {
    const few = someLeads(random(99), 80).map((lead, index): [number, Lead] => [
      index + 1,
      lead,
    ])
    await clustered({ cluster_size: 4, leads: new Map(few) })
  })

  it.each([1, 2, 3, 4])(
    'are never merged where they are too large or hold a contradiction (%i of 4)',
    async (seed) => {
      const next = random(seed)
      const made = someLeads(next, 450)
      const leads = new Map(made.map((lead, index) => [index + 1, lead]))
      const overrides = decisions(next, leads)
      const found = await clustered({ cluster_size: 4, leads, overrides })
      const merged = found.filter(({ status }) => status === 'merge')
      const wrong = merged.filter(
        ({ ids }) =>
          ids.length > 4 || contradictions(ids, leads, overrides).length > 0,
      )
      expect(wrong).toEqual([])
      expect(merged.length).toBeGreaterThan(20)
      const held = found.filter(
        ({ ids, status }) =>
          status === 'review' &&
          contradictions(ids, leads, overrides).length > 0,
      )
      contradicted += held.length
      expect(overrides.length).toBeGreaterThan(10)
    },
  )

  it('hold contradictions now and then, and then wait for a person', () => {
    expect(contradicted).toBeGreaterThan(0)
  })
})

/** Leads of one person, with one address. */
function copies(count: number, from = 1): [number, Lead][] {
  const lead = {
    ...person(random(from)),
    lastName: 'Berg',
    sfdcAccountId: null,
  }
  const email = `berg${from}@acme.example`
  return Array.from({ length: count }, (_, index) => [
    from + index,
    { ...lead, email, phone: null },
  ])
}

const byEmail = '    match: [{ same: [email] }]\n'

describe('what a person said', () => {
  it('takes one lead out of many that a rule connects, and no other', async () => {
    const found = await clustered({
      rules: byEmail,
      cluster_size: 200,
      leads: new Map(copies(60)),
      overrides: [pairOf('never_merge', 1, 60)],
    })
    expect(found.map(({ ids }) => ids.length)).toEqual([59])
  })

  it('holds a cluster that is too large to take one lead out of it', async () => {
    const found = await clustered({
      rules: byEmail,
      cluster_size: 200,
      leads: new Map(copies(120)),
      overrides: [pairOf('never_merge', 1, 120)],
    })
    expect(found.map(({ status, hold }) => [status, hold])).toEqual([
      ['review', 'a person keeps two of its leads apart'],
    ])
  })

  it('does not join two clusters by keeping them apart', async () => {
    const found = await clustered({
      rules: byEmail,
      cluster_size: 200,
      leads: new Map([...copies(60), ...copies(60, 101)]),
      overrides: [pairOf('never_merge', 1, 101)],
    })
    expect(found.map(({ ids }) => ids.length)).toEqual([60, 60])
  })

  it('excuses a contradiction only where it is about every lead', async () => {
    const differing = copies(4).map(([id, lead]): [number, Lead] => [
      id,
      { ...lead, lastName: id === 4 ? 'Berg Sr' : 'Berg Jr' },
    ])
    const said = (third: number) =>
      clustered({
        rules: '    match: [{ same: [email] }]\n',
        cluster_size: 200,
        leads: new Map(differing),
        overrides: [
          pairOf('always_merge', 1, 2),
          pairOf('always_merge', 1, 3),
          pairOf('always_merge', 2, third),
        ],
      })
    const whole = await said(4)
    expect(whole.map(({ status, ids }) => [status, ids.length])).toEqual([
      ['merge', 4],
    ])
    const partly = await said(3)
    expect(
      partly.filter(({ status, ids }) => status === 'merge' && ids.includes(4)),
    ).toEqual([])
  })
})

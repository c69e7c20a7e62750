import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { calibrationEdges } from '../../src/match/calibration.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { type Evaluation, evaluate } from '../../src/run/evaluate.js'
import { Random } from '../../src/sandbox/random.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { built, type Lead, type Pair } from './build-file.js'
import { parse, dedupe } from '../pipeline/parse.js'

const pipeline: Pipeline = parse(dedupe('match: [{ same: [email] }]')).pipeline

function truthFile(folder: string, leads: readonly Lead[]): string {
  const file = join(folder, 'truth.csv')
  const lines = leads
    .filter(({ entity }) => entity !== null)
    .map(({ id, entity }) => `x,${entity},${id}`)
  writeFileSync(file, `note,cluster,id\n${lines.join('\n')}\n`)
  return file
}

async function judge(
  leads: readonly Lead[],
  pairs: readonly Pair[] | null = null,
): Promise<Evaluation> {
  const folders = await built(leads, pairs)
  const truth = truthFile(folders.root, leads)
  return await evaluate({ folders, pipeline, truth, samples: 1000 })
}

const f = (p: number, r: number) => (p + r === 0 ? 0 : (2 * p * r) / (p + r))

/** The definitions, over every pair of leads. */
function oracle(leads: readonly Lead[], pairs: readonly Pair[] | null) {
  const known = leads.filter(({ entity }) => entity !== null)
  const byId = new Map(leads.map((lead) => [lead.id, lead]))
  const root = (lead: Lead) => byId.get(lead.into ?? lead.id) ?? lead
  const together = (one: Lead, other: Lead) => {
    const [a, b] = [root(one), root(other)]
    if (a.id === b.id) return true
    return a.cluster !== null && a.cluster === b.cluster && a.status === 'merge'
  }
  const connected = (one: Lead, other: Lead) => {
    const [a, b] = [root(one), root(other)]
    return a.id === b.id || (a.cluster !== null && a.cluster === b.cluster)
  }
  const compared = new Set((pairs ?? []).map(({ a, b }) => `${a} ${b}`))
  const wasCompared = (one: Lead, other: Lead) => {
    const ids = [root(one).id, root(other).id].toSorted((a, b) => a - b)
    return ids[0] === ids[1] || compared.has(ids.join(' '))
  }
  let [hit, claimed, wanted, reachable] = [0, 0, 0, 0]
  known.forEach((one, i) =>
    known.slice(i + 1).forEach((other) => {
      const same = one.entity === other.entity
      const found = together(one, other)
      if (same && found) hit += 1
      if (found) claimed += 1
      if (same) wanted += 1
      const isReachable = pairs === null ? connected : wasCompared
      if (same && isReachable(one, other)) reachable += 1
    }),
  )
  let [precise, complete] = [0, 0]
  for (const one of known) {
    const found = known.filter((other) => together(one, other))
    const real = known.filter((other) => other.entity === one.entity)
    const both = found.filter((other) => other.entity === one.entity).length
    precise += both / found.length
    complete += both / real.length
  }
  const precision = claimed === 0 ? 1 : hit / claimed
  const recall = wanted === 0 ? 1 : hit / wanted
  const [bp, br] = [precise / known.length, complete / known.length]
  return {
    counts: { hit, claimed, wanted, leads: known.length },
    pairwise: { precision, recall, f1: f(precision, recall) },
    bCubed: { precision: bp, recall: br, f1: f(bp, br) },
    reachable,
  }
}

function world(seed: number): { leads: Lead[]; pairs: Pair[] } {
  const chance = new Random(seed)
  const next = () => chance.next()
  const below = (n: number) => chance.below(n)
  const size = 2 + below(30)
  const review = new Set([below(6), below(6)])
  const live = Array.from({ length: size }, (_, i): Lead => {
    const cluster = next() < 0.7 ? below(6) : null
    return {
      id: 100 + i,
      cluster,
      status: cluster !== null && review.has(cluster) ? 'review' : 'merge',
      into: null,
      entity: next() < 0.9 ? `e${below(8)}` : null,
    }
  })
  const gone = Array.from(
    { length: below(6) },
    (_, i): Lead => ({
      id: 900 + i,
      cluster: null,
      status: 'merge',
      into: 100 + below(size),
      entity: `e${below(8)}`,
    }),
  )
  const pairs = live.flatMap(({ id: a }) =>
    live.flatMap(({ id: b }) =>
      a < b && next() < 0.3 ? [{ a, b, probability: next() }] : [],
    ),
  )
  return { leads: [...live, ...gone], pairs }
}

const two: Lead[] = [1, 2].map((id) => ({
  id,
  cluster: null,
  status: 'merge',
  into: null,
  entity: null,
}))

describe('an evaluation', () => {
  it('counts what a comparison of every pair counts, on random clusters', async () => {
    for (let seed = 1; seed <= 9; seed += 1) {
      const { leads, pairs } = world(seed)
      if (leads.every(({ entity }) => entity === null)) continue
      const given = seed % 3 === 0 ? null : pairs
      const found = await judge(leads, given)
      const wanted = oracle(leads, given)
      expect(found.counts).toMatchObject(wanted.counts)
      for (const kind of ['pairwise', 'bCubed'] as const) {
        for (const name of ['precision', 'recall', 'f1'] as const) {
          expect(found[kind][name]).toBeCloseTo(wanted[kind][name], 12)
        }
      }
      expect(found.blocking.map(({ pairs: n }) => n)).toEqual([
        wanted.reachable,
      ])
      const lost = found.falseMerges.samples.reduce((n, s) => n + s.pairs, 0)
      const missed = found.misses.samples.reduce((n, s) => n + s.pairs, 0)
      expect(lost).toBe(wanted.counts.claimed - wanted.counts.hit)
      expect(missed).toBe(wanted.counts.wanted - wanted.counts.hit)
    }
  })

  it('says how probable pairs were, and what each threshold would give', async () => {
    const { leads, pairs } = world(3)
    const { probability, counts } = await judge(leads, pairs)
    const entity = new Map(leads.map((lead) => [lead.id, lead.entity]))
    const judged = pairs.filter(
      ({ a, b }) => entity.get(a) !== null && entity.get(b) !== null,
    )
    const isSame = ({ a, b }: Pair) => entity.get(a) === entity.get(b)
    const [found] = probability
    const bins = found?.calibration ?? []
    expect(bins.reduce((n, bin) => n + bin.pairs, 0)).toBe(judged.length)
    for (const bin of bins) {
      const low = calibrationEdges.findLast((edge) => edge <= bin.predicted)
      const high = calibrationEdges.find((edge) => edge > bin.predicted) ?? 2
      const inside = judged.filter(
        ({ probability: p }) => p >= (low ?? 0) && p < high,
      )
      expect([bin.pairs, bin.same]).toEqual([
        inside.length,
        inside.filter(isSame).length,
      ])
    }
    for (const point of found?.sweep ?? []) {
      const above = judged.filter((p) => p.probability >= point.probability)
      const same = above.filter(isSame).length
      expect(point.pairs).toBe(above.length)
      expect(point.precision).toBeCloseTo(same / above.length, 12)
      expect(point.recall).toBeCloseTo(same / counts.wanted, 12)
    }
    expect(found?.sweep.length).toBeGreaterThan(3)
  })

  it('counts a cluster of half a million leads without its pairs', async () => {
    const n = 500_000
    const folders = await built(two.slice(0, 1), null)
    const warehouse = await Warehouse.open({
      path: folders.build,
      temp: folders.temp,
      sealed: false,
    })
    const leads = `range(1, ${n + 1}) as t(i)`
    const file = join(folders.root, 'truth.csv')
    for (const sql of [
      'delete from main.lead',
      `insert into main.lead select i, false, null from ${leads}`,
      `insert into dedupe.cluster_member select 'person', 1, i from ${leads}`,
      `insert into dedupe.lead_component select 'person', i, 1 from ${leads}`,
      `insert into dedupe.cluster values ('person', 1, 1, null, 'merge')`,
      `copy (select i as id, i % 2 as cluster from ${leads}) to '${file}'`,
    ]) {
      await warehouse.run(sql)
    }
    await warehouse.close()
    const found = await evaluate({ folders, pipeline, truth: file, samples: 5 })
    const half = (n / 2) * (n / 2 - 1)
    expect(found.counts).toMatchObject({
      leads: n,
      hit: half,
      wanted: half,
      claimed: (n * (n - 1)) / 2,
    })
    expect(found.falseMerges).toMatchObject({
      count: 1,
      samples: [{ a: '1', b: '2', pairs: (n * (n - 1)) / 2 - half, leads: n }],
    })
  })
})

describe('a truth file', () => {
  it.each([
    [
      'no column id',
      'key,cluster\n1,a\n',
      /no column id; its first line must name id and cluster/,
    ],
    [
      'a near name',
      'id,clustr\n1,a\n',
      /no column cluster.*Did you mean "clustr"\?/,
    ],
    [
      'a lead in two clusters',
      'id,cluster\n1,a\n1,b\n',
      /has lead 1 in more than one cluster/,
    ],
    [
      'no lead of ours',
      'id,cluster\n8,a\n9,b\n',
      /None of the 2 lines .* \(2 ids are unknown\)/,
    ],
  ])('with %s is refused', async (_, text, message) => {
    const folders = await built(two, null)
    const truth = join(folders.root, 'truth.csv')
    writeFileSync(truth, text)
    await expect(
      evaluate({ folders, pipeline, truth, samples: 1 }),
    ).rejects.toMatchObject({
      exit: 3,
      message: expect.stringMatching(message) as unknown,
    })
  })

  it('is told what of it could not be used', async () => {
    const folders = await built(two, null)
    const truth = join(folders.root, 'truth.csv')
    writeFileSync(truth, 'id;cluster\n1;a\n1;a\nx;b\n2;\n77;c\n')
    const found = await evaluate({ folders, pipeline, truth, samples: 1 })
    expect(found.truth).toEqual({
      rows: 5,
      leads: 1,
      entities: 1,
      unknown: 1,
      unknownSample: ['77'],
      deleted: 0,
      unreadable: 2,
      missing: 1,
    })
  })
})

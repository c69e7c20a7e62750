import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { type Evaluation, evaluate } from '../../src/run/evaluate.js'
import { foldersOf, makeFolders } from '../../src/run/folder.js'
import { Random } from '../../src/sandbox/random.js'
import { parse, dedupe } from '../pipeline/parse.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

const pipeline: Pipeline = parse(dedupe('match: [{ same: [email] }]')).pipeline

interface Lead {
  readonly id: number
  /** Component of the cluster; null: in none. */
  readonly cluster: number | null
  readonly status: 'merge' | 'review'
  /** Merged away earlier. */
  readonly into: number | null
  readonly entity: string | null
}

interface Pair {
  readonly a: number
  readonly b: number
  readonly probability: number
}

type Value = string | number | boolean | null

function values(rows: readonly (readonly Value[])[]): string {
  return rows
    .map(
      (row) =>
        `(${row.map((v) => (v === null ? 'null' : typeof v === 'string' ? `'${v}'` : String(v))).join(', ')})`,
    )
    .join(', ')
}

/** A build file that holds what models would have made of these leads. */
async function built(leads: readonly Lead[], pairs: readonly Pair[] | null) {
  const folder = mkdtempSync(join(tmpdir(), 'evaluate-test-'))
  const folders = foldersOf(folder, 'acme')
  makeFolders(folders)
  const warehouse = await Warehouse.open({
    path: folders.build,
    temp: folders.temp,
    sealed: true,
  })
  const clustered = leads.filter(({ cluster }) => cluster !== null)
  const component = (cluster: number | null) =>
    Math.min(...clustered.filter((l) => l.cluster === cluster).map((l) => l.id))
  const statements = [
    'create schema dedupe',
    'create schema load',
    'create table main.lead (id bigint, is_deleted boolean, merged_into_id bigint)',
    `insert into main.lead values ${values(leads.map((l) => [l.id, l.into !== null, l.into]))}`,
    'create table dedupe.cluster_member (service varchar, component bigint, lead_id bigint)',
    'create table dedupe.lead_component (scope varchar, node bigint, component bigint)',
    'create table dedupe.cluster (service varchar, component bigint, winner_id bigint, hold varchar, status varchar)',
    'create table load.load_merge (winner_id bigint, service varchar, rules varchar[])',
    ...(clustered.length === 0
      ? []
      : [
          `insert into dedupe.cluster_member values ${values(clustered.map((l) => ['person', component(l.cluster), l.id]))}`,
          `insert into dedupe.lead_component values ${values(clustered.map((l) => ['person', l.id, component(l.cluster)]))}`,
          `insert into dedupe.cluster select 'person', component, component, if(status = 'review', 'too large', null), status from (select distinct * from (values ${values(clustered.map((l) => [component(l.cluster), l.status]))}) as t(component, status))`,
          `insert into load.load_merge select winner_id, service, ['same email'] from dedupe.cluster where status = 'merge'`,
        ]),
    ...(pairs === null
      ? []
      : [
          'create table dedupe.scored_pair (service varchar, a bigint, b bigint, probability double, weight double, evidence varchar, status varchar)',
          ...(pairs.length === 0
            ? []
            : [
                `insert into dedupe.scored_pair values ${values(pairs.map((p) => ['person', p.a, p.b, p.probability, 0, 'email', p.probability > 0.9 ? 'merge' : p.probability > 0.5 ? 'review' : 'no']))}`,
              ]),
        ]),
  ]
  for (const sql of statements) await warehouse.run(sql)
  await warehouse.close()
  return folders
}

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

describe('an evaluation', () => {
  it('counts what a comparison of every pair counts, on random clusters', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
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
})

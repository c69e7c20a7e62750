/** What the match rules say of leads on the bench. */
import type { Warehouse } from '../warehouse/warehouse.js'
import type { WhyApart, WhyComparison, WhyKey } from './why-document.js'

/** Two leads of the bench, by their numbers. */
export interface BenchPair {
  readonly a: number
  readonly b: number
}

export interface Compared extends WhyComparison {
  readonly service: string
  readonly rule: number
}

type Untyped = Omit<Compared, 'a' | 'b'> &
  Readonly<Record<'a' | 'b', Omit<WhyKey, 'typed'>>>

export interface Scope {
  readonly service: string
  readonly rule: number
  readonly isExcluded: boolean
  readonly isMeant: boolean
  readonly isListed: boolean
}

export interface BenchKeys {
  readonly keys: readonly WhyKey[]
  readonly prints: readonly {
    readonly service: string
    readonly rule: number
    readonly key: string
  }[]
  readonly scopes: readonly Scope[]
}

export interface Bench {
  keysOf(lead: number): BenchKeys
  comparedOf(pair: BenchPair): readonly Compared[]
  apartOf(pair: BenchPair): readonly WhyApart[]
}

function pairKey({ a, b }: BenchPair): string {
  return `${a} ${b}`
}

function grouped<Row, Key>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): Map<Key, Row[]> {
  const found = new Map<Key, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const known = found.get(key) ?? []
    found.set(key, known)
    known.push(row)
  }
  return found
}

/** Reads everything at once; the bench may be closed afterwards. */
export async function readBench(
  bench: Warehouse,
  {
    pairs,
    typed,
  }: {
    readonly pairs: readonly BenchPair[]
    /** What a lead holds in the field that a key is made of. */
    readonly typed: (lead: number, key: string) => string | null
  },
): Promise<Bench> {
  await bench.run('create or replace temp table wanted (a bigint, b bigint)')
  await bench.append(
    'wanted',
    { a: 'bigint', b: 'bigint' },
    [...new Map(pairs.map((one) => [pairKey(one), one])).values()].map(
      ({ a, b }) => [a, b],
    ),
  )
  const keys = grouped(await readKeys(bench), ({ lead }) => lead)
  const prints = grouped(await readPrints(bench), ({ lead }) => lead)
  const scopes = grouped(await readScopes(bench), ({ lead }) => lead)
  const compared = grouped(await readCompared(bench), pairKey)
  const apart = grouped(await readApart(bench), pairKey)
  return {
    keysOf: (lead) => ({
      keys: (keys.get(lead) ?? []).map(({ key, value, gap }) => ({
        key,
        value,
        typed: typed(lead, key),
        gap,
      })),
      prints: prints.get(lead) ?? [],
      scopes: scopes.get(lead) ?? [],
    }),
    comparedOf: (pair) =>
      (compared.get(pairKey(pair)) ?? []).map(({ found }) => ({
        ...found,
        a: { ...found.a, typed: typed(pair.a, found.key) },
        b: { ...found.b, typed: typed(pair.b, found.key) },
      })),
    apartOf: (pair) =>
      (apart.get(pairKey(pair)) ?? []).map(({ found }) => found),
  }
}

async function readKeys(bench: Warehouse) {
  return await bench.rows<{
    lead: number
    key: string
    value: string | null
    gap: string | null
  }>(
    `with value as (
       unpivot (
         select id, cast(columns('^key_') as varchar) from dedupe.lead_key
       )
       on columns(* exclude id) into name name value value
     )
     select
       cast(gap.id as double) as lead, gap.key, value.value, gap.reason as gap
     from dedupe.key_gap as gap
     left join value on value.id = gap.id and value.name = 'key_' || gap.key
     where gap.key is not null
     order by gap.id, gap.key`,
  )
}

async function readPrints(bench: Warehouse) {
  return await bench.rows<{
    lead: number
    service: string
    rule: number
    key: string
  }>(
    `select
       cast(lead_id as double) as lead, service, rule,
       cast(key as varchar) as key
     from dedupe.match_key order by lead_id, service, rule`,
  )
}

async function readScopes(bench: Warehouse) {
  return await bench.rows<Scope & { lead: number }>(
    `select
       cast(lead_id as double) as lead, service, rule,
       is_excluded as "isExcluded", is_meant as "isMeant",
       is_listed as "isListed"
     from dedupe.match_scope order by lead_id, service, rule`,
  )
}

interface ComparedRow extends BenchPair {
  readonly service: string
  readonly rule: number
  readonly part: WhyComparison['part']
  readonly block: number | null
  readonly key: string
  readonly a_value: string | null
  readonly b_value: string | null
  readonly a_gap: string | null
  readonly b_gap: string | null
  readonly similarity: number | null
  readonly threshold: number
}

async function readCompared(
  bench: Warehouse,
): Promise<(BenchPair & { readonly found: Untyped })[]> {
  const rows = await bench.rows<ComparedRow>(
    `select
       cast(pair.a as double) as a, cast(pair.b as double) as b,
       pair.service, pair.rule, pair.part, pair.block, pair.key,
       pair.a_value, pair.b_value,
       one.reason as a_gap, other.reason as b_gap,
       round(pair.similarity, 4) as similarity, pair.threshold
     from dedupe.pair_key as pair
     join wanted on wanted.a = pair.a and wanted.b = pair.b
     left join dedupe.key_gap as one on one.id = pair.a and one.key = pair.key
     left join dedupe.key_gap as other
       on other.id = pair.b and other.key = pair.key
     order by pair.a, pair.b, pair.service, pair.rule, pair.part, pair.block,
       pair.key`,
  )
  return rows.map((row) => {
    const { a, b, a_value, b_value, a_gap, b_gap, ...rest } = row
    const one = { key: row.key, value: a_value, gap: a_gap }
    const other = { key: row.key, value: b_value, gap: b_gap }
    return { a, b, found: { ...rest, a: one, b: other } }
  })
}

async function readApart(
  bench: Warehouse,
): Promise<(BenchPair & { readonly found: WhyApart })[]> {
  const rows = await bench.rows<
    BenchPair & {
      service: string
      words: string
      a_value: string | null
      b_value: string | null
    }
  >(
    `select
       cast(pair.a as double) as a, cast(pair.b as double) as b,
       pair.service, pair.words, pair.a_value, pair.b_value
     from dedupe.pair_apart as pair
     join wanted on wanted.a = pair.a and wanted.b = pair.b
     where pair.is_apart
     order by pair.a, pair.b, pair.service, pair.words`,
  )
  return rows.map(({ a, b, service, words, a_value, b_value }) => ({
    a,
    b,
    found: { service, words, a: a_value, b: b_value },
  }))
}

/** The trained model of a pipeline as a file, and as tables for scoring. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  type Comparison,
  type LookAlike,
  lookAlikeNames,
} from '../match/comparison.js'
import { weightOf } from '../match/score.js'
import { everyLookAlike } from '../match/chance.js'
import type { Model } from '../match/train.js'
import type { AutoMatch } from '../pipeline/match.js'
import { identifier } from '../warehouse/quote.js'
import type { Queries } from '../warehouse/session.js'

const share = z.number().gt(0).lt(1)

const learnedSchema = z.strictObject({
  name: z.string(),
  m: z.array(share),
  u: z.array(share),
  near: z.array(share),
  alike: z.record(z.string(), z.array(share)),
  weight: z.array(z.number()),
})

const serviceSchema = z.strictObject({
  leads: z.int(),
  prior: share,
  look_alike: z.strictObject(everyLookAlike(() => share)),
  learned: z.array(learnedSchema),
  expected: z.number(),
  certain: z.int(),
  rounds: z.int(),
})

export const matchFileSchema = z.strictObject({
  /** Of the comparisons; a model of others says nothing. */
  version: z.string(),
  trained_at: z.string(),
  services: z.record(z.string(), serviceSchema),
})

export type MatchFile = z.infer<typeof matchFileSchema>
export type TrainedService = MatchFile['services'][string]

/** To be raised when the SQL of a level changes. */
const compared = 5

/** Moves when leads are compared in another way. */
export function matchVersion(comparisons: readonly Comparison[]): string {
  const text = JSON.stringify([compared, comparisons])
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

export function trainedService(model: Model, leads: number): TrainedService {
  const { prior, lookAlike, learned, expected, certain, rounds } = model
  return {
    leads,
    prior,
    look_alike: { ...lookAlike },
    learned: learned.map((each) => ({
      name: each.name,
      m: [...each.m],
      u: [...each.u],
      near: [...each.near],
      alike: Object.fromEntries(
        lookAlikeNames.map((kind) => [kind, [...each.alike[kind]]]),
      ),
      weight: [...each.weight],
    })),
    expected,
    certain,
    rounds,
  }
}

/**
 * Weights of one comparison by level, behind the one of an unknown level.
 * Where rarity counts, SQL subtracts the value's own share.
 */
function weightList(
  comparison: Comparison,
  learned: TrainedService['learned'][number],
): number[] {
  return [
    0,
    ...comparison.levels.map(({ share: of }, level) => {
      const weight = learned.weight[level] ?? 0
      return of === null ? weight : weight + Math.log2(learned.u[level] ?? 1)
    }),
  ]
}

/** What agreeing at a level says for one person and against a look-alike. */
function apartList(
  learned: TrainedService['learned'][number],
  kind: LookAlike,
): number[] {
  const alike = learned.alike[kind] ?? []
  return [
    0,
    ...learned.m.map((same, level) => Math.log2(same / (alike[level] ?? same))),
  ]
}

/** How much less an agreement says of two of one town than of strangers. */
function nearList({ u, near }: TrainedService['learned'][number]): number[] {
  return [0, ...u.map((each, level) => Math.log2((near[level] ?? each) / each))]
}

function parameterType(comparisons: readonly Comparison[]): string {
  const numbers = ['merge_weight', 'review_weight', 'prior', ...lookAlikeNames]
  return [
    'service varchar',
    ...numbers.map((name) => `${name} double`),
    ...comparisons.flatMap(({ name }) =>
      ['weight', 'mean', 'near', ...lookAlikeNames].map(
        (kind) => `${identifier(`${kind}_${name}`)} double[]`,
      ),
    ),
  ].join(', ')
}

/** Makes the table that scoring reads, for these services. */
export async function fillParameters(
  queries: Pick<Queries, 'run'>,
  comparisons: readonly Comparison[],
  services: readonly {
    readonly name: string
    readonly auto: AutoMatch
    readonly trained: TrainedService
  }[],
): Promise<void> {
  const rows = services.map(({ name, auto, trained }) => {
    const odds = (kind: LookAlike) =>
      Math.log2(trained.prior / trained.look_alike[kind])
    const learned = new Map(trained.learned.map((each) => [each.name, each]))
    return {
      service: name,
      merge_weight: weightOf(auto.merge),
      review_weight: weightOf(auto.review),
      prior: weightOf(trained.prior),
      ...Object.fromEntries(lookAlikeNames.map((kind) => [kind, odds(kind)])),
      ...Object.fromEntries(
        comparisons.flatMap((each): (readonly [string, number[]])[] => {
          const found = learned.get(each.name)
          if (found === undefined) return []
          return [
            [`weight_${each.name}`, weightList(each, found)],
            [`mean_${each.name}`, [0, ...found.weight]],
            [`near_${each.name}`, nearList(found)],
            ...lookAlikeNames.map(
              (kind) =>
                [`${kind}_${each.name}`, apartList(found, kind)] as const,
            ),
          ]
        }),
      ),
    }
  })
  await queries.run(
    `create or replace table match.parameter as
select parameter.*
from (
  select unnest(
    cast(cast($1 as json) as struct(${parameterType(comparisons)})[])
  ) as parameter
)`,
    [JSON.stringify(rows)],
  )
}

/**
 * Makes the table of kept patterns, empty where the comparisons are others
 * than those it was filled with.
 */
export async function keepPatternsOf(
  queries: Pick<Queries, 'run' | 'rows'>,
  comparisons: readonly Comparison[],
): Promise<void> {
  await queries.run('create schema if not exists match')
  const version = matchVersion(comparisons)
  const kept = await queries.rows(
    `select 1 from duckdb_tables()
     where schema_name = 'match' and table_name = 'pattern' and comment = $1`,
    [version],
  )
  if (kept.length > 0) return
  const levels = comparisons.map(
    ({ name }) => `${identifier(`level_${name}`)} tinyint`,
  )
  await queries.run(
    `create or replace table match.pattern (
  service varchar, a bigint, b bigint, value_a uhugeint, value_b uhugeint,
  ${levels.join(', ')}
)`,
  )
  await queries.run(`comment on table match.pattern is '${version}'`)
}

/** Keeps what this run compared, for the next one. */
export async function keepPatterns(
  queries: Pick<Queries, 'run'>,
): Promise<void> {
  await queries.run('delete from match.pattern')
  await queries.run(
    'insert into match.pattern by name select * exclude (is_known) from dedupe.auto_pattern',
  )
}

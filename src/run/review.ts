/** The queue of doubtful duplicates, as the published warehouse has it. */
import { existsSync } from 'node:fs'
import { badInput } from '../error.js'
import { type Label, labelsOf } from '../pipeline/label.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { inForce, type Override } from '../pipeline/override.js'
import { Warehouse } from '../warehouse/warehouse.js'
import type { Folders } from './folder.js'
import { fillLabels } from './label.js'
import { fillOverrides } from './override.js'
import { ownColumns, waitingSql } from './review-waiting.js'

export interface ReviewRecord {
  readonly id: string
  /** Marketo's fields that are not empty, as text. */
  readonly values: Readonly<Record<string, string>>
}

export interface ReviewItem {
  /** `people:1000231`; of a random sample `sample:1000231-1000544`. */
  readonly item: string
  readonly kind: 'cluster' | 'pair' | 'sample'
  readonly service: string
  readonly reason: string
  readonly probability: number | null
  readonly leads: number
  /** The one that would survive first; at most a hundred. */
  readonly leadIds: readonly string[]
}

export interface ReviewQueue {
  /** Undecided, riskiest first. */
  readonly items: readonly ReviewItem[]
  /** Undecided in all; `items` may be fewer. */
  readonly total: number
  readonly decided: number
}

/** The published warehouse with the files' decisions and labels of now. */
export interface ReviewRoom {
  readonly warehouse: Warehouse
  readonly pipeline: string
}

/**
 * Opens the published file, which takes no lock, so that reviewing never
 * waits for a run.
 * @throws PipelineError (exit 3) where nothing was published yet
 */
export async function withReview<T>(
  {
    folders,
    loaded,
    day,
  }: {
    readonly folders: Folders
    readonly loaded: Pick<LoadedPipeline, 'pipeline' | 'labels'>
    /** Decisions that hold on this ISO day count. */
    readonly day: string
  },
  work: (room: ReviewRoom) => Promise<T>,
): Promise<T> {
  const { name, overrides } = loaded.pipeline
  if (!existsSync(folders.published)) throw nothingPublished(name)
  const warehouse = await Warehouse.open({
    path: folders.published,
    temp: folders.temp,
    sealed: true,
    readOnly: true,
  })
  try {
    await refuseOld(warehouse, name)
    await bringFiles(warehouse, {
      labels: labelsOf(loaded.labels, overrides),
      overrides: inForce(overrides, day).current,
    })
    return await work({ warehouse, pipeline: name })
  } finally {
    await warehouse.close()
  }
}

function nothingPublished(pipeline: string): Error {
  return badInput(
    'nothing_published',
    `${pipeline} has published nothing to review yet: pipeline run ${pipeline}`,
  )
}

async function refuseOld(
  warehouse: Warehouse,
  pipeline: string,
): Promise<void> {
  const { tables } = await warehouse.one<{ tables: number }>(
    `select count(*) as tables from duckdb_tables()
     where schema_name = 'main' and table_name = 'review_queue'`,
  )
  if (tables === 0) throw nothingPublished(pipeline)
}

async function bringFiles(
  warehouse: Warehouse,
  files: {
    readonly labels: readonly Label[]
    readonly overrides: readonly Override[]
  },
): Promise<void> {
  await warehouse.run(
    'create temp table said (a bigint, b bigint, is_same boolean, author varchar, decided_at timestamp, probability double, origin varchar)',
  )
  await warehouse.run(
    'create temp table decision (kind varchar, lead_id bigint, other_id bigint, field varchar, value varchar, author varchar, reason varchar, until date)',
  )
  await fillLabels(warehouse, 'said', files.labels)
  await fillOverrides(warehouse, 'decision', files.overrides)
  await warehouse.run(
    `create temp table waiting as with ${waitingSql} select * from waiting`,
  )
}

const itemColumns = `
  item, kind, service, reason, probability, cast(leads as double) as leads,
  list_transform(lead_ids, lambda id: cast(id as varchar)) as "leadIds"`

export async function readQueue(
  { warehouse }: ReviewRoom,
  limit: number,
): Promise<ReviewQueue> {
  const items = await warehouse.rows<ReviewItem>(
    `select ${itemColumns} from waiting
     where not is_decided
     order by risk desc, probability desc, item
     limit ${Math.max(0, Math.floor(limit))}`,
  )
  const counts = await warehouse.one<{ total: number; decided: number }>(
    `select
       count(*) filter (where not is_decided) as total,
       count(*) filter (where is_decided) as decided,
     from waiting`,
  )
  return { items, ...counts }
}

/** Named items, decided or not; what is not found is left out. */
export async function findItems(
  { warehouse }: ReviewRoom,
  names: readonly string[],
): Promise<ReviewItem[]> {
  await warehouse.run('create or replace temp table named (item varchar)')
  const rows = [...new Set(names)].map((name) => [name])
  await warehouse.append('named', { item: 'varchar' }, rows)
  const queued = await warehouse.rows<ReviewItem>(
    `select ${itemColumns} from waiting
     where item in (select item from named) order by item`,
  )
  const sampled = await warehouse.rows<ReviewItem>(
    `select ${sampleColumns}
     from named
     join (${mergedPairs}) as merged on named.item = ${sampleName}
     order by named.item`,
  )
  return [...queued, ...sampled]
}

/** Leads that go or went, each with the lead that stays. */
const mergedPairs = `
  select
    least(lead.id, lead.cluster_id) as a,
    greatest(lead.id, lead.cluster_id) as b,
    lead.cluster_id as winner_id,
    coalesce(duplicate_group.service, '') as service,
  from main.lead as lead
  join main.duplicate_group as duplicate_group using (cluster_id)
  where
    duplicate_group.status in ('merge', 'merged')
    and lead.id <> lead.cluster_id
    and (not lead.is_deleted or lead.merged_into_id is not null)`

const sampleName = "format('sample:{}-{}', merged.a, merged.b)"

const sampleColumns = `
  ${sampleName} as item,
  'sample' as kind,
  merged.service,
  'drawn at random from the merges' as reason,
  cast(null as double) as probability,
  2.0 as leads,
  [cast(merged.winner_id as varchar),
   cast(if(merged.winner_id = merged.a, merged.b, merged.a) as varchar)]
    as "leadIds"`

/**
 * Merges drawn at random, those labelled before left out. The order of the
 * draw is fixed, so labelling a hundred and a hundred more is labelling two
 * hundred drawn at once.
 */
export async function drawSample(
  { warehouse }: ReviewRoom,
  size: number,
): Promise<ReviewItem[]> {
  return await warehouse.rows<ReviewItem>(
    `select ${sampleColumns}
     from (${mergedPairs}) as merged
     anti join said on said.a = merged.a and said.b = merged.b
     order by md5(format('review {} {}', merged.a, merged.b)), merged.a, merged.b
     limit ${Math.max(0, Math.floor(size))}`,
  )
}

/** Values of the leads of these items, by id. */
export async function readRecords(
  { warehouse }: ReviewRoom,
  items: readonly ReviewItem[],
): Promise<ReadonlyMap<string, ReviewRecord>> {
  await warehouse.run('create or replace temp table shown (id bigint)')
  const ids = new Set(items.flatMap(({ leadIds }) => leadIds))
  const rows = [...ids].map((id) => [id])
  await warehouse.append('shown', { id: 'bigint' }, rows)
  const leads = await warehouse.rows<Record<string, string | null>>(
    `select cast(columns(*) as varchar) from main.lead
     where id in (select id from shown) order by main.lead.id`,
  )
  return new Map(
    leads.map((lead) => {
      const values = Object.entries(lead).flatMap(([field, value]) =>
        ownColumns.has(field) || value === null || value === ''
          ? []
          : [[field, value] as const],
      )
      const id = lead['id'] ?? ''
      return [id, { id, values: Object.fromEntries(values) }]
    }),
  )
}

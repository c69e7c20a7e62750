/** The load models as facts for plan rows, a page at a time. */
import { exitCode, PipelineError } from '../error.js'
import { fieldUses } from '../pipeline/field.js'
import type { DedupeService, Pipeline } from '../pipeline/pipeline.js'
import { identifier } from '../warehouse/quote.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import type { MatchedPair, Text } from './plan.js'
import { crmKeys, orderMerges } from './plan-order.js'
import type { MergeFacts, Survivor } from './plan-row.js'
import {
  makeUpdateTable,
  sourceFields,
  type SourceFields,
} from './update-source.js'

const mergesPerPage = 1000

/** Which record Marketo keeps, and which clusters are never merged. */
const usualGuards = [
  ...crmKeys,
  'sfdcIsDeleted',
  'sfdcLeadIsDeleted',
  'sfdcContactIsDeleted',
  'leadPartitionId',
]

export interface LoadFacts {
  /** By service: fields that must not change between plan and merge. */
  readonly guarded: ReadonlyMap<string, readonly string[]>
  /** By service: fields that an update's new values are made of. */
  readonly sources: SourceFields
  /** Every field that some update writes. */
  readonly updateFields: readonly string[]
  /** CRM-linked leads in merges. */
  readonly crm: number
  /** Whether the models say what made each merge. */
  readonly hasPairs: boolean
}

/** Throws where a lead is in two rows, or a merge has no loser. */
export async function proveLoad(warehouse: Warehouse): Promise<void> {
  const twice = await warehouse.rows<{ id: string }>(
    `select cast(id as varchar) as id from (
       select winner_id as id from load.load_merge
       union all select unnest(loser_ids) from load.load_merge
       union all select distinct id from load.load_update
     ) group by id having count(*) > 1 order by id limit 3`,
  )
  refuse(twice, 'would be written by two rows of one plan')
  const alone = await warehouse.rows<{ id: string }>(
    `select cast(winner_id as varchar) as id from load.load_merge
     where len(loser_ids) = 0 order by id limit 3`,
  )
  refuse(alone, 'would be merged with nobody')
}

function refuse(leads: readonly { id: string }[], why: string): void {
  if (leads.length === 0) return
  const ids = leads.map(({ id }) => id)
  throw new PipelineError(
    'plan_unsafe',
    `The load models contradict each other: lead ${ids.join(', ')} ${why}. Nothing was planned; correct the models under models/load.`,
    { exit: exitCode.failed, details: { ids } },
  )
}

/** Makes the temporary tables that pages are read from. */
export async function prepare(
  warehouse: Warehouse,
  pipeline: Pipeline,
): Promise<LoadFacts> {
  const exported = new Set(await leadColumns(warehouse))
  const guarded = new Map(
    pipeline.services
      .filter((service) => service.type === 'dedupe')
      .map((service) => [
        service.name,
        guardedFields(service, pipeline).filter((each) => exported.has(each)),
      ]),
  )
  const fields = [...new Set([...guarded.values()].flat())].toSorted()
  const hasPairs = await hasPairTable(warehouse)
  await orderMerges(warehouse, {
    isPaced: pipeline.load.crmRecordsPerHour !== null,
    hasPairs,
  })
  await makeGuardTable(warehouse, fields)
  const sources = sourceFields(pipeline, exported)
  await makeUpdateTable(warehouse, exported, sources)
  const updateFields = await warehouse.rows<{ field: string }>(
    'select distinct field from load.load_update where after is not null order by field',
  )
  const { crm } = await warehouse.one<{ crm: number }>(
    'select cast(coalesce(sum(crm_linked), 0) as bigint) as crm from load.load_merge',
  )
  return {
    guarded,
    sources,
    updateFields: updateFields.map((f) => f.field),
    crm,
    hasPairs,
  }
}

/**
 * Every field that decided something: who is one person, who must not be
 * merged, which record stays, what must not be lost. Not the time of the last
 * change, which every write changes, ours among them.
 */
function guardedFields(service: DedupeService, pipeline: Pipeline): string[] {
  const looked = fieldUses(pipeline)
    .filter(({ path }) => path[0] === 'services' && path[1] === service.name)
    .map(({ field }) => field)
    .filter((field) => field !== 'updatedAt')
  return [...new Set([...looked, ...usualGuards])]
}

async function leadColumns(warehouse: Warehouse): Promise<string[]> {
  const columns = await warehouse.rows<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_schema = 'raw' and table_name = 'lead'`,
  )
  return columns.map(({ name }) => name)
}

/** The guarded fields of all leads in merges, joined once. */
async function makeGuardTable(
  warehouse: Warehouse,
  fields: readonly string[],
): Promise<void> {
  const columns = fields.map((field) => `lead.${identifier(field)}`)
  await warehouse.run(
    `create or replace temp table plan_guard as
     select ${['member.place', 'member.id as lead_id', ...columns].join(', ')}
     from (
       select place, unnest(list_prepend(winner_id, loser_ids)) as id
       from plan_merge
     ) as member
     join raw.lead as lead on lead.id = cast(member.id as varchar)
     order by member.place, member.id`,
  )
}

interface MergePageRow {
  readonly place: bigint | number
  readonly winner: string
  readonly losers: string[]
  readonly service: string
  readonly rules: string[] | null
  readonly why: string | null
  readonly merge_in_crm: boolean | null
}

/** Merges in their order, a page in memory at a time. */
export async function* mergePages(
  warehouse: Warehouse,
  facts: LoadFacts,
): AsyncGenerator<MergeFacts> {
  let last = 0n
  for (;;) {
    const page = await warehouse.rows<MergePageRow>(
      `select place, cast(winner_id as varchar) as winner,
         list_transform(loser_ids, lambda id: cast(id as varchar)) as losers,
         service, rules, winner_reason as why, merge_in_crm
       from plan_merge where place > $1
       order by place limit ${mergesPerPage}`,
      [last],
    )
    const final = page.at(-1)
    if (final === undefined) return
    const range = [last, BigInt(final.place)] as const
    const survivors = await survivorsOf(warehouse, range)
    const values = await valuesOf(warehouse, range)
    const pairs = facts.hasPairs ? await pairsOf(warehouse, range) : null
    for (const row of page) {
      yield {
        winner: row.winner,
        losers: row.losers,
        mergeInCrm: row.merge_in_crm === true,
        service: row.service,
        rules: row.rules ?? [],
        why: row.why ?? '',
        ...(pairs !== null && { pairs: pairs.get(row.winner) ?? [] }),
        survivors: survivors.get(row.winner) ?? [],
        values,
        guarded: facts.guarded.get(row.service) ?? [],
      }
    }
    last = range[1]
  }
}

type Range = readonly [after: bigint, last: bigint]

/** A project with models of an earlier version has no such table. */
async function hasPairTable(warehouse: Warehouse): Promise<boolean> {
  const found = await warehouse.rows(
    "select 1 from duckdb_tables() where schema_name = 'load' and table_name = 'load_merge_pair'",
  )
  return found.length > 0
}

async function pairsOf(
  warehouse: Warehouse,
  range: Range,
): Promise<Map<string, MatchedPair[]>> {
  const rows = await warehouse.rows<MatchedPair & { winner: string }>(
    `select cast(winner_id as varchar) as winner, cast(a as varchar) as a,
       cast(b as varchar) as b, rule, round(similarity, 4) as similarity,
       round(probability, 6) as probability, evidence
     from plan_pair
     where place > $1 and place <= $2
     order by place, rule, plan_pair.a, plan_pair.b`,
    range,
  )
  const pairs = new Map<string, MatchedPair[]>()
  for (const { winner, ...pair } of rows) {
    const known = pairs.get(winner) ?? []
    pairs.set(winner, known)
    known.push(pair)
  }
  return pairs
}

async function survivorsOf(
  warehouse: Warehouse,
  range: Range,
): Promise<Map<string, Survivor[]>> {
  const rows = await warehouse.rows<Survivor & { winner: string }>(
    `select cast(winner_id as varchar) as winner, field, value,
       cast(source_id as varchar) as source, coalesce(rule, '') as rule,
       is_consent as consent
     from plan_survivor
     where place > $1 and place <= $2
     order by place, field`,
    range,
  )
  const survivors = new Map<string, Survivor[]>()
  for (const { winner, ...survivor } of rows) {
    const fields = survivors.get(winner) ?? []
    survivors.set(winner, fields)
    fields.push(survivor)
  }
  return survivors
}

/** What the models decided on outranks the same field of the raw table. */
async function valuesOf(
  warehouse: Warehouse,
  range: Range,
): Promise<Map<string, Map<string, Text>>> {
  const guarded = await warehouse.rows<Record<string, Text>>(
    `select * exclude (place) replace (cast(lead_id as varchar) as lead_id)
     from plan_guard where place > $1 and place <= $2`,
    range,
  )
  const values = new Map<string, Map<string, Text>>()
  for (const { lead_id, ...fields } of guarded) {
    values.set(String(lead_id), new Map(Object.entries(fields)))
  }
  const decided = await warehouse.rows<{
    lead: string
    field: string
    value: Text
  }>(
    `select cast(lead_id as varchar) as lead, field, value
     from plan_before where place > $1 and place <= $2`,
    range,
  )
  for (const { lead, field, value } of decided) {
    const fields = values.get(lead) ?? new Map<string, Text>()
    values.set(lead, fields.set(field, value))
  }
  return values
}

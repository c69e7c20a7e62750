/**
 * What a pipeline's rules look like to templates: plain values only, so that
 * nothing of a rule reaches SQL but through the template engine.
 */
import type {
  ConsentRule,
  DedupeService,
  EnrichService,
  Pipeline,
  SurviveRule,
} from '../pipeline/pipeline.js'
import { isOptOut } from '../pipeline/field.js'
import { ruleFields } from '../pipeline/rule-field.js'
import { usualRule } from '../pipeline/survive-rule.js'
import { autoContext, autoLimits, autoWords } from './auto-rule.js'
import { domainContext } from './domain-context.js'
import { hashContext } from './hash-context.js'
import {
  type Apart,
  apartList,
  differColumn,
  excludeList,
  keyColumn,
  matchContext,
  mostInBlock,
  nearColumn,
  valuesUsed,
  wantedKeys,
} from './match-context.js'
import { nearKey, phoneFields } from './normalise.js'
import { surviveWords } from './survivor-words.js'
import { stepsOf, winnerLists, winnerWords } from './winner.js'

/** A field as models see it: exported, with Marketo's type. */
export interface ExportedField {
  readonly name: string
  readonly dataType: string
  /** Of its values; null where Marketo names none. */
  readonly length: number | null
  /** Whether this product may write it on a lead. */
  readonly writable: boolean
}

function differFields(service: DedupeService): string[] {
  return service.never.flatMap((rule) =>
    rule.kind === 'differ' ? [rule.field] : [],
  )
}

interface DecidedField {
  readonly field: string
  readonly rule: SurviveRule | ConsentRule
  readonly words: string
  readonly is_consent: boolean
  /** Nobody takes back a true. */
  readonly is_opt_out: boolean
}

/** Fields whose surviving value the product decides, with their rules. */
function decidedFields(
  service: DedupeService,
  decidable: readonly string[],
): DecidedField[] {
  const written = new Set(service.stamp.map(({ field }) => field))
  const survive = new Map(service.survive.map((r) => [r.field, r.rule]))
  const consent = new Map(service.consent.map((r) => [r.field, r.rule]))
  const usual = usualRule(service.fill)
  return decidable
    .filter((field) => !written.has(field))
    .map((field) => {
      const rule = consent.get(field) ?? survive.get(field) ?? usual
      const words = surviveWords(rule)
      const is_consent = consent.has(field)
      return { field, rule, words, is_consent, is_opt_out: isOptOut(field) }
    })
}

function dedupeContext(
  service: DedupeService,
  order: number,
  decidable: readonly string[],
) {
  const ranking = { rules: service.winner, by: service.winnerChoice.by }
  return {
    name: service.name,
    order,
    list: service.list,
    match: service.match.map((rule, index) =>
      matchContext(rule, index, service),
    ),
    exclude: excludeList(service),
    apart: apartList(service),
    apart_household: apartList(service).some(
      ({ kind }) => kind === 'household',
    ),
    differ: differFields(service).map((field) => ({
      field,
      column: differColumn(field),
    })),
    ranking,
    winner_steps: stepsOf(ranking).toReversed(),
    winner_lists: winnerLists(ranking.rules),
    winner_words: winnerWords(ranking),
    winner_review: service.winnerChoice.otherwise === 'review',
    decided: decidedFields(service, decidable),
    stamp: service.stamp,
    /** The field with the ids of leads merged before; empty: none. */
    ids_stamp: service.stamp.find(({ rule }) => rule === 'ids')?.field ?? '',
    crm_merge: service.crmMerge,
    auto_words: autoWords(service),
  }
}

/** With the types of the fields, so that values are written as they want. */
function enrichContext(
  service: EnrichService,
  fields: readonly ExportedField[],
) {
  return {
    ...service,
    model: service.model.split('/').at(-1) ?? service.model,
    skips: service.onTooLong === 'skip',
    write: service.write.map(({ field, rule }) => {
      const found = fields.find(({ name }) => name === field)
      const { dataType: type = 'string', length = null } = found ?? {}
      return { field, rule, type, length }
    }),
  }
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

/** Fields that services write beyond survivors. */
function writeColumns(pipeline: Pipeline): string[] {
  return unique(
    pipeline.services.flatMap((service) =>
      service.type === 'dedupe'
        ? service.stamp.map(({ field }) => field)
        : service.write.map(({ field }) => field),
    ),
  ).toSorted()
}

/** Each column that keeps leads apart, once for all services. */
function apartOfAll(dedupe: readonly DedupeService[]): Apart[] {
  const all = dedupe.flatMap(apartList)
  return [...new Map(all.map((each) => [each.column, each])).values()]
}

/** Beside those whose name says so. */
const furtherSources = ['acquisitionProgramId', 'leadPartitionId']

/** Fields that say where a lead came from. */
function sourceFields(names: readonly string[]): string[] {
  return names.filter(
    (name) => /source/i.test(name) || furtherSources.includes(name),
  )
}

export interface RuleContextInput {
  readonly pipeline: Pipeline
  /** Every exported field but id. */
  readonly fields: readonly ExportedField[]
  /** Cut line of the extract, as Marketo writes times. */
  readonly asOf: string
}

/** Where one value on several people stops being evidence. */
const mostPeople = 3

/** Names in snake case, because templates are SQL. */
export function ruleContext({ pipeline, fields, asOf }: RuleContextInput) {
  const dedupe = pipeline.services.filter(
    (service): service is DedupeService => service.type === 'dedupe',
  )
  const written = writeColumns(pipeline)
  const declared = ruleFields(pipeline)
  const ruled = fields.filter(({ name }) => declared.has(name))
  const decidable = ruled
    .filter(({ writable }) => writable)
    .map(({ name }) => name)
  const decidedColumns = decidable.filter((name) => !written.includes(name))
  const hasDomains = pipeline.services.some(({ type }) => type === 'domain')
  const auto = autoContext(dedupe)
  const keys = unique([...wantedKeys(dedupe), ...auto.keys])
  const apart = apartOfAll(dedupe)
  return {
    as_of: asOf,
    sources: sourceFields(fields.map(({ name }) => name)),
    columns: fields.map(({ name, dataType }) => ({ name, type: dataType })),
    /** Those that rules declare or use; analysts' own change no plan. */
    rule_columns: ruled.map(({ name }) => name),
    keys: keys.map((name) => ({ name, column: keyColumn(name) })),
    near: keys
      .filter((name) => nearKey(name) !== null)
      .map((name) => ({ name, column: nearColumn(name) })),
    uses: valuesUsed(hasDomains ? [...keys, 'company'] : keys, apart),
    apart,
    phones: keys.flatMap((key) => {
      const field = phoneFields[key]
      return field === undefined ? [] : [{ field, alias: `number_${key}` }]
    }),
    differ: unique(dedupe.flatMap(differFields)).map((field) => ({
      field,
      column: differColumn(field),
    })),
    dedupe: dedupe.map((service, index) =>
      dedupeContext(service, index, decidedColumns),
    ),
    ...hashContext(
      pipeline.services.filter((service) => service.type === 'hash'),
    ),
    ...domainContext(
      pipeline.services.filter((service) => service.type === 'domain'),
    ),
    enrich: pipeline.services
      .filter((service): service is EnrichService => service.type === 'enrich')
      .map((service) => enrichContext(service, fields)),
    decided_columns: decidedColumns,
    write_columns: written,
    merge_columns: unique([...decidedColumns, ...written]).toSorted(),
    ...auto.context,
    limit: {
      people: mostPeople,
      block: mostInBlock,
      ...autoLimits,
      cluster_size: pipeline.load.guardrails.clusterSize,
    },
  }
}

export type RuleContext = ReturnType<typeof ruleContext>

/**
 * What a pipeline's rules look like to templates: plain values only, so that
 * nothing of a rule reaches SQL but through the template engine.
 */
import type {
  ConsentRule,
  DedupeService,
  DomainService,
  EnrichService,
  MatchRule,
  NeverRule,
  Pipeline,
  SurviveRule,
} from '../pipeline/pipeline.js'
import { isOptOut } from '../pipeline/field.js'
import { usualRule } from '../pipeline/survive-rule.js'
import { hashContext } from './hash-context.js'
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

const nameKeys = new Set(['first_name', 'last_name', 'full_name'])

function differFields(service: DedupeService): string[] {
  return service.never.flatMap((rule) =>
    rule.kind === 'differ' ? [rule.field] : [],
  )
}

function isWhere(
  rule: NeverRule,
): rule is Extract<NeverRule, { kind: 'where' }> {
  return rule.kind === 'where'
}

const differColumn = (field: string) => `apart_${field}`
const keyColumn = (key: string) => `key_${key}`
const nearColumn = (key: string) => `near_${key}`

/** Which values are worked out once for each distinct text. */
function valuesUsed(keys: readonly string[]) {
  const has = (...names: readonly string[]) =>
    names.some((name) => keys.includes(name))
  return {
    sound: has('last_name_sound'),
    company: has('company'),
    address: has('address', 'street', 'house_number'),
    state: has('state'),
    country: has('country'),
    email_domain: has('email_domain'),
    website: has('website'),
  }
}

function matchContext(rule: MatchRule, index: number) {
  return {
    number: index + 1,
    columns: rule.same.map(keyColumn),
    words: `same ${rule.same.join(' + ').replaceAll('_', ' ')}`,
    names_person: rule.same.some((key) => nameKeys.has(key)),
    names_mailbox: rule.same.includes('email'),
  }
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
    match: service.match.map(matchContext),
    exclude: service.never.filter(isWhere).map((rule) => rule.where),
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
    crm_merge: service.crmMerge,
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

/** Every key that some dedupe service compares: a column of `lead_key`. */
function wantedKeys(dedupe: readonly DedupeService[]): string[] {
  return unique(dedupe.flatMap((s) => s.match.flatMap((m) => m.same)))
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
  const decidable = fields
    .filter(({ writable }) => writable)
    .map(({ name }) => name)
  const decidedColumns = decidable.filter((name) => !written.includes(name))
  const keys = wantedKeys(dedupe)
  return {
    as_of: asOf,
    sources: sourceFields(fields.map(({ name }) => name)),
    columns: fields.map(({ name, dataType }) => ({ name, type: dataType })),
    keys: keys.map((name) => ({ name, column: keyColumn(name) })),
    near: keys
      .filter((name) => nearKey(name) !== null)
      .map((name) => ({ name, column: nearColumn(name) })),
    uses: valuesUsed(keys),
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
    domain: pipeline.services.filter(
      (service): service is DomainService => service.type === 'domain',
    ),
    enrich: pipeline.services
      .filter((service): service is EnrichService => service.type === 'enrich')
      .map((service) => enrichContext(service, fields)),
    decided_columns: decidedColumns,
    write_columns: written,
    merge_columns: unique([...decidedColumns, ...written]).toSorted(),
    limit: {
      people: mostPeople,
      cluster_size: pipeline.load.guardrails.clusterSize,
    },
  }
}

export type RuleContext = ReturnType<typeof ruleContext>

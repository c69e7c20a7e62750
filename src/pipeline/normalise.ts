import { alertOf } from './alert-form.js'
import { dirname, isAbsolute, join } from 'node:path'
import type { SourceDocument } from './document.js'
import { domainListNames, listChanges } from './domain-list.js'
import { standardConsent } from './field.js'
import type {
  DedupeService,
  ExtractPolicy,
  FieldRule,
  ListScope,
  MarketoTarget,
  Pipeline,
  RejectLimit,
  Service,
} from './pipeline.js'
import type { LoadPolicy } from './policy.js'
import { hashRule } from './hash-rule.js'
import type { AutoMatch } from './match.js'
import type { Override } from './override.js'
import { matchOf, neverOf } from './match-rule.js'
import type { Path } from './problem.js'
import type { Environment } from './reference.js'
import { shareOf } from './scalar.js'
import { scheduleOf } from './schedule.js'
import type { PipelineForm } from './schema.js'
import type { ServiceForm } from './service.js'
import { sourcesOf } from './source.js'
import { consentRule, surviveOf } from './survive-rule.js'
import { marketoTarget } from './target.js'
import { listOf, winnerOf } from './winner-rule.js'

type DedupeForm = Extract<ServiceForm, { type: 'dedupe' }>

/** Fills in every default, so that nothing further on is optional. */
export function normalise(
  form: PipelineForm,
  document: SourceDocument,
  source: {
    readonly name: string
    readonly file: string
    readonly env: Environment
    readonly secrets: 'required' | 'ignored'
    readonly overrides?: readonly Override[]
  },
): Pipeline {
  const { env, secrets } = source
  return {
    name: source.name,
    file: source.file,
    description: form.description ?? '',
    owner: form.owner ?? '',
    groups: [...new Set(form.groups ?? [])],
    marketo: placed(marketoTarget(form.marketo, env, secrets), source.file),
    extract: extractPolicy(form.extract),
    sources: sourcesOf(form.source),
    services: Object.entries(form.services ?? {})
      .filter(([, { enabled }]) => enabled !== false)
      .map(([name, service]) => normaliseService(name, service, document, env)),
    overrides: source.overrides ?? [],
    load: loadPolicy(form.load),
    schedule: scheduleOf(form.schedule),
    alert: (form.alert ?? []).map((alert) => alertOf(alert, env, secrets)),
  }
}

function extractPolicy(form: PipelineForm['extract']): ExtractPolicy {
  return {
    fields: [...new Set(form?.fields ?? [])],
    start: form?.start ?? null,
    rejects: rejectLimit(form?.rejects ?? '0.1%'),
    keepDays: form?.keep_days ?? null,
    contract: form?.contract ?? 'evolve',
  }
}

/** A few broken rows are data in any file; many of them are not. */
const fewRows = 10

function rejectLimit(limit: number | string): RejectLimit {
  if (typeof limit === 'number') return { rows: limit, share: 0 }
  const share = shareOf(limit)
  return { rows: share === 0 ? 0 : fewRows, share }
}

/** Paths in a pipeline file go from the folder that it lies in. */
function placed(target: MarketoTarget, file: string): MarketoTarget {
  if (target.kind !== 'sandbox' || target.from === null) return target
  const { from } = target
  const path = isAbsolute(from) ? from : join(dirname(file), from)
  return { ...target, from: path }
}

function normaliseService(
  name: string,
  form: ServiceForm,
  document: SourceDocument,
  env: Environment = {},
): Service {
  const path: Path = ['services', name]
  const base = { name, list: listScope(form.list, [...path, 'list'], document) }
  if (form.type === 'dedupe')
    return { ...base, ...dedupe(form, path, document) }
  if (form.type === 'hash') {
    const write = rules(form.write).map(({ field, rule }) => ({
      field,
      rule: hashRule(rule, env),
    }))
    return { ...base, type: 'hash', write }
  }
  if (form.type === 'domain') {
    return { ...base, type: 'domain', ...domainRules(form) }
  }
  const { model, write, on_too_long: onTooLong = 'refuse' } = form
  return { ...base, type: 'enrich', model, write: rules(write), onTooLong }
}

type DomainForm = Extract<ServiceForm, { type: 'domain' }>

function domainRules(form: DomainForm) {
  const { confidence = 0.8, private_suffixes: privateSuffixes = true } = form
  const lists = domainListNames.flatMap((list) =>
    listChanges.flatMap((change) => {
      const file = form.lists?.[list]?.[change]
      return file === undefined ? [] : [{ list, change, file }]
    }),
  )
  return { write: rules(form.write), confidence, privateSuffixes, lists }
}

function dedupe(
  form: DedupeForm,
  path: Path,
  document: SourceDocument,
): Omit<DedupeService, 'name' | 'list'> {
  const declared = rules(form.consent).map(({ field, rule }) => {
    const at = [...path, 'consent', field]
    return { field, rule: consentRule(rule, at, document) }
  })
  const consent = [...declared, ...undeclared(declared)]
  const fill = form.fill ?? 'best'
  return {
    type: 'dedupe',
    match: (form.match === 'auto' ? [] : form.match).map((rule, index) =>
      matchOf(rule, [...path, 'match', index], document),
    ),
    auto: autoMatch(form),
    never: (form.never ?? []).map((rule, index) =>
      neverOf(rule, [...path, 'never', index], document),
    ),
    ...winnerOf(form.winner, path, document),
    survive: surviveOf(form.survive, { consent, fill }, path, document),
    fill,
    consent,
    stamp: rules(form.stamp),
    crmMerge: form.crm?.merge ?? false,
  }
}

/** What merging by probability needs where nothing else is said. */
const usualAuto = { merge: 0.97, review: 0.5 }

function autoMatch({ match, auto }: DedupeForm): AutoMatch | null {
  if (match !== 'auto' && auto === undefined) return null
  return {
    fields: auto?.fields ?? [],
    merge: auto?.merge === undefined ? usualAuto.merge : shareOf(auto.merge),
    review:
      auto?.review === undefined ? usualAuto.review : shareOf(auto.review),
    prior: auto?.prior ?? null,
  }
}

/** The standard opt-outs that the file does not name. */
function undeclared(
  declared: DedupeService['consent'],
): DedupeService['consent'] {
  const names = new Set(declared.map(({ field }) => field))
  return standardConsent.filter(({ field }) => !names.has(field))
}

function rules<Rule>(
  form: Readonly<Record<string, Rule>> | undefined,
): FieldRule<Rule>[] {
  return Object.entries(form ?? {}).map(([field, rule]) => ({ field, rule }))
}

function listScope(
  form: ServiceForm['list'],
  path: Path,
  document: SourceDocument,
): ListScope | null {
  return form === undefined ? null : listOf(form, path, document)
}

const kept = ['lists', 'programs'] as const

function loadPolicy(form: PipelineForm['load']): LoadPolicy {
  const limits = form?.guardrails
  const keep = kept.filter(
    (kind) =>
      form?.keep?.includes(kind) === true ||
      (kind === 'lists' && form?.keep_lists === true),
  )
  return {
    apply: form?.apply ?? 'review',
    ...(keep.length > 0 && { keep }),
    bulkImport: (form?.bulk_import ?? 'auto') === 'auto',
    crmRecordsPerHour: form?.crm_records_per_hour ?? null,
    guardrails: {
      merges: limits?.merges ?? 500,
      mergeShare: shareOf(limits?.merge_share ?? 0.02),
      updates: limits?.updates ?? 50_000,
      clusterSize: limits?.cluster_size ?? 10,
      consentChanges: limits?.consent_changes ?? null,
      crmMerges: limits?.crm_merges ?? null,
      minPrecision:
        limits?.min_precision === undefined
          ? null
          : shareOf(limits.min_precision),
    },
  }
}

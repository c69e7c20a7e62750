import type { NeverRule } from './match.js'
import { autoFields } from './auto-field.js'
import type {
  Condition,
  ConsentRule,
  DedupeService,
  FieldRule,
  HashService,
  Pipeline,
  Service,
  SurviveRule,
  WinnerCriterion,
} from './pipeline.js'
import { isHashInput } from './hash-profile.js'
import { neverFields, ruleKeys } from './match-rule.js'
import type { Path } from './problem.js'

/** Marketo's fields behind each word that `same` understands. */
const keyVocabulary: Readonly<Record<string, readonly string[]>> = {
  email: ['email'],
  email_local: ['email'],
  email_domain: ['email'],
  phone: ['phone', 'country'],
  mobile_phone: ['mobilePhone', 'country'],
  first_name: ['firstName'],
  first_name_root: ['firstName'],
  first_initial: ['firstName'],
  last_name: ['lastName'],
  last_name_sound: ['lastName'],
  name_suffix: ['lastName', 'firstName'],
  full_name: ['firstName', 'lastName'],
  company: ['company'],
  website: ['website'],
  address: ['address'],
  street: ['address'],
  house_number: ['address'],
  city: ['city'],
  state: ['state'],
  postal_code: ['postalCode'],
  country: ['country'],
  birth_date: ['dateOfBirth'],
  date_of_birth: ['dateOfBirth'],
}

/** Words with a meaning of their own; every other key is a field's name. */
export const matchKeys: readonly string[] = Object.keys(keyVocabulary)

/** Marketo fields that a match key is made of, most important first. */
export function keyFields(key: string): readonly string[] {
  return Object.hasOwn(keyVocabulary, key) ? (keyVocabulary[key] ?? []) : [key]
}

/**
 * Fields that stop mail. An opt-out or a bounce of any record of a cluster
 * holds for the person, so every dedupe service covers them, declared or not;
 * they apply where the instance has the field.
 */
export const standardConsent: DedupeService['consent'] = [
  'unsubscribed',
  'emailInvalid',
  'emailSuspended',
  'marketingSuspended',
  'blackListed',
].map((field) => ({ field, rule: 'any_true' }))

export function isOptOut(field: string): boolean {
  return standardConsent.some((rule) => rule.field === field)
}

/** Fields that Marketo or the CRM keeps, and nobody writes (Adobe docs). */
export const readOnlyFields: readonly string[] = [
  'id',
  'createdAt',
  'updatedAt',
  'sfdcId',
  'sfdcType',
  'sfdcLeadId',
  'sfdcContactId',
  'sfdcAccountId',
  'sfdcLeadOwnerId',
]

/** What CRM rank is read from (Adobe docs, Salesforce in Marketo). */
const crmFields = ['sfdcType', 'sfdcContactId', 'sfdcLeadId']

export interface FieldUse {
  readonly field: string
  readonly purpose: 'read' | 'write'
  /** Where in the pipeline file; for LoadedPipeline.locate. */
  readonly path: Path
  /**
   * Whether the file names the field. One that is only implied (the CRM id
   * behind `crm_contact`, a standard opt-out) may be missing in an instance.
   */
  readonly isNamed: boolean
}

/** Every Marketo field that the pipeline needs, once for each use. */
export function fieldUses(pipeline: Pipeline): readonly FieldUse[] {
  const wanted = pipeline.extract.fields.map((field, index) =>
    named(field, 'read', ['extract', 'fields', index]),
  )
  return [...wanted, ...pipeline.services.flatMap(serviceUses)]
}

function serviceUses(service: Service): FieldUse[] {
  const path: Path = ['services', service.name]
  if (service.type === 'dedupe') return dedupeUses(service, path)
  const writes = written(service.write, [...path, 'write'])
  if (service.type === 'enrich') return writes
  if (service.type === 'hash') return [...hashUses(service, path), ...writes]
  const read = named('email', 'read', [...path, 'type'])
  return [read, implied('company', [...path, 'type']), ...writes]
}

/** The address needs no word in the file; any other input has one. */
function hashUses(service: HashService, path: Path): FieldUse[] {
  const ofEmail = service.write.some(({ rule }) => rule.input === 'email')
  const address = named('email', 'read', [...path, 'type'])
  const others = service.write.flatMap(({ field, rule: { input } }) => {
    if (input === 'email') return []
    const at = [...path, 'write', field, 'input']
    return hashFields(input).map((name) =>
      name === 'country' && input !== 'country'
        ? implied(name, at)
        : named(name, 'read', at),
    )
  })
  return ofEmail ? [address, ...others] : others
}

/** Marketo's fields behind the input of a hash. */
export function hashFields(input: string): readonly string[] {
  return isHashInput(input) ? keyFields(input) : [input]
}

function dedupeUses(service: DedupeService, path: Path): FieldUse[] {
  return [
    ...matchUses(service, path),
    ...autoUses(service, path),
    ...service.never.flatMap((rule, index) =>
      neverUses(rule, [...path, 'never', index]),
    ),
    ...winnerUses(service, [...path, 'winner']),
    ...surviveUses(service, [...path, 'survive']),
    ...written(service.consent, [...path, 'consent']).map((use) => ({
      ...use,
      isNamed: !standardConsent.some(({ field }) => field === use.field),
    })),
    ...written(service.stamp, [...path, 'stamp']),
  ]
}

function matchUses(service: DedupeService, path: Path): FieldUse[] {
  return service.match.flatMap((rule, index) => {
    const at = [...path, 'match', index]
    const keys = ruleKeys(rule).flatMap((each) =>
      keyUses(each.key, [...at, ...each.path]),
    )
    return [...keys, ...whereUses(rule.where, [...at, 'where'])]
  })
}

/** The country only helps to read a phone number; it may be missing. */
function keyUses(key: string, at: Path): FieldUse[] {
  return keyFields(key).map((field) =>
    field === 'country' && key !== 'country'
      ? implied(field, at)
      : named(field, 'read', at),
  )
}

function neverUses(rule: NeverRule, at: Path): FieldUse[] {
  if (rule.kind === 'where') return whereUses(rule.where, [...at, 'where'])
  const place = 'field' in rule ? [...at, rule.kind] : at
  return neverFields(rule).map((field) =>
    rule.kind === 'partition'
      ? implied(field, place)
      : named(field, 'read', place),
  )
}

/** Standard fields are compared where the instance has them. */
function autoUses({ auto }: DedupeService, path: Path): FieldUse[] {
  if (auto === null) return []
  return [
    ...autoFields.map((field) => implied(field, [...path, 'match'])),
    ...auto.fields.map((field, index) =>
      named(field, 'read', [...path, 'auto', 'fields', index]),
    ),
  ]
}

/** A criterion is in `winner`, in its `rules`, or in a score of theirs. */
function winnerUses(service: DedupeService, path: Path): FieldUse[] {
  return service.winner.flatMap((rule, index) => {
    const at = [...path, index]
    return rule.kind === 'score'
      ? rule.parts.flatMap((part, number) =>
          criterionUses(part.rule, [...at, 'score', number]),
        )
      : criterionUses(rule, at)
  })
}

function criterionUses(rule: WinnerCriterion, at: Path): FieldUse[] {
  switch (rule.kind) {
    case 'crm_contact':
    case 'crm_lead':
    case 'crm_synced':
      return crmFields.map((field) => implied(field, at))
    case 'has_account':
      return [implied('sfdcAccountId', at)]
    case 'has_opportunity':
      return [implied('sfdcOpptyId', at)]
    case 'most_complete':
      return rule.fields.map((field, index) =>
        named(field, 'read', [...at, 'most_complete', index]),
      )
    case 'where':
      return whereUses(rule.where, [...at, 'where'])
    case 'list':
      return []
    case 'highest':
    case 'lowest':
    case 'newest':
    case 'oldest':
      return [named(rule.field, 'read', [...at, rule.kind])]
  }
}

function surviveUses(service: DedupeService, path: Path): FieldUse[] {
  return service.survive.flatMap(({ field, rule }) => [
    ...written([{ field, rule }], path),
    ...surviveReads(rule, [...path, field]),
  ])
}

/** What a rule looks at beside the field itself. */
function surviveReads(rule: SurviveRule | ConsentRule, at: Path): FieldUse[] {
  if (typeof rule === 'string') {
    // A rule by age or time needs the lead's own times.
    if (rule === 'most_recent') return [implied('updatedAt', at)]
    return rule === 'oldest' ? [implied('createdAt', at)] : []
  }
  switch (rule.kind) {
    case 'newest':
    case 'oldest':
    case 'highest':
    case 'lowest':
      return [named(rule.field, 'read', [...at, rule.kind])]
    case 'most_complete':
      return rule.fields.map((field) =>
        named(field, 'read', [...at, 'most_complete']),
      )
    case 'where':
      return [
        ...whereUses(rule.where, [...at, 'where']),
        ...surviveReads(rule.otherwise, [...at, 'else']),
      ]
    case 'with':
      return [named(rule.field, 'read', [...at, 'with'])]
    case 'group':
      return surviveReads(rule.rule, [...at, 'by'])
    case 'fill':
    case 'union':
    case 'strictest':
      return []
  }
}

function whereUses(where: readonly Condition[], path: Path): FieldUse[] {
  return where.map(({ field }) => named(field, 'read', [...path, field]))
}

/** A value is written only where it differs, so it is read as well. */
function written(rules: readonly FieldRule<unknown>[], path: Path): FieldUse[] {
  return rules.flatMap(({ field }) => [
    named(field, 'read', [...path, field]),
    named(field, 'write', [...path, field]),
  ])
}

function named(
  field: string,
  purpose: FieldUse['purpose'],
  path: Path,
): FieldUse {
  return { field, purpose, path, isNamed: true }
}

function implied(field: string, path: Path): FieldUse {
  return { field, purpose: 'read', path, isNamed: false }
}

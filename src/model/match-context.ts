/** What matching rules look like to templates. Names in snake case. */
import { excludedBy, ruleKeys } from '../pipeline/match-rule.js'
import type { MatchRule, NeverRule } from '../pipeline/match.js'
import type { DedupeService } from '../pipeline/pipeline.js'
import { nearKey } from './normalise.js'
import { similarityOf } from './similarity.js'

export const keyColumn = (key: string) => `key_${key}`

/** What `similar` compares, a column of `lead_key`. */
export const nearColumn = (key: string) =>
  nearKey(key) === null ? keyColumn(key) : `near_${key}`

const nameKeys = new Set([
  'first_name',
  'first_name_root',
  'last_name',
  'full_name',
])

/** Where a block is not worth comparing all leads with each other. */
export const mostInBlock = 200

/** Letters by which an oversize block is split. */
const splitLetters = 3

function words(text: string): string {
  return text.replaceAll('_', ' ')
}

function ruleWords({ same, similar, block }: MatchRule): string {
  const parts = [
    ...(same.length === 0 ? [] : [`same ${words(same.join(' + '))}`]),
    ...(similar.length === 0
      ? []
      : [`similar ${words(similar.map(({ key }) => key).join(' + '))}`]),
    ...(block.length === 0
      ? []
      : [
          `where ${block.map((keys) => words(keys.join(' + '))).join(' or ')} is the same`,
        ]),
  ]
  return parts.join(', ')
}

/** Blocks of a rule: the same keys hold in each of them. */
function blocksOf({ same, block, similar }: MatchRule) {
  const entries = block.length === 0 ? [[]] : block
  return entries.map((keys, index) => {
    const columns = [...new Set([...same, ...keys])].map(keyColumn)
    const finer = similar
      .map(({ key }) => nearColumn(key))
      .filter((column) => !columns.includes(column))
    return {
      number: index + 1,
      columns,
      words: words([...new Set([...same, ...keys])].join(' + ')),
      /** Beginnings that split an oversize block, coarse and fine. */
      coarse: finer.slice(0, 1),
      fine: finer,
      letters: splitLetters,
    }
  })
}

export function matchContext(
  rule: MatchRule,
  index: number,
  service: DedupeService,
) {
  const where = rule.where.length === 0 ? null : rule.where
  return {
    number: index + 1,
    columns: rule.same.map(keyColumn),
    is_same: rule.similar.length === 0,
    similar: rule.similar.map(({ key, threshold }) => ({
      key,
      threshold,
      column: nearColumn(key),
      kind: similarityOf(key),
      words: words(key),
    })),
    blocks: rule.similar.length === 0 ? [] : blocksOf(rule),
    where,
    reads_lead: where !== null || excludeList(service).length > 0,
    lists: [service.list, rule.list].filter((list) => list !== null),
    words: ruleWords(rule),
    names_person: rule.same.some((key) => nameKeys.has(key)),
    names_mailbox: rule.same.includes('email'),
  }
}

/**
 * What keeps two leads apart: a column of `lead_key` whose values differ on
 * leads that cannot be one person.
 */
export interface Apart {
  readonly kind: 'differ' | 'extra_key' | 'partition' | 'household' | 'suffix'
  readonly field: string
  readonly column: string
  /** Ends a sentence that begins with `its leads differ in`. */
  readonly words: string
}

const always: Apart = {
  kind: 'suffix',
  field: '',
  column: 'apart__suffix',
  words: 'the suffix of the name',
}

function apartOf(rule: NeverRule): Apart[] {
  switch (rule.kind) {
    case 'differ':
    case 'extra_key': {
      const { kind, field } = rule
      const column =
        kind === 'differ' ? differColumn(field) : `apart__extra_${field}`
      return [{ kind, field, column, words: field }]
    }
    case 'partition':
      return [
        {
          ...always,
          ...rule,
          column: 'apart__partition',
          words: 'the partition',
        },
      ]
    case 'household':
      return [
        {
          ...always,
          ...rule,
          column: 'apart__household',
          words: 'the first name in one household',
        },
      ]
    case 'employees':
    case 'intentional':
    case 'where':
      return []
  }
}

export const differColumn = (field: string) => `apart_${field}`

/** A suffix of the name (Jr, Sr, II) keeps leads apart under every rule. */
export function apartList({ never }: DedupeService): Apart[] {
  const all = [always, ...never.flatMap(apartOf)]
  return [...new Map(all.map((each) => [each.column, each])).values()]
}

/** Conditions of leads that no rule of the service looks at. */
export function excludeList({ never }: DedupeService) {
  return never.flatMap(excludedBy)
}

/** Every key that some rule compares: a column of `lead_key`. */
export function wantedKeys(dedupe: readonly DedupeService[]): string[] {
  const keys = dedupe.flatMap(({ match }) =>
    match.flatMap((rule) => ruleKeys(rule).map(({ key }) => key)),
  )
  return [...new Set(keys)]
}

/** Which values are worked out once for each distinct text. */
export function valuesUsed(keys: readonly string[], apart: readonly Apart[]) {
  const has = (...names: readonly string[]) =>
    names.some((name) => keys.includes(name))
  const household = apart.some(({ kind }) => kind === 'household')
  return {
    household,
    sound: has('last_name_sound'),
    company: has('company'),
    address: household || has('address', 'street', 'house_number'),
    state: has('state'),
    country: has('country'),
    email_domain: has('email_domain'),
    website: has('website'),
  }
}

/** SQL of the order of a cluster's leads; the first one is the winner. */
import type {
  ListScope,
  WinnerChoice,
  WinnerCriterion,
  WinnerRule,
} from '../pipeline/pipeline.js'
import { identifier } from '../warehouse/quote.js'
import { conditions, conditionWords } from './condition.js'
import type { Column } from './normalise.js'

export interface Ranking extends Pick<WinnerChoice, 'by'> {
  readonly rules: readonly WinnerRule[]
}

/**
 * 2 for a CRM contact, 1 for a CRM lead, 0 for a lead that only Marketo
 * knows. Marketo keeps the highest, whatever winner it is told (Adobe docs,
 * leads, merge). Where the type is not exported, the ids tell.
 */
export function crmRank(column: Column): string {
  return (
    `case when lower(${column('sfdcType')}) = 'contact' then 2 ` +
    `when lower(${column('sfdcType')}) = 'lead' then 1 ` +
    `when ${isFilled(column('sfdcContactId'))} then 2 ` +
    `when ${isFilled(column('sfdcLeadId'))} then 1 else 0 end`
  )
}

/** The rank, if a record that was deleted in the CRM has lost its own. */
export function liveRank(column: Column): string {
  const deleted = `lower(${column('sfdcIsDeleted')}) in ('true', '1')`
  return `case when ${deleted} then 0 else ${crmRank(column)} end`
}

function isFilled(text: string): string {
  return `coalesce(trim(${text}), '') <> ''`
}

/** How many of the fields a lead fills. */
export function filledCount(fields: readonly string[], column: Column): string {
  const counts = fields.map((field) => `(${isFilled(column(field))})::integer`)
  return `(${counts.length === 0 ? '0' : counts.join(' + ')})`
}

/** Whether leads have it or not; the others put leads in an order. */
function isYesOrNo({ kind }: WinnerRule): boolean {
  return !['highest', 'lowest', 'newest', 'oldest', 'most_complete'].includes(
    kind,
  )
}

function direction({ kind }: WinnerRule): 'asc' | 'desc' {
  return kind === 'lowest' || kind === 'oldest' ? 'asc' : 'desc'
}

/** A value as SQL; `place` tells the rules of a service apart. */
function valueOf(
  rule: WinnerCriterion,
  column: Column,
  { fields, place }: { fields: readonly string[]; place: string },
): string {
  switch (rule.kind) {
    case 'crm_contact':
      return `${crmRank(column)} = 2`
    case 'crm_lead':
      return `${crmRank(column)} = 1`
    case 'crm_synced':
      return `${crmRank(column)} > 0`
    case 'has_account':
      return isFilled(column('sfdcAccountId'))
    case 'has_opportunity':
      return isFilled(column('sfdcOpptyId'))
    case 'most_complete':
      return filledCount(
        rule.fields.length === 0 ? fields : rule.fields,
        column,
      )
    case 'where':
      return `coalesce(${conditions(rule.where, column)}, false)`
    case 'list':
      return `${identifier(`list${place}`)}.lead_id is not null`
    case 'newest':
    case 'oldest':
      return `try_cast(${column(rule.field)} as timestamp)`
    case 'highest':
    case 'lowest':
      return rule.field === 'id'
        ? column('id')
        : `try_cast(${column(rule.field)} as double)`
  }
}

/** What decides, in words. */
export function criterionWords(rule: WinnerRule): string {
  switch (rule.kind) {
    case 'crm_contact':
      return 'CRM contact first'
    case 'crm_lead':
      return 'CRM lead first'
    case 'crm_synced':
      return 'in the CRM first'
    case 'has_account':
      return 'with a CRM account first'
    case 'has_opportunity':
      return 'with an opportunity first'
    case 'most_complete':
      return rule.fields.length === 0
        ? 'most complete'
        : `most complete in ${rule.fields.join(', ')}`
    case 'where':
      return conditionWords(rule.where)
    case 'list':
      return `on the ${rule.list.kind} list ${rule.list.list}`
    case 'score':
      return 'highest points'
    case 'highest':
    case 'lowest':
    case 'newest':
    case 'oldest':
      return `${rule.kind} ${rule.field}`
  }
}

/** Lists that rules look at, and the alias under which they are joined. */
export function winnerLists(
  rules: readonly WinnerRule[],
): { alias: string; list: ListScope }[] {
  return places(rules).flatMap(({ rule, place }) =>
    rule.kind === 'list' ? [{ alias: `list${place}`, list: rule.list }] : [],
  )
}

/** Every criterion, those inside of scores among them. */
function places(
  rules: readonly WinnerRule[],
): { rule: WinnerCriterion; place: string; points: number }[] {
  return rules.flatMap((rule, index) => {
    const place = `_${index + 1}`
    if (rule.kind !== 'score') return [{ rule, place, points: 0 }]
    return rule.parts.map((part, number) => ({
      ...part,
      place: `${place}_${number + 1}`,
    }))
  })
}

/** Columns that the first select computes from the lead itself. */
export function winnerValues(
  { rules }: Ranking,
  column: Column,
  fields: readonly string[],
): string {
  return places(rules)
    .map(
      ({ rule, place }) =>
        `${valueOf(rule, column, { fields, place })} as value${place}`,
    )
    .join(', ')
}

const cluster = 'partition by component'

/** Whether no lead of the cluster is better. */
function isBest(rule: WinnerRule, value: string): string {
  if (isYesOrNo(rule)) return value
  const order = `order by ${value} ${direction(rule)} nulls last`
  return `${value} is not null and rank() over (${cluster} ${order}) = 1`
}

const winnerSteps = ['total', 'verdict', 'best', 'alone'] as const
export type WinnerStep = (typeof winnerSteps)[number]

/**
 * Steps that a ranking needs. Each looks at whole clusters and builds on the
 * columns of the one before, so each is a select of its own.
 */
export function stepsOf({ rules, by }: Ranking): WinnerStep[] {
  const scores = rules.some(({ kind }) => kind === 'score')
  return [
    ...(scores ? (['total', 'verdict'] as const) : []),
    ...(by === 'in_order' ? [] : (['best'] as const)),
    ...(by === 'first_alone' ? (['alone'] as const) : []),
  ]
}

/** Columns that a step adds. */
export function winnerStep(step: WinnerStep, { rules }: Ranking): string {
  return rules
    .flatMap((rule, index) => columnOf(step, rule, `_${index + 1}`))
    .join(', ')
}

function columnOf(step: WinnerStep, rule: WinnerRule, place: string): string[] {
  switch (step) {
    case 'total':
      return rule.kind === 'score' ? [total(rule, place)] : []
    case 'verdict':
      return rule.kind === 'score'
        ? [`${verdict(`total${place}`, rule.delta)} as value${place}`]
        : []
    case 'best':
      return [`${isBest(rule, `value${place}`)} as best${place}`]
    case 'alone':
      return [`${isAlone(`best${place}`)} as alone${place}`]
  }
}

function total(
  rule: Extract<WinnerRule, { kind: 'score' }>,
  place: string,
): string {
  const points = rule.parts.map((part, index) => {
    const value = `value${place}_${index + 1}`
    const best = isBest(part.rule, value)
    return `if(${best}, cast(${part.points} as double), 0)`
  })
  return `${points.join(' + ')} as total${place}`
}

function verdict(column: string, delta: number): string {
  const top = `max(${column}) over (${cluster})`
  return `(${column} = ${top} or ${top} - ${column} < ${delta})`
}

function isAlone(best: string): string {
  return `(${best} and count(*) filter (where ${best}) over (${cluster}) = 1)`
}

interface Term {
  readonly value: string
  readonly direction: 'asc' | 'desc'
  readonly words: string
}

/** The order by the rules alone; the last term is the id. */
function terms({ rules, by }: Ranking): Term[] {
  const id: Term = { value: 'id', direction: 'asc', words: 'lowest id' }
  if (by === 'all') {
    const best = rules.map((_, index) => `best_${index + 1}`)
    const value = `(${best.join(' and ')})`
    return [{ value, direction: 'desc', words: 'best by every rule' }, id]
  }
  const own = rules.map((rule, index): Term => {
    const words = criterionWords(rule)
    return by === 'first_alone'
      ? {
          value: `alone_${index + 1}`,
          direction: 'desc',
          words: `${words}, alone`,
        }
      : { value: `value_${index + 1}`, direction: direction(rule), words }
  })
  const last = rules.at(-1)
  const isTotal = last?.kind === 'lowest' && last.field === 'id'
  return by === 'in_order' && isTotal ? own : [...own, id]
}

/** Terms of an `order by`, best lead first. */
export function winnerOrder(ranking: Ranking): string {
  return terms(ranking)
    .map(({ value, direction: way }) => `${value} ${way} nulls last`)
    .join(', ')
}

/** The deciding values as a list of text; the id is the last. */
export function winnerCriteria(ranking: Ranking): string {
  const values = terms(ranking).map(({ value }) => `cast(${value} as varchar)`)
  return `[${values.join(', ')}]`
}

/** What each entry of the criteria means, in words. */
export function winnerWords(ranking: Ranking): string[] {
  return terms(ranking).map(({ words }) => words)
}

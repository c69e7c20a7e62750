/** SQL that decides one field of a survivor from the leads of its cluster. */
import type { ConsentRule, SurviveRule } from '../pipeline/pipeline.js'
import { literal } from '../warehouse/quote.js'
import { conditions } from './condition.js'
import type { Column } from './normalise.js'
import { filledCount } from './winner.js'

/** SQL of what rules look at, one lead a row. */
export interface Candidates {
  /** A field's text; null where it is empty. */
  readonly value: Column
  readonly id: string
  /** Unique in a cluster; 1 is the winner. */
  readonly rank: string
  /** Every exported field that rules declare or use. */
  readonly fields: readonly string[]
}

/** Aggregates over the leads of one cluster. */
export interface Decision {
  /** The surviving value as text; null where no lead has one. */
  readonly value: string
  /** Id of the lead that it comes from; null where several are combined. */
  readonly source: string
}

type Rule = SurviveRule | ConsentRule

const numeric = (value: string) => `try_cast(${value} as double)`
const time = (value: string) => `epoch(try_cast(${value} as timestamp))`
const truth = (value: string) => `lower(${value}) in ('true', '1')`
const folded = (value: string) => `lower(trim(${value}))`
const nobody = 'cast(null as bigint)'

/** A rule of the field, by which values that are equal come from one lead. */
export function decision(
  field: string,
  rule: Rule,
  leads: Candidates,
): Decision {
  const value = leads.value(field)
  if (rule === 'sum') return { value: sum(value), source: nobody }
  if (rule === 'union') return { value: union(value, ';'), source: nobody }
  if (rule === 'most_frequent') return mostFrequent(value, leads)
  if (typeof rule !== 'string') {
    if (rule.kind === 'union') {
      return { value: union(value, rule.separator), source: nobody }
    }
    if (rule.kind === 'where') return unless(field, rule, leads)
    if (rule.kind === 'with') return together(field, rule, leads)
    if (rule.kind === 'group') return ofGroup(field, rule, leads)
  }
  return smallest(value, order(field, rule, leads), leads)
}

/** The value where the order is smallest, of the leads that have one. */
function smallest(
  value: string,
  by: readonly string[],
  leads: Candidates,
): Decision {
  const key = orderKey(by, leads)
  return {
    value: `arg_min(${value}, ${key})`,
    source: `arg_min(${leads.id}, ${key}) filter (where ${value} is not null)`,
  }
}

/** Leads without a value of a term come last; the rank breaks every tie. */
function orderKey(by: readonly string[], { rank }: Candidates): string {
  const terms = by.flatMap((term) => [`(${term}) is null`, term])
  return terms.length === 0 ? rank : `row(${[...terms, rank].join(', ')})`
}

/** Terms by which the lead whose value stays is the smallest. */
function order(field: string, rule: Rule, leads: Candidates): string[] {
  const value = leads.value(field)
  if (typeof rule !== 'string') return orderBy(rule, value, leads)
  switch (rule) {
    case 'most_recent':
      return [`-${time(leads.value('updatedAt'))}`]
    case 'oldest':
      return [time(leads.value('createdAt'))]
    case 'max':
      return [`-${numeric(value)}`]
    case 'min':
      return [numeric(value)]
    case 'longest':
      return [`-length(${value})`]
    case 'earliest':
      return [time(value)]
    case 'latest':
      return [`-${time(value)}`]
    case 'most_complete':
      return [`-${filledCount(leads.fields, leads.value)}`]
    case 'any_true':
      return [`not ${truth(value)}`]
    case 'all_true':
      return [truth(value)]
    case 'winner':
    case 'sum':
    case 'union':
    case 'most_frequent':
      return []
  }
}

function orderBy(
  rule: Exclude<Rule, string>,
  value: string,
  leads: Candidates,
): string[] {
  switch (rule.kind) {
    case 'newest':
      return [`-${time(leads.value(rule.field))}`]
    case 'oldest':
      return [time(leads.value(rule.field))]
    case 'highest':
      return [`-${numeric(leads.value(rule.field))}`]
    case 'lowest':
      return [numeric(leads.value(rule.field))]
    case 'most_complete':
      return [`-${filledCount(rule.fields, leads.value)}`]
    case 'fill':
      return filling(rule.fill, leads)
    case 'strictest':
      return [strictness(rule.values, value)]
    case 'union':
    case 'where':
    case 'with':
    case 'group':
      return []
  }
}

/** The winner's own value; who comes next is a choice. */
function filling(
  fill: Extract<Rule, { kind: 'fill' }>['fill'],
  leads: Candidates,
): string[] {
  if (fill === 'best') return []
  const age =
    fill === 'most_recent'
      ? `-${time(leads.value('updatedAt'))}`
      : time(leads.value('createdAt'))
  return [`${leads.rank} <> 1`, age]
}

/** A value that is not listed is stricter than the last one only. */
function strictness(values: readonly string[], value: string): string {
  const listed = values.map((each) => literal(each.trim().toLowerCase()))
  const place = `list_position([${listed.join(', ')}], ${folded(value)})`
  return `coalesce(${place}, ${values.length - 0.5})`
}

/** A value of a lead where the conditions hold is not overwritten. */
function unless(
  field: string,
  rule: Extract<Rule, { kind: 'where' }>,
  leads: Candidates,
): Decision {
  const holds = `coalesce(${conditions(rule.where, leads.value)}, false)`
  const where = `filter (where ${holds} and ${leads.value(field)} is not null)`
  const rest = decision(field, rule.otherwise, leads)
  const kept = `arg_min(${leads.id}, ${leads.rank}) ${where}`
  return {
    value: `coalesce(arg_min(${leads.value(field)}, ${leads.rank}) ${where}, ${rest.value})`,
    source: `case when ${kept} is not null then ${kept} else ${rest.source} end`,
  }
}

/** Whatever the lead holds that the other field comes from. */
function together(
  field: string,
  rule: Extract<Rule, { kind: 'with' }>,
  leads: Candidates,
): Decision {
  const key = orderKey(order(rule.field, rule.rule, leads), leads)
  const where = `filter (where ${leads.value(rule.field)} is not null)`
  return {
    value: `arg_min_null(${leads.value(field)}, ${key}) ${where}`,
    source: `arg_min(${leads.id}, ${key}) ${where}`,
  }
}

/**
 * The lead that fills most of the group, so that no hole is filled from
 * another one; the rule decides among equals.
 */
function ofGroup(
  field: string,
  { fields, rule }: Extract<Rule, { kind: 'group' }>,
  leads: Candidates,
): Decision {
  const [anchor = field] = fields
  const key = orderKey(
    [`-${filledCount(fields, leads.value)}`, ...order(anchor, rule, leads)],
    leads,
  )
  return {
    value: `arg_min_null(${leads.value(field)}, ${key})`,
    source: `arg_min(${leads.id}, ${key})`,
  }
}

/** Names of what lambdas walk over; no Marketo field has a space in its name. */
const aPart = '"a part"'
const oneLead = '"one lead"'
const otherLead = '"other lead"'
const allLeads = '"all leads"'
const place = '"its place"'

/** Every part once, in order. */
function union(value: string, separator: string): string {
  const cut = literal(separator.trim() === '' ? separator : separator.trim())
  const parts = `list_transform(string_split(${value}, ${cut}), lambda ${aPart}: trim(${aPart}))`
  const all = `flatten(list(${parts}) filter (where ${value} is not null))`
  const full = `list_filter(list_distinct(${all}), lambda ${aPart}: ${aPart} <> '')`
  return `nullif(array_to_string(list_sort(${full}), ${literal(separator)}), '')`
}

/** In decimals, so that 0.1 and 0.2 are 0.3; without a needless fraction. */
function sum(value: string): string {
  const total = `cast(sum(try_cast(${value} as decimal(28, 9))) as varchar)`
  return `regexp_replace(${total}, '\\.?0+$', '')`
}

/**
 * The spelling of the best lead among the most frequent values; case and
 * spaces around do not make a value another one.
 */
function mostFrequent(value: string, { id, rank }: Candidates): Decision {
  const all = `list({'value': ${value}, 'id': ${id}} order by ${rank}) filter (where ${value} is not null)`
  const same = `${folded(`${otherLead}.value`)} = ${folded(`${oneLead}.value`)}`
  const votes = `len(list_filter(${allLeads}, lambda ${otherLead}: ${same}))`
  const vote = `lambda ${oneLead}, ${place}: {'fewer': -${votes}, 'place': ${place}, 'lead': ${oneLead}}`
  const best = `list_sort(list_transform(${allLeads}, ${vote}))[1].lead`
  const first = `list_transform([${all}], lambda ${allLeads}: ${best})[1]`
  return { value: `(${first}).value`, source: `(${first}).id` }
}

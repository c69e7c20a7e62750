/** SQL that decides one field of a survivor from the leads of its cluster. */
import type { ConsentRule, SurviveRule } from '../pipeline/pipeline.js'

/** SQL of what rules look at, one lead a row. */
export interface Candidate {
  /** The field's text; null where it is empty. */
  readonly value: string
  readonly id: string
  /** Unique in a cluster; 1 is the winner. */
  readonly rank: string
  /** As Marketo writes times. */
  readonly createdAt: string
  readonly updatedAt: string
}

/** Aggregates over the leads of one cluster. */
export interface Decision {
  /** The surviving value as text; null where no lead has one. */
  readonly value: string
  /** Id of the lead that it comes from; null where several are combined. */
  readonly source: string
}

const numeric = (value: string) => `try_cast(${value} as double)`
const time = (value: string) => `epoch(try_cast(${value} as timestamp))`
const truth = (value: string) => `lower(${value}) in ('true', '1')`

/** Whole numbers without a fraction. */
function numberText(value: string): string {
  return `if(${value} = floor(${value}), cast(cast(${value} as bigint) as varchar), cast(${value} as varchar))`
}

/** The value of the best lead that has one. */
function first({ value, id, rank }: Candidate): Decision {
  return {
    value: `arg_min(${value}, ${rank})`,
    source: `arg_min(${id}, ${rank}) filter (where ${value} is not null)`,
  }
}

/** The value where the order is smallest; leads without an order come last. */
function smallest({ value, id, rank }: Candidate, order: string): Decision {
  const by = `row((${order}) is null, ${order}, ${rank})`
  return {
    value: `arg_min(${value}, ${by})`,
    source: `arg_min(${id}, ${by}) filter (where ${value} is not null)`,
  }
}

/** The best lead where the condition holds, else the best that has a value. */
function preferred(lead: Candidate, condition: string): Decision {
  const { value, id, rank } = lead
  const where = `filter (where ${condition})`
  const best = first(lead)
  return {
    value: `coalesce(arg_min(${value}, ${rank}) ${where}, ${best.value})`,
    source: `coalesce(arg_min(${id}, ${rank}) ${where}, ${best.source})`,
  }
}

/** Every part between semicolons once, in order. */
function union({ value }: Candidate): Decision {
  const parts = `list_transform(string_split(${value}, ';'), lambda part: trim(part))`
  const all = `flatten(list(${parts}) filter (where ${value} is not null))`
  return {
    value: `array_to_string(list_sort(list_distinct(${all})), ';')`,
    source: 'cast(null as bigint)',
  }
}

function sum({ value }: Candidate): Decision {
  return {
    value: numberText(`sum(${numeric(value)})`),
    source: 'cast(null as bigint)',
  }
}

export function decision(
  rule: SurviveRule | ConsentRule,
  lead: Candidate,
): Decision {
  const { value } = lead
  switch (rule) {
    case 'winner':
      return first(lead)
    case 'most_recent':
      return smallest(lead, `-${time(lead.updatedAt)}`)
    case 'oldest':
      return smallest(lead, time(lead.createdAt))
    case 'max':
      return smallest(lead, `-${numeric(value)}`)
    case 'min':
      return smallest(lead, numeric(value))
    case 'longest':
      return smallest(lead, `-length(${value})`)
    case 'earliest':
      return smallest(lead, time(value))
    case 'latest':
      return smallest(lead, `-${time(value)}`)
    case 'any_true':
      return preferred(lead, truth(value))
    case 'all_true':
      return preferred(lead, `not ${truth(value)}`)
    case 'sum':
      return sum(lead)
    case 'union':
      return union(lead)
  }
}

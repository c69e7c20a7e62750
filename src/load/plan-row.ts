/** Makes plan rows of what the load models say; pure. */
import type { LeadRecord } from '../marketo/api.js'
import type { FieldRules } from './field-rule.js'
import type {
  MatchedPair,
  MergeRow,
  Reason,
  Text,
  UpdateRow,
  Values,
} from './plan.js'
import { loserCalls, predictCalls, unbrought } from './predict.js'
import { canonicalText } from './text.js'

export interface Survivor {
  readonly field: string
  readonly value: Text
  readonly source: string | null
  readonly rule: string
  readonly consent: boolean
}

export interface MergeFacts {
  readonly winner: string
  readonly losers: readonly string[]
  readonly mergeInCrm: boolean
  readonly service: string
  readonly rules: readonly string[]
  readonly why: string
  readonly pairs?: readonly MatchedPair[]
  readonly survivors: readonly Survivor[]
  /** By lead: its values in the decided fields; empty ones may be left out. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Text>>
  /** Fields beyond the decided ones that must not change until the merge. */
  readonly guarded: readonly string[]
}

export function rowName(kind: 'm' | 'u', number: number): string {
  return `${kind}${String(number).padStart(6, '0')}`
}

export function mergeRow(
  facts: MergeFacts,
  rules: FieldRules,
  number: number,
): MergeRow {
  const decided = facts.survivors.map((survivor) => survivor.field)
  const checked = [...new Set([...decided, ...facts.guarded])]
  const before = Object.fromEntries(
    [facts.winner, ...facts.losers].map((id) => [
      id,
      textValues(checked, facts.values.get(id), rules),
    ]),
  )
  const calls = loserCalls(facts.losers, facts.mergeInCrm).map((losers) =>
    losers.map((id) => before[id] ?? {}),
  )
  const winner = before[facts.winner] ?? {}
  const natural = predictCalls(winner, calls)
  const wanted = new Map(
    facts.survivors.map((s) => [s.field, wantedValue(s, natural, rules)]),
  )
  const after = Object.fromEntries(wanted)
  const changed = facts.survivors.filter(
    ({ field }) => wanted.get(field) !== (winner[field] ?? null),
  )
  return {
    row: rowName('m', number),
    kind: 'merge',
    winner: facts.winner,
    losers: facts.losers,
    mergeInCrm: facts.mergeInCrm,
    before,
    set: Object.fromEntries(
      unbrought(after, winner, calls, rules).map((field) => [
        field,
        after[field] ?? null,
      ]),
    ),
    after,
    kept: changed
      .filter((s) => s.consent && s.source !== facts.winner)
      .map((s) => s.field)
      .toSorted(),
    reason: mergeReason(facts, wanted, rules),
  }
}

function textValues(
  fields: readonly string[],
  values: ReadonlyMap<string, Text> | undefined,
  rules: FieldRules,
): Values {
  return Object.fromEntries(
    fields.map((field) => [
      field,
      canonicalText(values?.get(field), rules.type(field)),
    ]),
  )
}

/** A value that we may not write, or that is none, is left to Marketo. */
function wantedValue(
  survivor: Survivor,
  natural: LeadRecord,
  rules: FieldRules,
): Text {
  const { field } = survivor
  const value = canonicalText(survivor.value, rules.type(field))
  const ours = value !== null && rules.takes(field, value)
  return ours ? value : empty(natural[field])
}

function empty(value: LeadRecord[string] | undefined): Text {
  return value === undefined || value === null ? null : String(value)
}

function mergeReason(
  facts: MergeFacts,
  wanted: ReadonlyMap<string, Text>,
  rules: FieldRules,
): Reason {
  const from = facts.survivors.map((s) => {
    const value = canonicalText(s.value, rules.type(s.field))
    const own = value === wanted.get(s.field)
    const rule = own ? s.rule : `${s.rule}; left to Marketo`
    return [s.field, { id: own ? s.source : null, rule }] as const
  })
  return {
    service: facts.service,
    rules: facts.rules,
    ...(facts.pairs !== undefined && { pairs: facts.pairs }),
    winner: facts.why,
    from: Object.fromEntries(from),
  }
}

export interface UpdateFact {
  readonly field: string
  readonly before: Text
  readonly after: Text
  readonly service: string
  readonly reason: string | null
}

export interface UpdatedLead {
  readonly id: string
  readonly crm?: boolean
  /** What it holds in source fields, and which are those of each service. */
  readonly held?: Readonly<Record<string, Text>> | null
  readonly sources?: ReadonlyMap<string, readonly string[]>
}

/** A new value that was made of another one must not outlive it. */
function madeOf(
  { held, sources }: UpdatedLead,
  services: ReadonlySet<string>,
  rules: FieldRules,
): Values {
  const fields = [...services].flatMap((name) => sources?.get(name) ?? [])
  return Object.fromEntries(
    fields.map((field) => [
      field,
      canonicalText(held?.[field], rules.type(field)),
    ]),
  )
}

/** Null where no field would really change. */
export function updateRow(
  lead: UpdatedLead,
  facts: readonly UpdateFact[],
  rules: FieldRules,
  number: number,
): UpdateRow | null {
  const { id, crm = false } = lead
  const changes = facts
    .map((fact) => ({
      ...fact,
      before: canonicalText(fact.before, rules.type(fact.field)),
      after: canonicalText(fact.after, rules.type(fact.field)),
    }))
    .filter(({ before, after }) => after !== null && before !== after)
  if (changes.length === 0) return null
  const services = new Set(changes.map((change) => change.service))
  return {
    row: rowName('u', number),
    kind: 'update',
    id,
    before: {
      ...madeOf(lead, services, rules),
      ...Object.fromEntries(changes.map((c) => [c.field, c.before])),
    },
    set: Object.fromEntries(changes.map((c) => [c.field, c.after])),
    ...(crm && { crm }),
    reason: {
      service: [...services].toSorted().join(', '),
      rules: [],
      winner: '',
      from: Object.fromEntries(
        changes.map((c) => [
          c.field,
          { id: null, rule: c.reason ?? c.service },
        ]),
      ),
    },
  }
}

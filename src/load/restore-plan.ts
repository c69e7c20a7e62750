/** What giving a merge back would do; pure. */
import type { FieldValue, LeadRecord, ProgramStatus } from '../marketo/api.js'
import { readOnlyFields } from '../pipeline/field.js'
import { held, type Records } from './assess.js'
import { type ConsentRules, isLaxer } from './consent.js'
import { sameEmail } from './create-match.js'
import type { FieldRules } from './field-rule.js'
import type { CreateRow, Text, UpdateRow, Values } from './plan.js'
import { loserCalls, predictCalls } from './predict.js'
import type { PastMerge } from './restore-source.js'
import { recordText } from './text.js'

/** What Marketo holds now of the leads of a merge. */
export interface World {
  /** The winner and the losers, where they are there; by id. */
  readonly now: Records
  /** Live leads that have the address of a loser; by id. */
  readonly holders: Records
  /** Old lead to the one that an earlier restore made. */
  readonly restored: ReadonlyMap<string, string>
  /** Partition names by id; empty where there is one partition only. */
  readonly partitions: ReadonlyMap<string, string>
}

/** What becomes of one merge, in words a person can check. Values of leads. */
export interface Restoration {
  readonly plan: string
  readonly row: string
  readonly run: string | null
  readonly winner: string
  readonly winnerIsGone: boolean
  /** Fields that get their old value back. */
  readonly back: readonly { field: string; now: Text; was: Text }[]
  /** Fields that somebody changed since; they are left alone. */
  readonly changed: readonly string[]
  /** Fields that stay as they are, because mail would flow again. */
  readonly consent: readonly string[]
  /** Fields that cannot be written. */
  readonly locked: readonly string[]
  /** Lists and programs that the winner is in by the merge, and stays in. */
  readonly joined: {
    readonly lists: readonly string[]
    readonly programs: readonly string[]
  }
  readonly leads: readonly {
    readonly id: string
    readonly fields: number
    /** Lists and programs to put it back to; null: not kept. */
    readonly lists: readonly string[] | null
    readonly programs: readonly ProgramStatus[] | null
    readonly twins: readonly string[]
    /** Opt-outs that the new lead takes over. */
    readonly consent: readonly string[]
    /** Fields that had a value and cannot be written. */
    readonly lost: readonly string[]
  }[]
  /** Losers that an earlier restore made anew. */
  readonly before: readonly { readonly id: string; readonly as: string }[]
  /** Losers that are in Marketo still. */
  readonly live: readonly string[]
  /** Losers of which nothing was kept. */
  readonly unknown: readonly string[]
}

export interface Restored {
  readonly restoration: Restoration
  readonly update: Omit<UpdateRow, 'row'> | null
  readonly creates: readonly Omit<CreateRow, 'row' | 'action'>[]
}

interface Rules {
  readonly fields: FieldRules
  readonly consent: ConsentRules
}

export function restoreMerge(
  merge: PastMerge,
  world: World,
  rules: Rules,
): Restored {
  const { row } = merge
  const fields = winnerFields(merge, world.now.get(row.winner), rules)
  const isKnown = (id: string) => merge.before.has(id)
  const absent = row.losers.filter(
    (id) => !world.now.has(id) && !world.restored.has(id),
  )
  const made = absent
    .filter(isKnown)
    .map((id) => newLead(merge, id, world, rules))
  return {
    restoration: {
      plan: merge.plan,
      row: row.row,
      run: merge.runs.at(-1) ?? null,
      winner: row.winner,
      winnerIsGone: !world.now.has(row.winner),
      ...fields,
      joined: joinedBy(merge, world),
      leads: made.map(({ lead }) => lead),
      before: row.losers.flatMap((id) => {
        const as = world.restored.get(id)
        return as === undefined ? [] : [{ id, as }]
      }),
      live: row.losers.filter((id) => world.now.has(id)),
      unknown: absent.filter((id) => !isKnown(id)),
    },
    update: updateOf(merge, fields.back),
    creates: made.map(({ create }) => create),
  }
}

function reason(merge: PastMerge, words: string): UpdateRow['reason'] {
  const run = merge.runs.at(-1) ?? merge.plan
  const rule = `${words} merge ${merge.row.row} of run ${run}`
  return { service: 'restore', rules: [], winner: rule, from: {} }
}

function updateOf(
  merge: PastMerge,
  back: Restoration['back'],
): Omit<UpdateRow, 'row'> | null {
  if (back.length === 0) return null
  const values = (key: 'now' | 'was'): Values =>
    Object.fromEntries(back.map((one) => [one.field, one[key]]))
  return {
    kind: 'update',
    id: merge.row.winner,
    before: values('now'),
    set: values('was'),
    reason: reason(merge, 'as before'),
  }
}

/** What the losers that went were in, and the winner was not. */
function joinedBy(
  { row, membership }: PastMerge,
  { now }: World,
): Restoration['joined'] {
  const gone = row.losers.filter((id) => !now.has(id))
  const joined = (by: Readonly<Record<string, readonly string[]>>) => {
    const own = by[row.winner]
    if (own === undefined) return []
    const all = gone.flatMap((id) => by[id] ?? [])
    return [...new Set(all)].filter((one) => !own.includes(one)).toSorted()
  }
  const programs = Object.entries(membership.programs ?? {}).map(
    ([id, of]) => [id, of.map(({ program }) => program)] as const,
  )
  return {
    lists: joined(membership.lists ?? {}),
    programs: joined(Object.fromEntries(programs)),
  }
}

type WinnerFields = Pick<Restoration, 'back' | 'changed' | 'consent' | 'locked'>

/** Every field that the merge changed: given back, or why not. */
function winnerFields(
  merge: PastMerge,
  now: LeadRecord | undefined,
  { fields: rules, consent }: Rules,
): WinnerFields {
  const found = {
    back: [] as { field: string; now: Text; was: Text }[],
    changed: [] as string[],
    consent: [] as string[],
    locked: [] as string[],
  }
  const before = merge.before.get(merge.row.winner)
  if (now === undefined || before === undefined) return found
  const left = leftBehind(merge, before)
  for (const field of rules.names) {
    if (isKept(field)) continue
    const was = held(before, field, rules)
    const after = held({ [field]: left[field] ?? null }, field, rules)
    const current = held(now, field, rules)
    if (was === after || was === current) continue
    const rule = consent.get(field)
    if (current !== after) found.changed.push(field)
    else if (!rules.isSettable(field)) found.locked.push(field)
    else if (rule !== undefined && isLaxer(rule, current, was)) {
      found.consent.push(field)
    } else found.back.push({ field, now: current, was })
  }
  return found
}

/** What Marketo keeps by itself. */
function isKept(field: string): boolean {
  return ['id', 'updatedAt', 'createdAt'].includes(field)
}

/** As read after the merge; what was not read is as Marketo merges. */
function leftBehind(merge: PastMerge, before: LeadRecord): LeadRecord {
  const { row } = merge
  const losers = row.losers.map((id) => merge.before.get(id) ?? {})
  const written = { ...before, ...row.after }
  const natural = predictCalls(written, loserCalls(losers, row.mergeInCrm))
  return { ...natural, ...merge.left }
}

function newLead(
  merge: PastMerge,
  id: string,
  world: World,
  { fields: rules, consent }: Rules,
): {
  readonly lead: Restoration['leads'][number]
  readonly create: Omit<CreateRow, 'row' | 'action'>
} {
  const record = merge.before.get(id) ?? {}
  const text = (field: string, value: FieldValue | undefined) =>
    recordText(value, rules.type(field))
  const filled = rules.names.flatMap((field) => {
    const value = text(field, record[field])
    return value === null ? [] : [[field, value] as const]
  })
  const writable = filled.filter(([field]) => isCreatable(field, rules))
  const strict = strictest(merge, world, { fields: rules, consent }, id)
  const set = { ...Object.fromEntries(writable), ...strict }
  const email = set['email'] ?? null
  const twins = [...world.holders]
    .filter(([, holder]) => sameEmail(holder['email'], email))
    .map(([twin]) => twin)
    .toSorted()
  const lists = merge.membership.lists?.[id] ?? null
  const programs = merge.membership.programs?.[id] ?? null
  return {
    lead: {
      id,
      fields: Object.keys(set).length,
      lists,
      programs,
      twins,
      consent: Object.keys(strict),
      lost: filled
        .map(([field]) => field)
        .filter((field) => !isCreatable(field, rules)),
    },
    create: {
      kind: 'create',
      id,
      winner: merge.row.winner,
      merged: { plan: merge.plan, row: merge.row.row },
      partition:
        world.partitions.get(String(record['leadPartitionId'] ?? '')) ?? null,
      before: {},
      set,
      twins,
      lists: lists ?? [],
      ...(programs !== null && programs.length > 0 && { programs }),
      reason: reason(merge, 'taken by'),
    },
  }
}

/**
 * A new lead may name its company; the other fields of a company would be
 * written to a record that other leads share (Adobe docs, companies).
 */
function isCreatable(field: string, rules: FieldRules): boolean {
  if (readOnlyFields.includes(field) || field.startsWith('sfdc')) return false
  if (field === 'company') return rules.field(field)?.updateable === true
  return rules.isSettable(field)
}

/**
 * Consent fields in which another lead of the merge, as it was or as it is
 * now, stops more mail than this one did: nobody who stopped mail shall get
 * it again because a second record of them is there.
 */
function strictest(
  merge: PastMerge,
  world: World,
  { fields: rules, consent }: Rules,
  id: string,
): Values {
  const winner = world.now.get(merge.row.winner)
  const others = [...merge.before.values(), ...(winner ? [winner] : [])]
  const own = merge.before.get(id) ?? {}
  const pairs = [...consent].flatMap(([field, rule]) => {
    if (rules.field(field) === undefined || !rules.isSettable(field)) return []
    const mine = held(own, field, rules)
    const value = others
      .map((record) => held(record, field, rules))
      .reduce((hard, one) => (isLaxer(rule, one, hard) ? one : hard), mine)
    return value === mine ? [] : [[field, value] as const]
  })
  return Object.fromEntries(pairs)
}

import { describe, expect, it } from 'vitest'
import { assessMerge } from '../../src/load/assess.js'
import { FieldRules } from '../../src/load/field-rule.js'
import { mergeRow } from '../../src/load/plan-row.js'
import { loserCalls } from '../../src/load/predict.js'
import { type ScoreHabit, ScoreHabits } from '../../src/load/score.js'
import { recordText, toWire } from '../../src/load/text.js'
import { judgeMerge } from '../../src/load/verify.js'
import type { FieldValue, LeadRecord } from '../../src/marketo/api.js'
import type { Lead } from '../../src/sandbox/change.js'
import { decideMerge } from '../../src/sandbox/merge.js'
import { defaultBehaviour } from '../../src/sandbox/option.js'
import { buildSchema } from '../../src/sandbox/schema.js'
import { isoSeconds, type Value, valueOfJson } from '../../src/sandbox/value.js'
import { World } from '../../src/sandbox/world.js'
import { consent, Dice, group, type Group } from './random-group.js'

const long = process.env['LONG'] === '1'
const groups = long ? 100_000 : 3000
const lists = [1, 2, 3]
const statuses = ['Invited', 'Registered', 'Attended']
const at = Date.parse('2026-11-21T00:00:00Z')

const fields = buildSchema([])

function rulesWith(habit: ScoreHabit): FieldRules {
  const known = { marketo: habit, crm: habit }
  return new FieldRules({ searchable: [], fields }, new ScoreHabits(known))
}

/** A sandbox without its HTTP, whose merge is the oracle. */
class Stage {
  readonly world = new World()
  readonly #dice: Dice

  constructor(dice: Dice) {
    this.#dice = dice
    for (const field of fields) this.world.apply({ kind: 'field', field })
    for (const id of lists) {
      const list = { id, name: String(id), createdAt: at, updatedAt: at }
      this.world.apply({ kind: 'list', list })
      const program = { ...list, statuses }
      this.world.apply({ kind: 'program', program })
    }
  }

  put({ leads }: Group): void {
    for (const { id, createdAt, ...record } of leads) {
      const values = Object.entries(record).filter(
        (pair): pair is [string, Exclude<Value, null>] =>
          pair[1] !== null && pair[1] !== undefined,
      )
      const lead: Lead = {
        id,
        createdAt: Date.parse(String(createdAt)),
        updatedAt: at,
        fieldUpdatedAt: at,
        partition: 1,
        values: Object.fromEntries(values),
      }
      this.world.apply({ kind: 'lead', lead })
      for (const list of lists) {
        if (this.#dice.below(3) > 0) continue
        this.world.apply({ kind: 'join', list, lead: id, at })
        const status = this.#dice.pick(statuses)
        const program = lists[this.#dice.below(lists.length)] ?? 1
        this.world.apply({ kind: 'member', program, lead: id, status, at })
      }
    }
  }

  read(ids: readonly string[]): Map<string, LeadRecord> {
    const found = ids.flatMap((id) => this.world.leads.get(id) ?? [])
    return new Map(found.map((lead) => [lead.id, recordOf(lead)]))
  }

  write(id: string, values: Readonly<Record<string, FieldValue>>): void {
    const typed = Object.entries(values).map(([name, value]) => {
      const type = this.world.schema.field(name)?.dataType ?? 'string'
      const result = valueOfJson(type, value)
      if (!result.ok) throw new Error(`${name} ${result.why}`)
      return [name, result.value] as const
    })
    const set = Object.fromEntries(typed)
    this.world.apply({ kind: 'set', id, values: set, at, standard: true })
  }

  merge(winner: string, losers: readonly string[], habit: ScoreHabit): void {
    const [named, ...others] = [winner, ...losers].map((id) => {
      const lead = this.world.leads.get(id)
      if (lead === undefined) throw new Error(`lead ${id} is gone`)
      return lead
    })
    if (named === undefined) throw new Error('no winner')
    const behaviour = { ...defaultBehaviour, leadScore: habit }
    const { schema } = this.world
    const made = decideMerge(named, others, schema, behaviour)
    const { id } = made.survivor
    const values = made.filled
    this.world.apply({ kind: 'set', id, values, at, standard: true })
    const gone = made.losers.map((lead) => lead.id)
    const merge = { named: winner, survivor: id, losers: gone, at }
    this.world.apply({ kind: 'merge', merge: { ...merge, inCrm: false } })
  }

  listsOf(ids: readonly string[]): number[] {
    return lists.filter((list) =>
      ids.some((id) => this.world.lists.get(list)?.members.has(id)),
    )
  }
}

/** Ids of the programs that any of these leads is in. */
function programsOf({ world }: Stage, ids: readonly string[]): number[] {
  return lists.filter((program) =>
    ids.some((id) => world.programs.get(program)?.members.has(id)),
  )
}

/** What makes one group unlike another. */
function kindsOf({ leads, merge }: Group): string[] {
  const types = new Set(leads.map((lead) => String(lead['sfdcType'])))
  return [
    `CRM ${[...types].toSorted().join()}`,
    ...leads.map((lead) => `boolean ${String(lead['unsubscribed'])}`),
    ...leads.map((lead) => `phone ${lead['phone']?.toString().trim()}`),
    merge.mergeInCrm === true ? 'one at a time' : 'together',
  ]
}

function recordOf({ id, createdAt, values }: Lead): LeadRecord {
  return { id, createdAt: isoSeconds(createdAt), ...values }
}

/** What went otherwise than foreseen with one group; empty: nothing. */
function trial(stage: Stage, one: Group, habit: ScoreHabit): string[] {
  const rules = rulesWith(habit)
  const { merge } = one
  const ids = [merge.winner, ...merge.losers]
  stage.put(one)
  const united = stage.listsOf(ids)
  const programs = programsOf(stage, ids)
  const records = stage.read(ids)
  const row = mergeRow(
    {
      mergeInCrm: false,
      service: 'test',
      rules: ['same email'],
      why: 'oldest',
      guarded: ['email', 'sfdcType'],
      ...merge,
      values: new Map(
        [...records].map(([id, record]) => [id, textsOf(record, rules)]),
      ),
    },
    rules,
    1,
  )
  const verdict = assessMerge(row, records, rules)
  if (verdict.kind !== 'ready') return [`not ready: ${verdict.kind}`]
  stage.write(
    merge.winner,
    Object.fromEntries(
      Object.entries(verdict.write).map(([field, value]) => [
        field,
        toWire(value, rules.type(field)),
      ]),
    ),
  )
  const before = stage.read(ids)
  const part: string[] = []
  for (const losers of loserCalls(row.losers, row.mergeInCrm)) {
    stage.merge(merge.winner, losers, habit)
    part.push(...lostSoFar(stage, merge.winner, records))
  }
  const after = stage.read(ids)
  const judged = judgeMerge({ row, before, after, refused: undefined }, rules)
  if (judged.kind !== 'done') return [`judged ${judged.kind}`]
  const survivor = after.get(merge.winner) ?? {}
  return [
    ...part,
    ...judged.differences.map(({ field }) => `${field} differs`),
    ...Object.entries(row.after)
      .filter(([field, value]) => {
        return recordText(survivor[field], rules.type(field)) !== value
      })
      .map(([field]) => `${field} is not as planned`),
    ...consent
      .filter((field) => one.leads.some((lead) => lead[field] === true))
      .filter((field) => survivor[field] !== true)
      .map((field) => `${field} is lost`),
    ...(String(stage.listsOf([merge.winner])) === String(united)
      ? []
      : ['lists are not united']),
    ...(String(programsOf(stage, [merge.winner])) === String(programs)
      ? []
      : ['programs are not united']),
  ]
}

/** Opt-outs of gone leads that the winner has not, were the rest refused. */
function lostSoFar(
  stage: Stage,
  winner: string,
  records: ReadonlyMap<string, LeadRecord>,
): string[] {
  const left = stage.read([...records.keys()])
  const gone = [...records].filter(([id]) => !left.has(id))
  return consent
    .filter((field) => gone.some(([, record]) => record[field] === true))
    .filter((field) => left.get(winner)?.[field] !== true)
    .map((field) => `${field} is lost between two calls`)
}

function textsOf(record: LeadRecord, rules: FieldRules) {
  return new Map(
    Object.entries(record).map(([field, value]) => [
      field,
      recordText(value, rules.type(field)),
    ]),
  )
}

describe(`${groups} random groups of 2 to 40 leads`, () => {
  it('become what was foreseen in every field, and no opt-out is lost', {
    timeout: 1_800_000,
  }, () => {
    const dice = new Dice(7)
    let stage = new Stage(dice)
    const sizes = new Set<number>()
    const kinds = new Set<string>()
    const wrong: string[] = []
    let next = 1000
    for (let n = 0; n < groups; n += 1) {
      // A world that only grows would not fit into memory.
      if (n % 1000 === 0) stage = new Stage(dice)
      const one = group(dice, next, 40)
      next += one.leads.length
      sizes.add(one.leads.length)
      for (const kind of kindsOf(one)) kinds.add(kind)
      const habit = dice.below(2) === 0 ? 'keep' : 'sum'
      kinds.add(`score ${habit}`)
      wrong.push(...trial(stage, one, habit).map((what) => `${n}: ${what}`))
    }
    expect(wrong).toEqual([])
    expect(sizes.has(2)).toBe(true)
    expect(Math.max(...sizes)).toBe(40)
    const wanted = [
      'CRM Contact,Lead',
      'CRM Contact,null',
      'CRM Lead,null',
      'CRM null',
      'boolean true',
      'boolean false',
      'boolean null',
      'phone undefined',
      'phone ',
      'phone NULL',
      'score keep',
      'score sum',
      'one at a time',
      'together',
    ]
    expect(wanted.filter((kind) => !kinds.has(kind))).toEqual([])
  })
})

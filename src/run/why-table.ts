/** The leads of questions under the rules, as they are and as they were. */
import { keyFields } from '../pipeline/field.js'
import { openBench, type BenchLead } from './why-bench.js'
import { type Bench, readBench } from './why-compare.js'
import type { WhyHold, WhyMatch, WhyRule, WhyState } from './why-document.js'
import { ask, heldKey, readHeld, rowKey, type StoredRow } from './why-fact.js'
import { readFields, readLeads } from './why-lead.js'
import type { PairFacts } from './why-pair.js'
import type { WhyQuestion, WhyRoom } from './why-room.js'
import { pairsThen, tellingPair, valuesThen } from './why-row.js'
import { rulesOf } from './why-rule.js'

export interface Facts {
  readonly states: ReadonlyMap<string, WhyState>
  readonly rows: readonly StoredRow[]
  readonly matches: readonly WhyMatch[]
  readonly groups: readonly { lead: string; winner: string }[]
  readonly last: { readonly asOf: string }
}

export interface Table {
  readonly bench: Bench
  readonly held: ReadonlyMap<string, WhyHold>
  /** Number of a lead as it is now. */
  now(lead: string): number
  /** The rule that made a merge, with the keys of then. */
  rule(stored: StoredRow): WhyRule | null
  pair(lead: string, other: string): PairFacts
}

/** Puts the leads on the bench, as they are now and as merges found them. */
export async function layOut(
  room: WhyRoom,
  questions: readonly WhyQuestion[],
  facts: Facts,
): Promise<Table> {
  const { warehouse, loaded } = room
  const { pipeline } = loaded
  const telling = new Map(
    facts.rows.map((row) => [row, tellingPair(pairsThen(row), row.lead)]),
  )
  const together = (a: string, b: string) =>
    facts.rows.find(
      (row) =>
        row.lead === a &&
        row.kind === 'merge' &&
        row.status === 'done' &&
        [row.target, ...row.losers].includes(b),
    )
  const others = [...telling.values()].flatMap((pair) =>
    pair === null ? [] : [pair.a, pair.b],
  )
  await ask(warehouse, [...facts.states.keys(), ...others])
  const fields = await readFields(warehouse)
  const known = await readLeads(warehouse, fields)
  const versions = new Versions(known)
  for (const lead of facts.states.keys()) versions.now(lead)
  const pairs = [
    ...[...telling].flatMap(([row, pair]) =>
      pair === null ? [] : [versions.past(row, pair.a, pair.b)],
    ),
    ...questions.flatMap(({ lead, and }) => {
      if (!and) return []
      const row = together(lead, and)
      return row === undefined
        ? [versions.nowPair(lead, and)]
        : [versions.past(row, lead, and)]
    }),
  ]
  const opened = await openBench({
    ...room,
    fields,
    asOf: facts.last.asOf,
    leads: versions.all,
  })
  const typed = (number: number, key: string) => {
    const [field = key] = keyFields(key)
    return versions.all[number - 1]?.values[field] ?? null
  }
  let bench: Bench
  try {
    bench = await readBench(opened, { pairs, typed })
  } finally {
    await opened.close()
  }
  const prints = versions.all.flatMap((_, at) => bench.keysOf(at + 1).prints)
  const held = await readHeld(warehouse, prints)
  const holdOf = (service: string, rule: number, key: string) =>
    held.get(heldKey({ service, rule, key })) ?? null
  return {
    bench,
    held,
    now: (lead) => versions.now(lead),
    rule: (stored) => {
      const pair = telling.get(stored) ?? null
      if (pair === null || pair.rule < 1) return null
      const rules = rulesOf(pipeline, versions.past(stored, pair.a, pair.b), {
        bench,
        holdOf: () => null,
      })
      const isOf = (one: { service: string; rule: number }) =>
        one.service === pair.service && one.rule === pair.rule
      return rules.find(isOf) ?? null
    },
    pair: (a, b) => {
      const row = together(a, b)
      const placed =
        row === undefined ? versions.nowPair(a, b) : versions.past(row, a, b)
      const winner = (lead: string) =>
        facts.groups.find((one) => one.lead === lead)?.winner ?? null
      return {
        a,
        b,
        together:
          row === undefined
            ? null
            : { plan: row.plan, row: row.row, run: row.run },
        oneCluster: winner(a) !== null && winner(a) === winner(b),
        rules: rulesOf(pipeline, placed, { bench, holdOf }),
        apart: bench.apartOf(placed),
        matches: (row === undefined ? facts.matches : pairsThen(row)).filter(
          (one) => (one.a === a && one.b === b) || (one.a === b && one.b === a),
        ),
      }
    },
  }
}

/** Leads as they are and as they were, each with a number of its own. */
class Versions {
  readonly all: BenchLead[] = []
  readonly #known: ReadonlyMap<string, BenchLead>
  readonly #numbers = new Map<string, number>()

  constructor(known: ReadonlyMap<string, BenchLead>) {
    this.#known = known
  }

  now(lead: string): number {
    return this.#number(lead, '', {})
  }

  nowPair(a: string, b: string) {
    return { a: this.now(a), b: this.now(b), names: [a, b] as const }
  }

  past(stored: StoredRow, a: string, b: string) {
    const values = valuesThen(stored)
    const number = (lead: string) =>
      this.#number(lead, rowKey(stored), values.get(lead) ?? {})
    return { a: number(a), b: number(b), names: [a, b] as const }
  }

  #number(lead: string, when: string, values: BenchLead['values']): number {
    const key = `${lead} ${when}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const now = this.#known.get(lead) ?? { values: {}, lists: [] }
    this.all.push({ ...now, values: { ...now.values, ...values } })
    this.#numbers.set(key, this.all.length)
    return this.all.length
  }
}

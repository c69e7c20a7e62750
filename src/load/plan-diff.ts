/** What other rules would do otherwise with the same leads; two plans. */
import { canonicalJson, digest } from './canonical.js'
import type { MergeRow, PlanRow, UpdateRow } from './plan.js'

/** What becomes of a merge of the first plan, or of one of the second. */
export type MergeChange =
  | 'same'
  /** The same leads and winner; other surviving values. */
  | 'values'
  /** The same leads; another of them stays. */
  | 'winner'
  /** Some of its leads are merged in both plans, with other leads. */
  | 'regrouped'
  | 'added'
  | 'removed'

export interface PlanDifference {
  readonly merges: Readonly<Record<MergeChange, number>>
  /** Leads that go by only one of the plans. */
  readonly leads: { readonly added: number; readonly removed: number }
  /** By field that updates write. */
  readonly fields: Readonly<Record<string, FieldDifference>>
  /** The first of each kind of change, in row order. */
  readonly samples: readonly Sample[]
}

export interface FieldDifference {
  readonly same: number
  /** The same lead gets another value. */
  readonly changed: number
  readonly added: number
  readonly removed: number
}

export interface Sample {
  readonly change: Exclude<MergeChange, 'same'>
  /** Merges of the first plan that it concerns. */
  readonly before: readonly MergeRow[]
  readonly after: readonly MergeRow[]
}

export interface PlanRows {
  rows(): AsyncIterable<PlanRow>
}

interface Known {
  readonly row: string
  readonly winner: string
  readonly leads: string
  readonly result: string
}

/** Keeps names and digests of the first plan in memory, not its rows. */
export async function diffPlans(
  first: PlanRows,
  second: PlanRows,
  sample: number,
): Promise<PlanDifference> {
  const known = new Index()
  for await (const row of first.rows()) known.add(row)
  const counts = emptyCounts()
  const fields = new Map<string, Mutable<FieldDifference>>()
  const pairs: Pair[] = []
  const touched = new Set<string>()
  for await (const row of second.rows()) {
    if (row.kind === 'update') countFields(fields, row, known)
    if (row.kind !== 'merge') continue
    const met = known.mergesOf(row)
    for (const one of met) touched.add(one.row)
    const change = changeOf(row, met)
    counts[change] += 1
    if (change !== 'same') note(pairs, { change, met, after: row }, sample)
  }
  known.countLeft(fields)
  const left = known.merges.filter(({ row }) => !touched.has(row))
  counts.removed = left.length
  for (const one of left) {
    note(pairs, { change: 'removed', met: [one], after: null }, sample)
  }
  return {
    merges: counts,
    leads: await goneOnlyIn(first, second),
    fields: Object.fromEntries(
      [...fields].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    samples: await samplesOf(first, pairs),
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

interface Pair {
  readonly change: Exclude<MergeChange, 'same'>
  readonly met: readonly Known[]
  readonly after: MergeRow | null
}

function emptyCounts(): Record<MergeChange, number> {
  const none = { values: 0, winner: 0, regrouped: 0, added: 0, removed: 0 }
  return { same: 0, ...none }
}

function note(pairs: Pair[], pair: Pair, sample: number): void {
  const count = pairs.filter(({ change }) => change === pair.change).length
  if (count < sample) pairs.push(pair)
}

function leadsOf(row: MergeRow): string {
  return [row.winner, ...row.losers].toSorted().join(' ')
}

function changeOf(row: MergeRow, met: readonly Known[]): MergeChange {
  const [one, ...others] = met
  if (one === undefined) return 'added'
  if (others.length > 0 || one.leads !== leadsOf(row)) return 'regrouped'
  if (one.winner !== row.winner) return 'winner'
  return one.result === resultOf(row) ? 'same' : 'values'
}

function resultOf(row: MergeRow): string {
  return digest(canonicalJson(row.after))
}

class Index {
  readonly merges: Known[] = []
  readonly #byLead = new Map<string, Known>()
  /** Lead and field -> digest of the value; what is met is taken out. */
  readonly #updates = new Map<string, string>()

  add(row: PlanRow): void {
    if (row.kind === 'update') {
      for (const [field, value] of Object.entries(row.set)) {
        this.#updates.set(`${row.id} ${field}`, digest(value ?? ''))
      }
    }
    if (row.kind !== 'merge') return
    const { row: name, winner } = row
    const result = resultOf(row)
    const known = { row: name, winner, leads: leadsOf(row), result }
    this.merges.push(known)
    for (const id of [winner, ...row.losers]) this.#byLead.set(id, known)
  }

  mergesOf(row: MergeRow): Known[] {
    const met = [row.winner, ...row.losers].flatMap(
      (id) => this.#byLead.get(id) ?? [],
    )
    return [...new Set(met)]
  }

  take(id: string, field: string): string | undefined {
    const key = `${id} ${field}`
    const known = this.#updates.get(key)
    this.#updates.delete(key)
    return known
  }

  countLeft(fields: Map<string, Mutable<FieldDifference>>): void {
    for (const key of this.#updates.keys()) {
      const field = key.slice(key.indexOf(' ') + 1)
      countsOf(fields, field).removed += 1
    }
  }
}

function countsOf(
  fields: Map<string, Mutable<FieldDifference>>,
  field: string,
): Mutable<FieldDifference> {
  const none = { same: 0, changed: 0, added: 0, removed: 0 }
  const counts = fields.get(field) ?? none
  fields.set(field, counts)
  return counts
}

function countFields(
  fields: Map<string, Mutable<FieldDifference>>,
  row: UpdateRow,
  known: Index,
): void {
  for (const [field, value] of Object.entries(row.set)) {
    const before = known.take(row.id, field)
    const counts = countsOf(fields, field)
    if (before === undefined) counts.added += 1
    else if (before === digest(value ?? '')) counts.same += 1
    else counts.changed += 1
  }
}

async function losersOf(plan: PlanRows): Promise<Set<string>> {
  const losers = new Set<string>()
  for await (const row of plan.rows()) {
    if (row.kind === 'merge') for (const id of row.losers) losers.add(id)
  }
  return losers
}

async function goneOnlyIn(
  first: PlanRows,
  second: PlanRows,
): Promise<PlanDifference['leads']> {
  const before = await losersOf(first)
  const after = await losersOf(second)
  const added = [...after].filter((id) => !before.has(id)).length
  const removed = [...before].filter((id) => !after.has(id)).length
  return { added, removed }
}

async function samplesOf(
  first: PlanRows,
  pairs: readonly Pair[],
): Promise<Sample[]> {
  const wanted = new Set(pairs.flatMap(({ met }) => met.map(({ row }) => row)))
  const rows = new Map<string, MergeRow>()
  for await (const row of first.rows()) {
    if (row.kind === 'merge' && wanted.has(row.row)) rows.set(row.row, row)
  }
  return pairs.map(({ change, met, after }) => ({
    change,
    before: met.flatMap(({ row }) => rows.get(row) ?? []),
    after: after === null ? [] : [after],
  }))
}

/** What a person should see of a plan, in one pass over its rows. */
import type { MergeRow, PlanRow } from './plan.js'

export interface PlanOverview {
  /** Merges that each match rule, in words, has a part in. */
  readonly rules: Readonly<Record<string, number>>
  /** Leads updated by field. */
  readonly fields: Readonly<Record<string, number>>
  readonly updatedFields: number
  /** Merges in which an opt-out of a loser is kept. */
  readonly kept: number
  /** Riskiest first. */
  readonly riskiest: readonly MergeRow[]
}

/**
 * Opt-outs weigh most, because losing one harms a person; then records that
 * the CRM follows, then how many leads go.
 */
export function risk(row: MergeRow): number {
  return row.kept.length * 100 + (row.mergeInCrm ? 50 : 0) + row.losers.length
}

function count(into: Record<string, number>, name: string): void {
  into[name] = (into[name] ?? 0) + 1
}

/** Keeps at most `sample` rows in memory. */
export async function planOverview(
  rows: AsyncIterable<PlanRow>,
  sample: number,
): Promise<PlanOverview> {
  const rules: Record<string, number> = {}
  const fields: Record<string, number> = {}
  let updatedFields = 0
  let kept = 0
  let riskiest: MergeRow[] = []
  for await (const row of rows) {
    if (row.kind === 'update') {
      const changed = Object.keys(row.set)
      updatedFields += changed.length
      for (const field of changed) count(fields, field)
      continue
    }
    if (row.kind === 'create') continue
    for (const rule of row.reason.rules) count(rules, rule)
    if (row.kept.length > 0) kept += 1
    riskiest.push(row)
    if (riskiest.length > sample * 20) riskiest = best(riskiest, sample)
  }
  return {
    rules,
    fields,
    updatedFields,
    kept,
    riskiest: best(riskiest, sample),
  }
}

function best(rows: readonly MergeRow[], sample: number): MergeRow[] {
  return rows
    .toSorted((a, b) => risk(b) - risk(a) || a.row.localeCompare(b.row))
    .slice(0, sample)
}

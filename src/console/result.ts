/** What a run came to, as a list of facts; pure. */
import { formatBytes, formatNumber } from '../format.js'
import type { RunRecord } from '../run/record.js'

export interface Fact {
  readonly name: string
  readonly value: string
}

export function resultFacts(run: RunRecord): Fact[] {
  const { extract, apply, plan, calls } = run
  const facts: readonly (readonly [string, string | null])[] = [
    ['leads', run.leads > 0 ? formatNumber(run.leads) : null],
    ['exported', extract && formatBytes(extract.bytes)],
    ['merges planned', plan && formatNumber(plan.merges)],
    ['updates planned', plan && formatNumber(plan.updates)],
    ['duplicates merged', apply && formatNumber(apply.merged_leads)],
    ['leads updated', apply && formatNumber(apply.updated_leads)],
    ['opt-outs kept', apply && formatNumber(apply.opt_outs_kept)],
    ['wait for a decision', run.review > 0 ? formatNumber(run.review) : null],
    ['calls', `${formatNumber(calls.used)} of ${formatNumber(calls.budget)}`],
  ]
  return facts.flatMap(([name, value]) =>
    value === null ? [] : [{ name, value }],
  )
}

import type { Pipeline } from '../pipeline/pipeline.js'
import { idsOf } from './batch.js'
import { consentRules, relaxedConsent } from './consent.js'
import { checkGuardrails } from './guard.js'
import type { GuardrailResult } from './plan.js'
import { type OpenPlan } from './plan-file.js'
import { altered } from './plan-refusal.js'
import { PlanTally } from './plan-size.js'

/**
 * A hash proves that nobody changed a plan by accident; somebody who changes
 * it on purpose can hash again. So what the header promises is counted again
 * from the rows, and what no planner writes is refused: a lead in two rows, a
 * merge without losers, consent that is relaxed. Throws `plan_altered`
 * (exit 8).
 */
export async function provePlan(
  plan: OpenPlan,
  pipeline: Pipeline,
): Promise<void> {
  const { header, path } = plan
  const consent = consentRules(pipeline)
  const tally = new PlanTally(consent)
  const seen = new Set<string>()
  const names = new Set<string>()
  let leads = 0
  for await (const row of plan.rows()) {
    tally.take(row)
    const ids = idsOf(row)
    for (const id of ids) seen.add(id)
    leads += ids.length
    names.add(row.row)
    const isEmpty = row.kind === 'merge' && row.losers.length === 0
    if (isEmpty || relaxedConsent(row, consent) !== null) throw altered(path)
  }
  const precision = valueOf(header.guardrails, 'min_precision') ?? 0
  const size = tally.size(header.leads, precision)
  const guardrails = checkGuardrails(size, pipeline.load.guardrails)
  const holds =
    seen.size === leads &&
    names.size === tally.merges + tally.updates + tally.creates &&
    (header.creates ?? 0) === tally.creates &&
    header.merges === tally.merges &&
    header.losers === tally.losers &&
    header.updates === tally.updates &&
    JSON.stringify(words(header.guardrails)) ===
      JSON.stringify(words(guardrails))
  if (!holds) throw altered(path)
}

function valueOf(
  guardrails: readonly GuardrailResult[],
  wanted: string,
): number | undefined {
  return guardrails.find(({ name }) => name === wanted)?.value
}

function words(guardrails: readonly GuardrailResult[]): unknown[] {
  return guardrails.map(({ name, value, limit, ok }) => [
    name,
    value,
    limit,
    ok,
  ])
}

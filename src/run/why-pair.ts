/** Two leads beside each other; pure. */
import type { Override } from '../pipeline/override.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { WhyDecision, WhyGroup, WhyPair } from './why-document.js'
import { verdictOf } from './why-rule.js'

export type PairFacts = Omit<WhyPair, 'verdict' | 'decision'>

function decision(override: Override): WhyDecision {
  const { kind, leadId, otherId, field, author, reason, until } = override
  return { kind, lead: leadId, other: otherId, field, author, reason, until }
}

/** People's decisions that name all of these leads. */
export function decisionsOn(
  overrides: readonly Override[],
  leads: readonly string[],
): WhyDecision[] {
  return overrides
    .filter(({ leadId, otherId }) =>
      leads.every((lead) => lead === leadId || lead === otherId),
    )
    .map(decision)
}

export function explainPair(
  { overrides }: Pipeline,
  facts: PairFacts,
  group: WhyGroup | null,
): WhyPair {
  const said = decisionsOn(overrides, [facts.a, facts.b])
  const pair = { ...facts, decision: said[0] ?? null }
  return { ...pair, verdict: verdictOf(pair, group) }
}

/** Two leads beside each other; pure. */
import { inForce, type Override } from '../pipeline/override.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { WhyDecision, WhyGroup, WhyPair } from './why-document.js'
import { verdictOf } from './why-rule.js'

export type PairFacts = Omit<WhyPair, 'verdict' | 'decision'>

function decision(override: Override, isOver: boolean): WhyDecision {
  const { kind, leadId, otherId, field, author, reason, until } = override
  const who = { author, reason, until, isOver }
  return { kind, lead: leadId, other: otherId, field, ...who }
}

/** People's decisions that name all of these leads; those in force first. */
export function decisionsOn(
  overrides: readonly Override[],
  leads: readonly string[],
  day: string,
): WhyDecision[] {
  const own = overrides.filter(({ leadId, otherId }) =>
    leads.every((lead) => lead === leadId || lead === otherId),
  )
  const { current, expired } = inForce(own, day)
  return [
    ...current.map((each) => decision(each, false)),
    ...expired.map((each) => decision(each, true)),
  ]
}

export function explainPair(
  { overrides }: Pipeline,
  facts: PairFacts,
  { group, day }: { readonly group: WhyGroup | null; readonly day: string },
): WhyPair {
  const all = decisionsOn(overrides, [facts.a, facts.b], day)
  const said = all.filter(({ isOver }) => !isOver)
  const pair = { ...facts, decision: said[0] ?? null }
  return { ...pair, verdict: verdictOf(pair, group) }
}

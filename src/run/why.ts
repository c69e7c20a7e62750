/** Why a lead is what it is, from the published warehouse. */
import { badInput } from '../error.js'
import { planName } from '../load/plan-file.js'
import { rulesHash } from '../pipeline/rules-hash.js'
import { frozenLeadsOf } from './frozen.js'
import type { LeadExplanation, WhyHold } from './why-document.js'
import {
  ask,
  heldKey,
  readAttempts,
  readGroups,
  readLastRun,
  readMatches,
  readReview,
  readRows,
  readStates,
  rowKey,
  type StoredRow,
} from './why-fact.js'
import { decisionsOn, explainPair } from './why-pair.js'
import type { WhyQuestion, WhyRoom } from './why-room.js'
import { whyRow } from './why-row.js'
import { layOut, type Table } from './why-table.js'

/**
 * Explains one lead, or two beside each other.
 * @throws PipelineError `no_lead` (exit 3) where a lead was never seen
 */
export async function explainLead(
  room: WhyRoom,
  question: WhyQuestion,
): Promise<LeadExplanation> {
  const [explanation] = await explainLeads(room, [question])
  if (explanation === undefined) throw new Error('no explanation was made')
  return explanation
}

/** The same for many questions at once, in their order. */
export async function explainLeads(
  room: WhyRoom,
  questions: readonly WhyQuestion[],
): Promise<LeadExplanation[]> {
  const { warehouse } = room
  const named = questions.flatMap(({ lead, and }) => [
    lead,
    ...(and ? [and] : []),
  ])
  refuseNoIds(named)
  await ask(warehouse, named)
  const facts = await factsOf(room)
  for (const lead of named)
    if (!facts.states.has(lead)) throw unknown(room, lead)
  const table = await layOut(room, questions, facts)
  return questions.map((question) =>
    explanationOf(room, question, facts, table),
  )
}

/** All that the warehouse holds of the leads that were asked for. */
async function factsOf({ warehouse, root }: WhyRoom) {
  const states = await readStates(warehouse)
  const rows = await readRows(warehouse)
  return {
    states: new Map(states.map((state) => [state.lead, state])),
    rows,
    groups: await readGroups(warehouse),
    matches: await readMatches(warehouse),
    review: await readReview(warehouse),
    attempts: await readAttempts(warehouse, rows),
    frozen: await frozenLeadsOf({ root }, unresolvedPlans(rows)),
    last: await readLastRun(warehouse),
  }
}

function unresolvedPlans(rows: readonly StoredRow[]): string[] {
  return rows.filter(isUnresolved).map(({ plan }) => planName(plan))
}

function isUnresolved({ status }: StoredRow): boolean {
  return status === 'unresolved'
}

function explanationOf(
  room: WhyRoom,
  { lead, and }: WhyQuestion,
  facts: Awaited<ReturnType<typeof factsOf>>,
  table: Table,
): LeadExplanation {
  const { day, loaded } = room
  const { pipeline } = loaded
  const state = facts.states.get(lead)
  if (state === undefined) throw unknown(room, lead)
  const group = facts.groups.find((one) => one.lead === lead) ?? null
  const bench = table.bench.keysOf(table.now(lead))
  const excluded = bench.scopes.filter(({ isExcluded }) => isExcluded)
  return {
    pipeline: pipeline.name,
    state,
    group,
    keys: bench.keys,
    excludedFrom: [...new Set(excluded.map(({ service }) => service))],
    held: heldOf(bench.prints, table.held),
    matches: facts.matches.filter(({ a, b }) => a === lead || b === lead),
    rows: facts.rows
      .filter((row) => row.lead === lead)
      .map((stored) =>
        whyRow(stored, {
          attempts: facts.attempts.get(rowKey(stored)) ?? [],
          keys: table.rule(stored),
          isFrozen:
            isUnresolved(stored) &&
            (facts.frozen.get(planName(stored.plan))?.has(lead) ?? true),
        }),
      ),
    decisions: decisionsOn(pipeline.overrides, [lead], day),
    review: facts.review
      .filter((one) => one.lead === lead)
      .map(({ item, reason }) => ({ item, reason })),
    rulesChanged:
      facts.last.rules !== null && facts.last.rules !== rulesHash(pipeline),
    pair: and
      ? explainPair(pipeline, table.pair(lead, and), { group, day })
      : null,
  }
}

function refuseNoIds(leads: readonly string[]): void {
  const wrong = leads.find((lead) => !/^[1-9]\d{0,17}$/.test(lead))
  if (wrong === undefined) return
  throw badInput('bad_option', `${wrong} is no lead id; write digits: 1000231.`)
}

function unknown({ loaded }: WhyRoom, lead: string): Error {
  const { name } = loaded.pipeline
  return badInput(
    'no_lead',
    `${name} has never seen a lead ${lead}. Its warehouse is as of its last run: pipeline status ${name}`,
  )
}

function heldOf(
  prints: readonly { service: string; rule: number; key: string }[],
  held: ReadonlyMap<string, WhyHold>,
): WhyHold[] {
  return prints.flatMap((print) => held.get(heldKey(print)) ?? [])
}

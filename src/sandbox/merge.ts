import type { Lead } from './change.js'
import type { Behaviour } from './option.js'
import type { Schema } from './schema.js'
import type { Value } from './value.js'

export interface MergeDecision {
  readonly survivor: Lead
  /** Records that go, the one that fills empty fields first. */
  readonly losers: readonly Lead[]
  /** Values that the survivor receives. */
  readonly filled: Readonly<Record<string, Value>>
}

type Rules = Pick<Behaviour, 'fillFrom' | 'booleanRule' | 'leadScore'>

/** Salesforce contact over lead over none (Adobe docs, merge). */
export function crmRank(lead: Lead): number {
  const type = String(lead.values['sfdcType'] ?? '').toLowerCase()
  if (type === 'contact') return 2
  if (type === 'lead') return 1
  if (lead.values['sfdcContactId'] !== undefined) return 2
  return lead.values['sfdcLeadId'] === undefined ? 0 : 1
}

/**
 * What Marketo makes of a merge. The highest CRM rank survives whatever the
 * call says; the overruled winner takes the survivor's place among the
 * losers. Empty fields are filled from the first of them (KCS 28666).
 */
export function decideMerge(
  winner: Lead,
  losers: readonly Lead[],
  schema: Schema,
  rules: Rules,
): MergeDecision {
  let survivor = winner
  for (const lead of losers) {
    if (crmRank(lead) > crmRank(survivor)) survivor = lead
  }
  const gone = losers.map((lead) => (lead === survivor ? winner : lead))
  return { survivor, losers: gone, filled: fill(survivor, gone, schema, rules) }
}

function fill(
  survivor: Lead,
  losers: readonly Lead[],
  schema: Schema,
  rules: Rules,
): Record<string, Value> {
  const sources = rules.fillFrom === 'first' ? losers.slice(0, 1) : losers
  const filled: Record<string, Value> = {}
  for (const source of sources) {
    for (const [name, value] of Object.entries(source.values)) {
      if (survivor.values[name] === undefined) filled[name] ??= value
    }
  }
  if (rules.booleanRule === 'legacy') anyTrue(survivor, losers, schema, filled)
  if (rules.leadScore === 'sum') sumScore(survivor, losers, filled)
  return filled
}

/** Until March 2026 false counted as empty, so any true won. */
function anyTrue(
  survivor: Lead,
  losers: readonly Lead[],
  schema: Schema,
  filled: Record<string, Value>,
): void {
  for (const { name, dataType } of schema.fields) {
    if (dataType !== 'boolean' || survivor.values[name] === true) continue
    if (losers.some((lead) => lead.values[name] === true)) filled[name] = true
  }
}

function sumScore(
  survivor: Lead,
  losers: readonly Lead[],
  filled: Record<string, Value>,
): void {
  const scores = [survivor, ...losers].flatMap((lead) => {
    const score = lead.values['leadScore']
    return typeof score === 'number' ? [score] : []
  })
  if (scores.length > 0) {
    filled['leadScore'] = scores.reduce((sum, score) => sum + score, 0)
  }
}

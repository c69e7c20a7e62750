/** A plan row as `why` tells it; pure. */
import type { WhyField, WhyMatch, WhyRow } from './why-document.js'
import type { StoredRow } from './why-fact.js'

type Json = Readonly<Record<string, unknown>>

function jsonOf(text: string | null): Json {
  const value: unknown = text === null ? null : JSON.parse(text)
  return isJson(value) ? value : {}
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

/** What each lead of a merge held then, in the fields that decided. */
export function valuesThen(
  stored: StoredRow,
): ReadonlyMap<string, Readonly<Record<string, string | null>>> {
  return new Map(
    Object.entries(jsonOf(stored.leads)).map(([id, values]) => [
      id,
      Object.fromEntries(
        Object.entries(isJson(values) ? values : {}).map(([field, value]) => [
          field,
          textOf(value),
        ]),
      ),
    ]),
  )
}

export function pairsThen(stored: StoredRow): WhyMatch[] {
  const reason = jsonOf(stored.reason)
  const service = textOf(reason['service']) ?? ''
  return listOf(reason['pairs'])
    .filter(isJson)
    .map((pair) => ({
      service,
      rule: numberOf(pair['rule']) ?? 0,
      a: textOf(pair['a']) ?? '',
      b: textOf(pair['b']) ?? '',
      similarity: numberOf(pair['similarity']),
      probability: numberOf(pair['probability']),
      evidence: textOf(pair['evidence']),
      status: null,
    }))
}

/** The pair that says most of a lead: by a rule before by a probability. */
export function tellingPair(
  pairs: readonly WhyMatch[],
  lead: string,
): WhyMatch | null {
  const own = pairs.filter(({ a, b }) => a === lead || b === lead)
  const all = own.length > 0 ? own : pairs
  return all.find(({ rule }) => rule > 0) ?? all[0] ?? null
}

function fieldsOf(stored: StoredRow): WhyField[] {
  const before = jsonOf(stored.before)
  const from = jsonOf(stored.reason)['from']
  const sources = isJson(from) ? from : {}
  const kept = listOf(JSON.parse(stored.kept ?? '[]'))
  return Object.entries(jsonOf(stored.after)).map(([field, after]) => {
    const source = sources[field]
    const known = isJson(source) ? source : {}
    return {
      field,
      before: textOf(before[field]),
      after: textOf(after),
      from: textOf(known['id']),
      rule: textOf(known['rule']) ?? '',
      kept: kept.includes(field),
    }
  })
}

const kinds = ['merge', 'update', 'create'] as const

function roleOf(stored: StoredRow): WhyRow['role'] {
  if (stored.kind === 'update') return 'updated'
  if (stored.kind === 'create') return 'restored'
  return stored.target === stored.lead ? 'winner' : 'loser'
}

export function whyRow(
  stored: StoredRow,
  known: Pick<WhyRow, 'attempts' | 'keys' | 'isFrozen'>,
): WhyRow {
  const reason = jsonOf(stored.reason)
  return {
    plan: stored.plan,
    row: stored.row,
    kind: kinds.find((kind) => kind === stored.kind) ?? 'update',
    role: roleOf(stored),
    winner: stored.target,
    losers: stored.losers,
    service: textOf(reason['service']) ?? '',
    rules: listOf(reason['rules']).filter((rule) => typeof rule === 'string'),
    winnerReason: textOf(reason['winner']) ?? '',
    pairs: pairsThen(stored),
    fields: fieldsOf(stored),
    status: stored.status,
    statusReason: stored.statusReason ?? '',
    run: stored.run,
    endedAt: stored.endedAt,
    approvedBy: stored.approvedBy ?? [],
    newId: stored.newId,
    ...known,
  }
}

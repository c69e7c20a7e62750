import type { LeadRecord, SyncOutcome } from './api.js'
import { classify } from './classify.js'
import { type Json, reasons } from './envelope.js'
import { scrub } from './scrub.js'
import { optionalId } from './value.js'

export interface Update {
  readonly id: string
  readonly values: LeadRecord
}

/**
 * The body of a sync call that can neither create a lead nor pick one by
 * anything but its id. Ids are written as text, for they may be too long for
 * a double.
 */
export function syncBody(updates: readonly Update[]): string {
  const input = updates.map(({ id, values }) => {
    const rest = JSON.stringify(values).slice(1)
    return `{"id":${BigInt(id)}${rest === '}' ? '' : ','}${rest}`
  })
  return `{"action":"updateOnly","lookupField":"id","input":[${input.join()}]}`
}

/** Values that Marketo's messages might repeat. */
export function hiddenValues(updates: readonly Update[]): string[] {
  return updates.flatMap(({ values }) =>
    Object.values(values)
      .filter((value) => typeof value === 'string' || typeof value === 'number')
      .map(String),
  )
}

/**
 * The outcome of each update, in the order of the input. Marketo answers in
 * that order and leaves the id out of a skipped record (Adobe docs, leads). A
 * record with an id counts for that id, wherever it stands; one without counts
 * for its position only if every other record stands at its own.
 */
export function matchSync(
  updates: readonly Update[],
  result: readonly Json[],
): SyncOutcome[] {
  const isInOrder =
    result.length === updates.length &&
    result.every(({ id }, at) => {
      return id === undefined || optionalId(id) === updates[at]?.id
    })
  const named = byId(result)
  return updates.map((update, at) => {
    const positioned = isInOrder ? [result[at] ?? {}] : []
    const records = named.get(update.id) ?? positioned
    const [record] = records
    // Two records for one id cannot both be true.
    if (!record || records.length > 1) return missing(update)
    return outcome(update, record)
  })
}

function byId(result: readonly Json[]): Map<string, Json[]> {
  const named = new Map<string, Json[]>()
  for (const record of result) {
    const id = optionalId(record.id)
    if (id !== null) named.set(id, [...(named.get(id) ?? []), record])
  }
  return named
}

function outcome(update: Update, record: Json): SyncOutcome {
  const [reason] = reasons(record)
  if (!reason) {
    const isDone = record.status === 'updated' && optionalId(record.id) !== null
    return isDone ? { id: update.id, status: 'updated' } : missing(update)
  }
  const verdict = classify('update', { kind: 'code', ...reason })
  // A code that does not prove that nothing was written is no answer.
  if (verdict.outcome === 'ambiguous') return missing(update)
  const message = scrub(reason.message, hiddenValues([update]))
  return { id: update.id, status: 'skipped', code: reason.code, message }
}

function missing({ id }: Update): SyncOutcome {
  return { id, status: 'missing' }
}

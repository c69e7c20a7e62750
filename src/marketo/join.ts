import type { JoinOutcome } from './api.js'
import { type Envelope, reasons } from './envelope.js'
import { needResult } from './lead.js'
import { optionalId } from './value.js'

/** What became of leads that were to join something, by their ids. */
export function joinOutcomes(
  answer: Envelope,
  leads: readonly string[],
  { key, done }: { readonly key: string; readonly done: string },
): JoinOutcome[] {
  const answered = new Map(
    needResult(answer).map((each) => [optionalId(each[key]), each]),
  )
  return leads.map((id) => {
    const own = answered.get(id)
    if (own === undefined) return { id, status: 'missing' }
    const [reason] = reasons(own)
    if (reason !== undefined) {
      return { id, status: 'skipped', code: reason.code }
    }
    return { id, status: own.status === done ? 'added' : 'missing' }
  })
}

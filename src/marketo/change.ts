import type { SyncOutcome } from './api.js'
import { type Endpoint, endpoints } from './endpoint.js'
import type { MarketoError } from './error.js'
import { needResult } from './lead.js'
import type { Session } from './session.js'
import { hiddenValues, matchSync, syncBody, type Update } from './sync.js'
import { isId } from './value.js'

/** Records and bytes of one sync call (Adobe docs, limits). */
const mostRecords = 300
const mostBytes = 1_000_000
/** Losers of one merge call (Adobe docs, error 1080). */
const mostLosers = 25

/** One sync call, sent at most once. */
export async function updateLeads(
  session: Session,
  updates: readonly Update[],
  options: { readonly before?: (() => Promise<void>) | undefined } = {},
): Promise<SyncOutcome[]> {
  if (updates.length === 0) return []
  const fault = updateFault(updates)
  if (fault) throw refuse(session, endpoints.update, fault)
  const json = syncBody(updates)
  if (Buffer.byteLength(json) > mostBytes) {
    throw session.error(endpoints.update, {
      problem: 'too_large',
      said: `more than ${mostBytes} bytes`,
    })
  }
  return session.call({
    endpoint: endpoints.update,
    json,
    hidden: hiddenValues(updates),
    before: options.before,
    read: (answer) => matchSync(updates, needResult(answer)),
  })
}

/** One merge call, sent at most once. */
export async function mergeLeads(
  session: Session,
  winner: string,
  losers: readonly string[],
  options: {
    readonly mergeInCrm: boolean
    readonly before?: (() => Promise<void>) | undefined
  },
): Promise<void> {
  const fault = mergeFault(winner, losers)
  if (fault) throw refuse(session, endpoints.merge, fault)
  await session.call({
    endpoint: endpoints.merge,
    id: winner,
    query: {
      leadIds: losers.join(','),
      mergeInCRM: String(options.mergeInCrm),
    },
    before: options.before,
    // A merge is answered by its success alone (Adobe docs, leads).
    read: () => null,
  })
}

function updateFault(updates: readonly Update[]): string | null {
  const ids = updates.map(({ id }) => id)
  if (ids.length > mostRecords) return `more than ${mostRecords} records`
  if (!ids.every(isId)) return 'a lead id that is not a number'
  if (new Set(ids).size < ids.length) return 'the same lead twice'
  const hasId = updates.some(({ values }) => Object.hasOwn(values, 'id'))
  return hasId ? 'a value for the field id' : null
}

function mergeFault(winner: string, losers: readonly string[]): string | null {
  if (losers.length === 0) return 'no loser'
  if (losers.length > mostLosers) return `more than ${mostLosers} losers`
  const ids = [winner, ...losers]
  if (!ids.every(isId)) return 'a lead id that is not a number'
  return new Set(ids).size < ids.length ? 'the same lead twice' : null
}

/** Refused here, so that Marketo need not; nothing was sent. */
function refuse(
  session: Session,
  endpoint: Endpoint,
  fault: string,
): MarketoError {
  return session.error(endpoint, {
    problem: 'bad_request',
    said: `the request has ${fault}`,
    next: 'This program has a defect: report it. Nothing was sent.',
  })
}

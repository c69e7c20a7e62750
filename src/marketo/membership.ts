import type { JoinOutcome, LeadRecord } from './api.js'
import { endpoints } from './endpoint.js'
import { joinOutcomes } from './join.js'
import { needResult, pages, pick, recordsOrNone } from './lead.js'
import { chunked } from './pool.js'
import type { Session } from './session.js'
import { needId } from './value.js'

/** Ids and filter values in one call (Adobe docs, limits). */
const mostValues = 300
const pageSize = '300'

/**
 * Leads by email address, by id; Marketo compares it without regard to case.
 * A comma cannot be escaped in a filter, so no address may have one.
 */
export async function leadsByEmail(
  session: Session,
  emails: readonly string[],
  fields: readonly string[],
): Promise<Map<string, LeadRecord>> {
  const found = new Map<string, LeadRecord>()
  for (const values of chunked([...new Set(emails)], mostValues)) {
    const records = await pages(session, {
      endpoint: endpoints.leads,
      query: {
        filterType: 'email',
        filterValues: values.join(','),
        fields: [...new Set(['id', 'email', ...fields])].join(','),
        batchSize: pageSize,
      },
      // Without a result nothing is known; it must not look like "no leads".
      read: needResult,
    })
    for (const record of records) {
      found.set(needId(record.id), pick(record, ['email', ...fields]))
    }
  }
  return found
}

/** Ids of the static lists that a lead is on; one call or more. */
export async function listsOf(
  session: Session,
  lead: string,
): Promise<string[]> {
  const records = await pages(session, {
    endpoint: endpoints.listMembership,
    id: lead,
    query: { batchSize: pageSize },
    read: recordsOrNone,
  })
  return records.map(({ listId }) => needId(listId))
}

/** Which of these leads are on a static list. */
export async function membersAmong(
  session: Session,
  list: string,
  leads: readonly string[],
): Promise<Set<string>> {
  const members = new Set<string>()
  for (const ids of chunked([...new Set(leads)], mostValues)) {
    const records = await session.call({
      endpoint: endpoints.isMember,
      id: list,
      query: { id: ids.join(',') },
      read: needResult,
    })
    for (const { id, status } of records) {
      if (status === 'memberof') members.add(needId(id))
    }
  }
  return members
}

/** One call, sent at most once; puts leads on a static list. */
export async function joinList(
  session: Session,
  list: string,
  leads: readonly string[],
  options: { readonly before: () => Promise<void> },
): Promise<JoinOutcome[]> {
  const input = leads.map((id) => `{"id":${BigInt(id)}}`)
  return session.call({
    endpoint: endpoints.joinList,
    id: list,
    json: `{"input":[${input.join()}]}`,
    before: options.before,
    read: (answer) => joinOutcomes(answer, leads, { key: 'id', done: 'added' }),
  })
}

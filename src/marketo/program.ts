import type { JoinOutcome, ProgramStatus } from './api.js'
import { endpoints } from './endpoint.js'
import { joinOutcomes } from './join.js'
import { pages, recordsOrNone } from './lead.js'
import { chunked } from './pool.js'
import type { Session } from './session.js'
import { needId, needText, optionalText } from './value.js'

/** Filter values in one call, and records on a page (Adobe docs, limits). */
const most = 300

/** Programs that a lead is a member of; one call or more. */
export async function programsOf(
  session: Session,
  lead: string,
): Promise<ProgramStatus[]> {
  const records = await pages(session, {
    endpoint: endpoints.programMembership,
    id: lead,
    query: { batchSize: String(most) },
    read: recordsOrNone,
  })
  return records.map(({ id, progressionStatus }) => ({
    program: needId(id),
    status: needText(progressionStatus),
  }))
}

/** Status of these leads in a program, by lead; of its members only. */
export async function statusesIn(
  session: Session,
  program: string,
  leads: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const ids of chunked([...new Set(leads)], most)) {
    const records = await pages(session, {
      endpoint: endpoints.programMembers,
      id: program,
      query: {
        filterType: 'leadId',
        filterValues: ids.join(','),
        fields: 'leadId,statusName',
        batchSize: String(most),
      },
      read: recordsOrNone,
    })
    for (const { leadId, statusName } of records) {
      found.set(needId(leadId), optionalText(statusName) ?? '')
    }
  }
  return found
}

/** One call, sent at most once; gives leads a status in a program. */
export async function joinProgram(
  session: Session,
  { program, status }: ProgramStatus,
  leads: readonly string[],
  options: { readonly before: () => Promise<void> },
): Promise<JoinOutcome[]> {
  const input = leads.map((id) => `{"leadId":${BigInt(id)}}`)
  return session.call({
    endpoint: endpoints.joinProgram,
    id: program,
    json: `{"statusName":${JSON.stringify(status)},"input":[${input.join()}]}`,
    before: options.before,
    read: (answer) =>
      joinOutcomes(answer, leads, { key: 'leadId', done: 'updated' }),
  })
}

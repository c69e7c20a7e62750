/** What Marketo holds of leads that are to be made, or may have been. */
import type { LeadRecord } from '../marketo/api.js'
import { sameEmail, searchableEmail } from './create-match.js'
import type { Job } from './job.js'
import type { CreateRow } from './plan.js'

/** Type of the activity "New Lead" (Adobe docs, activities). */
const newLead = 12

/** Marketo's clock and ours may differ by as much. */
const clockMargin = 60_000

type Records = ReadonlyMap<string, LeadRecord>

/** New leads of this plan, whose ids the journal has. */
function known(job: Job): ReadonlySet<string> {
  return new Set([...job.journal.state.created.values()].map(({ id }) => id))
}

/**
 * Leads with the email of a row that had none of them when the plan was made:
 * either this plan made them, or somebody else did since.
 */
export async function holders(
  job: Job,
  rows: readonly CreateRow[],
): Promise<Records> {
  const emails = rows.flatMap((row) => searchableEmail(row) ?? [])
  if (emails.length === 0) return new Map()
  const found = await job.marketo.leadsByEmail(emails, job.rules.names)
  const ours = known(job)
  const twins = new Set(rows.flatMap((row) => row.twins))
  return new Map([...found].filter(([id]) => !ours.has(id) && !twins.has(id)))
}

/** Of these leads, the ones that have the email of this row. */
export function holdersOf(row: CreateRow, found: Records): readonly string[] {
  return [...found]
    .filter(([, record]) => sameEmail(record['email'], row.set['email']))
    .map(([id]) => id)
}

/** Leads that were made since then, by anybody, as Marketo's log has them. */
export async function madeSince(job: Job, since: number): Promise<Records> {
  const from = new Date(since - clockMargin).toISOString()
  let token = await job.marketo.pagingToken(from)
  const ids = new Set<string>()
  for (;;) {
    const page = await job.marketo.activities(token, [newLead])
    for (const { leadId } of page.activities) ids.add(leadId)
    if (!page.more) break
    token = page.nextPageToken
  }
  const ours = known(job)
  const wanted = [...ids].filter((id) => !ours.has(id))
  if (wanted.length === 0) return new Map()
  return await job.marketo.leads(wanted, job.rules.names)
}

import type { Activity, ActivityPage, Marketo } from '../marketo/api.js'

/** A lead that somebody deleted. */
export interface Deletion {
  readonly id: string
  /** ISO 8601. */
  readonly at: string
}

/** A lead that went into another one. */
export interface Merger {
  readonly loser: string
  readonly winner: string
  readonly at: string
}

export interface Changes {
  readonly deletions: readonly Deletion[]
  readonly mergers: readonly Merger[]
}

const newLead = 12
const mergeLeads = 32
const day = 86_400_000
/** deletedleads.json remembers this long (Adobe docs, activity retention). */
export const deletionMemory = 14 * day
/** Read again, because activities may be logged late. */
export const overlap = day
/** The first activity of all is on the first page that has any. */
const mostEmptyPages = 300
/** Marketo was founded in 2006: nothing is older. */
const beforeAll = '2006-01-01T00:00:00Z'

/** Deletions and merges since a time, by anybody. */
export async function readChanges(
  marketo: Marketo,
  since: string,
  signal: AbortSignal,
): Promise<Changes> {
  const token = await marketo.pagingToken(since)
  const deleted = await allPages(token, signal, (next) =>
    marketo.deletedLeads(next),
  )
  const merged = await allPages(token, signal, (next) =>
    marketo.activities(next, [mergeLeads]),
  )
  const deletions = deleted.map(({ leadId, date }) => ({
    id: leadId,
    at: date,
  }))
  return { deletions, mergers: merged.flatMap(mergersOf) }
}

async function allPages(
  token: string,
  signal: AbortSignal,
  read: (token: string) => Promise<ActivityPage>,
): Promise<Activity[]> {
  const found: Activity[] = []
  let next = token
  for (;;) {
    signal.throwIfAborted()
    const page = await read(next)
    found.push(...page.activities)
    if (!page.more || page.nextPageToken === next) return found
    next = page.nextPageToken
  }
}

/** The attribute `Merge IDs` lists the leads that went, as `[1,2]`. */
function mergersOf({ leadId, date, attributes }: Activity): Merger[] {
  const losers = String(attributes['Merge IDs'] ?? '').match(/\d+/g) ?? []
  return losers
    .filter((loser) => loser !== leadId)
    .map((loser) => ({ loser, winner: leadId, at: date }))
}

/**
 * The day on which the oldest lead was created, by Marketo's first "New
 * Lead", which it keeps for good; null where it does not tell. A day is taken
 * off because the activity may come after the lead.
 */
export async function oldestLead(
  marketo: Marketo,
  signal: AbortSignal,
): Promise<string | null> {
  let token = await marketo.pagingToken(beforeAll)
  for (let pages = 0; pages < mostEmptyPages; pages += 1) {
    signal.throwIfAborted()
    const page = await marketo.activities(token, [newLead])
    const dates = page.activities.map(({ date }) => Date.parse(date))
    if (dates.length > 0) {
      return new Date(Math.min(...dates) - day).toISOString().slice(0, 10)
    }
    if (!page.more || page.nextPageToken === token) return null
    token = page.nextPageToken
  }
  return null
}

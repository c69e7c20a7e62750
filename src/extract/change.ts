import type { Activity, ActivityPage, Marketo } from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'

/** A line of `change.jsonl`. Times are ISO 8601. */
export type ChangeLine =
  | {
      readonly kind: 'delete'
      readonly id: string
      readonly at: string
      /** From the activities, not from the list of deleted leads. */
      readonly isActivity?: true
    }
  | {
      readonly kind: 'merge'
      readonly loser: string
      readonly winner: string
      readonly at: string
    }
  /** Where reading goes on; after the last page there is no more. */
  | {
      readonly kind: 'page'
      readonly of: 'delete' | 'merge'
      readonly token: string
      readonly more: boolean
    }

const newLead = 12
const mergeLeads = 32
const deleteLead = 37
const day = 86_400_000
/** deletedleads.json remembers this long (Adobe docs, activity retention). */
export const deletionMemory = 14 * day
/** Read again, because activities may be logged late. */
export const overlap = day
/** The first activity of all is on the first page that has any. */
const mostEmptyPages = 300
/** Marketo was founded in 2006: nothing is older. */
const beforeAll = '2006-01-01T00:00:00Z'

export interface ChangeRequest {
  /** ISO 8601. */
  readonly since: string
  /** What an earlier attempt kept. */
  readonly before: readonly ChangeLine[]
  /** Makes lines durable. */
  readonly keep: (lines: readonly ChangeLine[]) => Promise<void>
  readonly signal: AbortSignal
  /** Whether this Marketo has deletions among its activities, too. */
  readonly isOnePass: boolean
}

/**
 * Reads deletions and merges since a time, by anybody, page by page: the list
 * of deleted leads, unless activities are known to have them. Returns false where Marketo gave a token and does not take it, so that some of them
 * are not known.
 */
export async function readChanges(
  marketo: Marketo,
  request: ChangeRequest,
): Promise<boolean> {
  let first: Promise<string> | null = null
  // One token serves both; each call counts.
  const begin = () => (first ??= marketo.pagingToken(request.since))
  const isAll =
    request.isOnePass ||
    (await allPages(marketo, { ...request, begin }, 'delete'))
  return (await allPages(marketo, { ...request, begin }, 'merge')) && isAll
}

type Kind = 'delete' | 'merge'

interface PageRequest extends ChangeRequest {
  /** A token for the time from which on changes are wanted. */
  readonly begin: () => Promise<string>
}

async function allPages(
  marketo: Marketo,
  request: PageRequest,
  kind: Kind,
): Promise<boolean> {
  const last = request.before.findLast(
    (line) => line.kind === 'page' && line.of === kind,
  )
  if (last?.kind === 'page') {
    if (!last.more) return true
    if (await follow(marketo, request, kind, last.token)) return true
    // The token of the run before is no good any more: from the beginning.
  }
  return await follow(marketo, request, kind, await request.begin())
}

/** Returns false where Marketo does not take a token. */
async function follow(
  marketo: Marketo,
  { keep, signal }: ChangeRequest,
  kind: Kind,
  start: string,
): Promise<boolean> {
  let token = start
  for (;;) {
    signal.throwIfAborted()
    const page = await pageOf(marketo, kind, token)
    if (page === null) return false
    const more = page.more && page.nextPageToken !== token
    token = page.nextPageToken
    const lines = page.activities.flatMap(
      kind === 'delete' ? deletion : activityLines,
    )
    await keep([...lines, { kind: 'page', of: kind, token, more }])
    if (!more) return true
  }
}

async function pageOf(
  marketo: Marketo,
  kind: Kind,
  token: string,
): Promise<ActivityPage | null> {
  try {
    return kind === 'delete'
      ? await marketo.deletedLeads(token)
      : await marketo.activities(token, [mergeLeads, deleteLead])
  } catch (error) {
    const isRefused =
      error instanceof MarketoError &&
      ['refused', 'not_found'].includes(error.problem)
    if (isRefused) return null
    throw error
  }
}

function deletion({ leadId, date }: Activity): ChangeLine[] {
  return [{ kind: 'delete', id: leadId, at: date }]
}

function activityLines(activity: Activity): ChangeLine[] {
  if (activity.typeId !== deleteLead) return mergesOf(activity)
  const { leadId, date } = activity
  return [{ kind: 'delete', id: leadId, at: date, isActivity: true }]
}

/**
 * Whether the activities had every deletion that the list of deleted leads
 * had, which no document promises; null where there was none to compare.
 */
export function hasDeletions(lines: readonly ChangeLine[]): boolean | null {
  const deletes = lines.filter((line) => line.kind === 'delete')
  const listed = deletes.filter(({ isActivity }) => isActivity !== true)
  const seen = new Set(
    deletes.filter(({ isActivity }) => isActivity).map(({ id }) => id),
  )
  return listed.length === 0 ? null : listed.every(({ id }) => seen.has(id))
}

/** The attribute `Merge IDs` lists the leads that went, as `[1,2]`. */
function mergesOf({ leadId, date, attributes }: Activity): ChangeLine[] {
  const losers = String(attributes['Merge IDs'] ?? '').match(/\d+/g) ?? []
  return losers
    .filter((loser) => loser !== leadId)
    .map((loser) => ({ kind: 'merge', loser, winner: leadId, at: date }))
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

/** One way to get the leads, and what it costs of Marketo's day. */
export interface Offer {
  /** `export`: bulk export jobs. `read`: known leads by id, 300 a call. */
  readonly route: 'export' | 'read'
  readonly calls: number
  /** Bytes of export files, which are what the daily volume counts. */
  readonly bytes: number
}

export interface Route {
  readonly chosen: Offer['route']
  /** All that were priced, the chosen one first. */
  readonly offers: readonly Offer[]
}

export interface RouteFacts {
  /** Leads whose ids are known. */
  readonly known: number
  /** Leads that an export is expected to hold. */
  readonly exported: number
  /** Bytes of an exported lead, as measured. */
  readonly bytesPerLead: number
  /** Seconds that the windows of an export cover together. */
  readonly seconds: number
  /** Seconds since the extract before: new leads have no known id. */
  readonly sinceBase: number
}

export interface Left {
  /** Calls that today may still have. */
  readonly calls: number
  /** Bytes that may still be exported today. */
  readonly bytes: number
}

const idsPerCall = 300
/** Create, enqueue, two looks at the status, file. */
const callsPerJob = 5
const longestWindow = 31 * 86_400

/** What both ways would cost. Reading needs a window for new leads, too. */
export function offersFor(facts: RouteFacts): readonly Offer[] {
  const { known, exported, bytesPerLead, seconds, sinceBase } = facts
  return [
    {
      route: 'export',
      calls: jobs(seconds) * callsPerJob,
      bytes: Math.ceil(exported * bytesPerLead),
    },
    {
      route: 'read',
      calls: Math.ceil(known / idsPerCall) + jobs(sinceBase) * callsPerJob,
      bytes: 0,
    },
  ]
}

export interface ListFacts {
  readonly lists: number
  /** Members of all of them together, as last counted. */
  readonly members: number
  /** Bytes of an exported lead, as measured. */
  readonly bytesPerLead: number
}

/** A line of an export of ids. */
const idBytes = 11

/** Reading needs the ids of today's members, which are exported. */
export function listOffersFor({
  lists,
  members,
  bytesPerLead,
}: ListFacts): readonly Offer[] {
  const calls = lists * callsPerJob
  return [
    { route: 'export', calls, bytes: Math.ceil(members * bytesPerLead) },
    {
      route: 'read',
      calls: calls + Math.ceil(members / idsPerCall),
      bytes: members * idBytes,
    },
  ]
}

function jobs(seconds: number): number {
  return Math.max(1, Math.ceil(seconds / longestWindow))
}

/**
 * The offer that takes the smaller share of the scarcer of today's two
 * budgets; one that fits today always beats one that does not.
 */
export function choose(offers: readonly Offer[], left: Left): Route {
  const ordered = offers.toSorted((a, b) => share(a, left) - share(b, left))
  return { chosen: ordered[0]?.route ?? 'export', offers: ordered }
}

function share({ calls, bytes }: Offer, left: Left): number {
  const ofCalls = calls / Math.max(1, left.calls)
  return Math.max(ofCalls, bytes / Math.max(1, left.bytes))
}

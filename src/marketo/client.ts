import type { Clock } from '../clock.js'
import { activities, deletedLeads, pagingToken } from './activity.js'
import type { CallRecord, Marketo, Usage } from './api.js'
import { mergeLeads, updateLeads } from './change.js'
import { createLeads } from './create.js'
import { download } from './download.js'
import {
  cancelExport,
  createExport,
  enqueueExport,
  exportJob,
  exportJobs,
} from './export.js'
import { fieldDetails } from './field.js'
import { importJob, importNotes, submitImport } from './import.js'
import { leads, partitions, schema } from './lead.js'
import { listFolder, lists } from './list.js'
import { joinList, leadsByEmail, listsOf, membersAmong } from './membership.js'
import { joinProgram, programsOf, statusesIn } from './program.js'
import { parseOrigin } from './origin.js'
import { Session } from './session.js'
import { usageCall } from './usage.js'
import type { Carrier } from './wire.js'

export interface ConnectOptions {
  /** `https://123-ABC-456.mktorest.com`, or a sandbox on loopback. */
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly budget: {
    readonly callsPerDay: number
    readonly callsPer20s: number
    readonly concurrency: number
  }
  /** How many times faster than ours Marketo's clock runs. */
  readonly timeScale: number
  readonly clock: Clock
  readonly random: () => number
  /** Told of every HTTP call, also of those for tokens. */
  readonly onCall: (call: CallRecord) => void
  /** Ends waiting and reads; a write under way is waited for. */
  readonly signal?: AbortSignal | undefined
  /** Counted calls of earlier runs since `quotaDayStart`. */
  readonly initialCalls?: number
  /** Those that may be in Marketo's window of 20 s still. */
  readonly recentCalls?: number
  /** Calls of the subscription a day; 50,000 where no contract says else. */
  readonly subscriptionCalls?: number
  /** Share of the calls left by others that may be used, 0 to 1. */
  readonly share?: number
  /** Least real milliseconds of a timeout, so that a busy machine has time. */
  readonly timeoutFloor?: number
  /** Carries the calls instead of the network. */
  readonly wire?: Carrier
}

/** Calls of a subscription a day (Adobe docs, limits). */
const usualCalls = 50_000

/**
 * A client for one Marketo. Nothing is sent before the first call. Throws
 * badInput where the endpoint cannot be one.
 */
export function connect(options: ConnectOptions): Marketo {
  const session = open(options)
  return {
    ...about(session),
    ...leadCalls(session),
    ...exportCalls(session),
    get calls() {
      return session.gate.quota.calls
    },
    get callsLeft() {
      const { budget, today } = session.gate.quota
      return Math.max(0, budget - today)
    },
  }
}

function open(options: ConnectOptions): Session {
  const { budget, timeScale, clock, random, onCall } = options
  const { callsPerDay, callsPer20s, concurrency } = budget
  return new Session({
    origin: parseOrigin(options.endpoint, timeScale),
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    callsPer20s,
    concurrency,
    recentCalls: options.recentCalls,
    quota: {
      callsPerDay,
      subscriptionCalls:
        options.subscriptionCalls ?? Math.max(usualCalls, callsPerDay),
      share: options.share ?? 0.5,
      initialCalls: options.initialCalls ?? 0,
    },
    timeScale,
    timeoutFloor: options.timeoutFloor ?? 10_000,
    clock,
    random,
    onCall,
    signal: options.signal,
    wire: options.wire,
  })
}

function about(session: Session) {
  const { origin, clock } = session.options
  return {
    instance: origin.instance,
    clock,
    serverNow: () => session.server.now(),
    usage: () => usage(session),
  }
}

async function usage(session: Session): Promise<Usage> {
  const { quota } = session.gate
  const total = await session.call(usageCall)
  quota.read(total)
  return {
    today: total ?? quota.today,
    own: quota.calls,
    budget: quota.budget,
    resetsAt: new Date(quota.resetsAt).toISOString(),
  }
}

function leadCalls(session: Session) {
  return {
    schema: () => schema(session),
    fieldDetails: () => fieldDetails(session),
    leads: (ids, fields) => leads(session, ids, fields),
    partitions: () => partitions(session),
    lists: (kind, nameOrId) => lists(session, kind, nameOrId),
    listFolder: (kind, id) => listFolder(session, kind, id),
    updateLeads: (records, options) => updateLeads(session, records, options),
    createLeads: (creation) => createLeads(session, creation),
    leadsByEmail: (emails, fields) => leadsByEmail(session, emails, fields),
    listsOf: (lead) => listsOf(session, lead),
    membersAmong: (list, ids) => membersAmong(session, list, ids),
    joinList: (list, ids, options) => joinList(session, list, ids, options),
    programsOf: (lead) => programsOf(session, lead),
    statusesIn: (program, ids) => statusesIn(session, program, ids),
    joinProgram: (to, ids, options) => joinProgram(session, to, ids, options),
    mergeLeads: (winner, losers, options) =>
      mergeLeads(session, winner, losers, options),
    submitImport: (file) => submitImport(session, file),
    importJob: (batchId) => importJob(session, batchId),
    importNotes: (batchId, kind) => importNotes(session, batchId, kind),
    pagingToken: (since) => pagingToken(session, since),
    activities: (token, typeIds) => activities(session, token, typeIds),
    deletedLeads: (token) => deletedLeads(session, token),
  } satisfies Partial<Marketo>
}

function exportCalls(session: Session) {
  return {
    createExport: (request) => createExport(session, request),
    enqueueExport: (exportId) => enqueueExport(session, exportId),
    exportJob: (exportId) => exportJob(session, exportId),
    exportJobs: () => exportJobs(session),
    cancelExport: (exportId) => cancelExport(session, exportId),
    downloadExport: (exportId, from) => download(session, exportId, from),
  } satisfies Partial<Marketo>
}

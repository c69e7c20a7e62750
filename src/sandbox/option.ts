import type { Clock } from '../clock.js'
import type { Exchange } from './exchange.js'
import type { Fault } from './fault.js'
import type { OtherUse } from './others.js'
import type { FieldDefinition } from './schema.js'
import type { VirtualOptions } from './virtual-base.js'

/** Limits of the subscription; defaults are the documented ones. */
export interface Limits {
  /** Calls in a sliding window of 20 s, then 606. */
  readonly callsPer20s: number
  /** Open calls, then 615. */
  readonly concurrency: number
  /** Calls per US Central day, then 607. */
  readonly callsPerDay: number
  /** Bytes of finished export files per US Central day, then 1029. */
  readonly exportBytesPerDay: number
  readonly exportsProcessing: number
  /** Queued and processing together, then 1029. */
  readonly exportsQueued: number
  readonly importsRunning: number
  /** Queued and running together, then 1016. */
  readonly importsQueued: number
  /** Records, ids or filter values in a call, then 1003. */
  readonly batch: number
  /** Matches of a filter, then 1003. */
  readonly filterMatches: number
  /** Losers in a merge, then 1080. */
  readonly mergeLosers: number
  /** Bytes of a body, then HTTP 413. */
  readonly bodyBytes: number
  /** The same for an import with its file. */
  readonly importBytes: number
  /** Bytes of a request target, then HTTP 414. */
  readonly uriBytes: number
  /** Days that an export's date filter may span, then 1003. */
  readonly exportDays: number
  /** Share (0 to 1) of rate, slots, calls and bytes that others use. */
  readonly noise: number
}

/** Questions that Marketo's documentation leaves open, as switches. */
export interface Behaviour {
  /** Empty fields of a merge come from the first loser, or any in order. */
  readonly fillFrom: 'first' | 'firstNonEmpty'
  /** Since March 2026 false is a value; before, any true won. */
  readonly booleanRule: '2026-03' | 'legacy'
  readonly leadScore: 'keep' | 'sum'
  /** Salesforce is connected, so `mergeInCRM` means something. */
  readonly crm: boolean
  /** Seconds until a loser with a live CRM record of its own comes back as a new lead; null: never. */
  readonly crmResyncSeconds: number | null
  /** Losers of merges are listed by deletedleads.json. */
  readonly losersInDeletedLeads: boolean
  /** Days that deletedleads.json remembers. */
  readonly deletedLeadDays: number
  /** The `updatedAt` filter works; otherwise 1035. */
  readonly updatedAtFilter: boolean
  /** Smart-list filters work; otherwise 1035. */
  readonly smartListFilter: boolean
  /** Fields without a value in an answer. */
  readonly nullFields: 'present' | 'omitted' | 'random'
  /** A skipped record of a sync call names its id. */
  readonly skippedIds: boolean
  readonly unknownField: 'skip' | 'ignore'
  readonly readOnlyField: 'skip' | 'ignore'
  readonly tooLong: 'skip' | 'truncate'
  readonly unknownLead: 'error' | 'empty'
  readonly duplicateLosers: 'once' | 'error'
  readonly cancelledSpelling: 'Cancelled' | 'Canceled'
  /** A real text `null` in an export is quoted. */
  readonly quoteNullText: boolean
  /** An export without rows is the header, nothing, or no file. */
  readonly emptyExport: 'header' | 'empty' | 'missing'
  readonly missingToken: '603' | '600'
  readonly queryToken: 'refuse' | 'accept'
  readonly exportFileDays: number
  readonly exportJobDays: number
  /** Writes of company fields change the lead, or are refused by 1021. */
  readonly companyField: 'apply' | 'refuse'
  /** Activities looked at for one page, which so may be short or empty. */
  readonly activityScan: number
  /** Hours after which a paging token of activities is refused. */
  readonly pagingTokenHours: number | null
  /** An empty cell of an import leaves the field alone, or empties it. */
  readonly importBlank: 'keep' | 'clear'
  /** The bare word null in an import is a text, or empties the field. */
  readonly importNull: 'text' | 'clear'
  /** A column that is no field: the import fails, or does without. */
  readonly importUnknownColumn: 'fail' | 'ignore'
  /** Failed rows without a lookup value are echoed without that column. */
  readonly importMisaligned: boolean
  readonly importDays: number
  /** Bulk calls count toward the daily limit. */
  readonly bulkCounts: boolean
}

/** Virtual milliseconds. */
export interface Timing {
  readonly mergeLatency: readonly [number, number]
  readonly syncLatency: readonly [number, number]
  readonly readLatency: readonly [number, number]
  /** Fixed part of processing an export job. */
  readonly jobBase: number
  readonly jobPer5000Rows: number
  /** The fixed part varies exponentially around its mean. */
  readonly jobVaries: boolean
  /** Queue pick-up after an enqueue with a free slot. */
  readonly jobPickup: number
  /** Fixed part of an import, and more for its rows. */
  readonly importBase: number
  readonly importPer1000Rows: number
  readonly importPickup: number
  /** The status of a job is refreshed this often. */
  readonly statusRefresh: number
  readonly tokenLife: number
}

export interface ClientOption {
  readonly id: string
  readonly secret: string
  readonly user: string
  /** Permissions such as `Read-Write Lead`; left out: all. */
  readonly permissions?: readonly string[]
}

export interface SmartListOption {
  readonly id: number
  readonly name: string
  readonly field: string
  readonly equals: string | number | boolean | null
  readonly folder?: number
}

/** A static list beside the four that every world has. */
export interface StaticListOption {
  readonly id: number
  readonly name: string
  readonly folder?: number
  readonly program?: string
  /** Share of the leads that are in it, 0 to 1. */
  readonly share?: number
  /** Ids of leads that are in it. */
  readonly leads?: readonly string[]
}

/** A program beside the one that every world has. */
export interface ProgramOption {
  readonly id: number
  readonly name: string
  /** From the first step to the last. */
  readonly statuses: readonly string[]
  readonly success?: readonly string[]
  /** Share of the leads that are in it, 0 to 1, at any of its steps. */
  readonly share?: number
  /** Status by lead. */
  readonly members?: Readonly<Record<string, string>>
}

export interface FolderOption {
  readonly id: number
  readonly name: string
  /** Left out: the folder of all lists, 13. */
  readonly parent?: number | null
  readonly type?: 'Folder' | 'Program'
}

export type LeadSource =
  | {
      readonly kind: 'generated'
      readonly count: number
      readonly seed: number
      /** Latest createdAt, milliseconds; left out: the sandbox's start. */
      readonly until?: number
      /** Also values with NUL, bare CR and escapes. */
      readonly dirt?: boolean
    }
  | { readonly kind: 'file'; readonly path: string }
  /** Computed from their ids as they are asked for; any number of them. */
  | ({ readonly kind: 'virtual' } & VirtualOptions)

export interface SandboxOptions {
  readonly leads: LeadSource
  readonly port?: number
  readonly seed?: number
  /** The sandbox's clock runs this many times faster than the machine's. */
  readonly timeScale?: number
  /** File that keeps the world between starts. */
  readonly state?: string
  /** Taken instead of a scaled clock; for tests. */
  readonly clock?: Clock
  readonly faults?: readonly Fault[]
  /** What other integrations use of the shared limits. */
  readonly others?: OtherUse
  /** Milliseconds by which the server's clock is ahead of the given one. */
  readonly skew?: number
  /** Told of every call after its answer. */
  readonly onExchange?: (exchange: Exchange) => void
  readonly limits?: Partial<Limits>
  readonly behaviour?: Partial<Behaviour>
  readonly timing?: Partial<Timing>
  readonly clients?: readonly ClientOption[]
  readonly smartLists?: readonly SmartListOption[]
  readonly staticLists?: readonly StaticListOption[]
  readonly folders?: readonly FolderOption[]
  readonly programs?: readonly ProgramOption[]
  readonly fields?: readonly FieldDefinition[]
}

export const defaultLimits: Limits = {
  callsPer20s: 100,
  concurrency: 10,
  callsPerDay: 50_000,
  exportBytesPerDay: 500_000_000,
  exportsProcessing: 2,
  exportsQueued: 10,
  importsRunning: 2,
  importsQueued: 10,
  batch: 300,
  filterMatches: 1000,
  mergeLosers: 25,
  bodyBytes: 1_000_000,
  importBytes: 10_000_000,
  uriBytes: 8192,
  exportDays: 31,
  noise: 0,
}

export const defaultBehaviour: Behaviour = {
  fillFrom: 'first',
  booleanRule: '2026-03',
  leadScore: 'keep',
  crm: true,
  crmResyncSeconds: null,
  losersInDeletedLeads: false,
  deletedLeadDays: 14,
  updatedAtFilter: true,
  smartListFilter: true,
  nullFields: 'random',
  skippedIds: false,
  unknownField: 'skip',
  readOnlyField: 'skip',
  tooLong: 'skip',
  unknownLead: 'error',
  duplicateLosers: 'once',
  cancelledSpelling: 'Cancelled',
  quoteNullText: false,
  emptyExport: 'header',
  missingToken: '603',
  queryToken: 'refuse',
  exportFileDays: 7,
  exportJobDays: 30,
  companyField: 'apply',
  activityScan: 5000,
  pagingTokenHours: 24,
  importBlank: 'keep',
  importNull: 'text',
  importUnknownColumn: 'fail',
  importMisaligned: true,
  importDays: 7,
  bulkCounts: true,
}

export const defaultTiming: Timing = {
  mergeLatency: [500, 2000],
  syncLatency: [0, 0],
  readLatency: [0, 0],
  jobBase: 90_000,
  jobPer5000Rows: 1000,
  jobVaries: false,
  jobPickup: 2000,
  importBase: 20_000,
  importPer1000Rows: 1000,
  importPickup: 2000,
  statusRefresh: 60_000,
  tokenLife: 3_600_000,
}

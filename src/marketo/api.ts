/**
 * What the rest of the product may ask of Marketo. Ids are decimal strings,
 * because they may not fit a double. Times are ISO 8601 in UTC.
 */
import type { Readable } from 'node:stream'
import type { Clock } from '../clock.js'

/** JSON value of a lead field; absent in an answer means null. */
export type FieldValue = string | number | boolean | null

export type LeadRecord = Readonly<Record<string, FieldValue>>

/** One field of describe2. */
export interface LeadField {
  readonly name: string
  readonly displayName: string
  readonly dataType: string
  /** Characters, for text-like types; null where Marketo names none. */
  readonly length: number | null
  readonly updateable: boolean
  readonly crmManaged: boolean
}

/** What other endpoints say of a field; null where they say nothing. */
export interface FieldDetail {
  /** Stays when the field is renamed. */
  readonly id: string | null
  readonly isHidden: boolean | null
  readonly isSensitive: boolean | null
}

export interface LeadSchema {
  readonly fields: readonly LeadField[]
  readonly searchable: readonly string[]
}

/** Outcome of one record of a sync call, matched to its input by key. */
export type SyncOutcome =
  | { readonly id: string; readonly status: 'updated' }
  | {
      readonly id: string
      readonly status: 'skipped'
      readonly code: string
      readonly message: string
    }
  /** Marketo's answer does not name this record. */
  | { readonly id: string; readonly status: 'missing' }

/** Outcome of one new lead, in the order of the input. */
export type CreateOutcome =
  | { readonly status: 'created'; readonly id: string }
  | {
      readonly status: 'skipped'
      readonly code: string
      readonly message: string
    }
  /** Marketo's answer does not tell what became of it. */
  | { readonly status: 'missing' }

export type JoinOutcome =
  | { readonly id: string; readonly status: 'added' | 'missing' }
  | { readonly id: string; readonly status: 'skipped'; readonly code: string }

/** A lead in a program, and how far it came there. */
export interface ProgramStatus {
  readonly program: string
  readonly status: string
}

export type ExportState =
  | 'created'
  | 'queued'
  | 'processing'
  | 'completed'
  | 'failed'
  | 'cancelled'

export interface ExportJob {
  readonly exportId: string
  readonly state: ExportState
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** The next three are null unless completed. Rows without the header. */
  readonly rows: number | null
  readonly bytes: number | null
  /** 64 hex digits, or null where Marketo gives none or another algorithm. */
  readonly sha256: string | null
  readonly error: string | null
}

export type ExportFilter =
  | {
      readonly kind: 'createdAt' | 'updatedAt'
      readonly startAt: string
      /** Inclusive, as Marketo has it. */
      readonly endAt: string
    }
  | { readonly kind: 'staticList' | 'smartList'; readonly listId: string }

export type ListKind = 'static' | 'smart'

export interface MarketoList {
  readonly id: string
  readonly name: string
}

export interface Activity {
  readonly guid: string
  readonly leadId: string
  readonly date: string
  readonly typeId: number
  readonly primaryValue: string | null
  readonly attributes: Readonly<Record<string, FieldValue>>
}

export interface ActivityPage {
  readonly activities: readonly Activity[]
  readonly nextPageToken: string
  readonly more: boolean
}

export type ImportState = 'queued' | 'importing' | 'complete' | 'failed'

/** One bulk import; the counts are null where Marketo does not say. */
export interface ImportJob {
  readonly batchId: string
  readonly state: ImportState
  /** Rows that went well so far. */
  readonly imported: number | null
  readonly failed: number | null
  readonly warned: number | null
}

/** One HTTP call, for the run record; never holds a value of a lead. */
export interface CallRecord {
  /** Endpoint template, for example `leads/{id}/merge`. */
  readonly endpoint: string
  readonly method: string
  readonly at: string
  readonly milliseconds: number
  readonly http: number | null
  /** Marketo's error code, or null. */
  readonly code: string | null
  readonly requestId: string | null
  readonly outcome: Outcome
  /** Whether it counts toward the daily quota. */
  readonly counted: boolean
}

/**
 * What is known of a call afterwards (`ok`, or why not): `not_sent`, no byte
 * left us; `rejected`, Marketo says it was not executed; `row_failed`, this
 * operation was refused for good; `ambiguous`, anything else.
 */
export type Outcome =
  | 'ok'
  | 'not_sent'
  | 'rejected'
  | 'row_failed'
  | 'ambiguous'

export interface Usage {
  /** Calls of the whole subscription today, by Marketo's count. */
  readonly today: number
  /** Calls that this client counted since it started. */
  readonly own: number
  /** Calls that this client may make today. */
  readonly budget: number
  /** When the daily quota resets. */
  readonly resetsAt: string
}

export interface Marketo {
  /** Munchkin id, or the host and port of a sandbox. */
  readonly instance: string
  readonly clock: Clock
  /** Marketo's own time, from its `Date` headers, in milliseconds. */
  serverNow(): number
  usage(): Promise<Usage>
  /** Calls counted toward the quota by this client so far. */
  readonly calls: number
  /** Calls that this client may still make today, as far as it knows. */
  readonly callsLeft: number

  schema(): Promise<LeadSchema>
  /** By API name; nothing where the API user may not ask. */
  fieldDetails(): Promise<ReadonlyMap<string, FieldDetail>>
  /** Any number of ids; 300 a call. Leads that do not exist are absent. */
  leads(
    ids: readonly string[],
    fields: readonly string[],
  ): Promise<Map<string, LeadRecord>>
  partitions(): Promise<readonly { id: string; name: string }[]>
  /** Lists with exactly this name, or this id. */
  lists(kind: ListKind, nameOrId: string): Promise<readonly MarketoList[]>
  /** Path of the folder or program of a list; null where it is not told. */
  listFolder(kind: ListKind, id: string): Promise<string | null>

  /**
   * One call, at most 300 records, `updateOnly` by id. Sent once: never
   * repeated by the client itself. Throws MarketoError with its outcome.
   * `before` is done when the call has its turn, right before it leaves; where
   * it throws, nothing is sent.
   */
  updateLeads(
    records: readonly { id: string; values: LeadRecord }[],
    options?: { before?: (() => Promise<void>) | undefined },
  ): Promise<readonly SyncOutcome[]>
  /** The same for one merge call. */
  mergeLeads(
    winner: string,
    losers: readonly string[],
    options: {
      mergeInCrm: boolean
      before?: (() => Promise<void>) | undefined
    },
  ): Promise<void>

  /**
   * One call with a CSV of updates by its column `id`, sent once. Marketo
   * answers that it is queued; the rows take effect later. Throws MarketoError
   * with its outcome.
   */
  submitImport(file: {
    text: string
    hidden: Iterable<string>
    before?: (() => Promise<void>) | undefined
  }): Promise<ImportJob>
  importJob(batchId: string): Promise<ImportJob>
  /** CSV of rows that failed, or were warned of, once an import is over. */
  importNotes(batchId: string, kind: 'failures' | 'warnings'): Promise<string>

  /**
   * One call, at most 300 records, sent once. Never writes to a lead that
   * exists. Throws MarketoError with its outcome.
   */
  createLeads(creation: {
    /** `createOnly` is refused where a lead has the email (1005). */
    readonly action: 'createOnly' | 'createDuplicate'
    readonly partition: string | null
    readonly records: readonly LeadRecord[]
    /** Runs when the call has its turn; where it throws, nothing was sent. */
    readonly before: () => Promise<void>
  }): Promise<readonly CreateOutcome[]>
  /** By id; no address may have a comma. */
  leadsByEmail(
    emails: readonly string[],
    fields: readonly string[],
  ): Promise<Map<string, LeadRecord>>
  /** Ids of the static lists that a lead is on. */
  listsOf(lead: string): Promise<readonly string[]>
  /** Programs that a lead is a member of. */
  programsOf(lead: string): Promise<readonly ProgramStatus[]>
  /** Status of these leads in a program, by lead; of its members only. */
  statusesIn(
    program: string,
    leads: readonly string[],
  ): Promise<ReadonlyMap<string, string>>
  /** One call, at most 300 leads, sent once; 1037 is there or further. */
  joinProgram(
    to: ProgramStatus,
    leads: readonly string[],
    options: { readonly before: () => Promise<void> },
  ): Promise<readonly JoinOutcome[]>
  /** Which of these leads are on a static list. */
  membersAmong(
    list: string,
    leads: readonly string[],
  ): Promise<ReadonlySet<string>>
  /** One call, at most 300 leads, sent once; a member may join again. */
  joinList(
    list: string,
    leads: readonly string[],
    options: { readonly before: () => Promise<void> },
  ): Promise<readonly JoinOutcome[]>

  createExport(request: {
    fields: readonly string[]
    filter: ExportFilter
  }): Promise<ExportJob>
  enqueueExport(exportId: string): Promise<ExportJob>
  exportJob(exportId: string): Promise<ExportJob>
  /** Own jobs of the last 7 days. */
  exportJobs(): Promise<readonly ExportJob[]>
  cancelExport(exportId: string): Promise<void>
  /**
   * Streams a finished file from a byte on. `total` is the whole file's size.
   * `from` in the answer is 0 where the server ignored the range.
   */
  downloadExport(
    exportId: string,
    from: number,
  ): Promise<{ from: number; total: number | null; body: Readable }>

  pagingToken(since: string): Promise<string>
  activities(token: string, typeIds: readonly number[]): Promise<ActivityPage>
  deletedLeads(token: string): Promise<ActivityPage>
}

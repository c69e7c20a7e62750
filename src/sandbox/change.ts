import type { ExportRecord } from './export-job.js'
import type { ImportRecord } from './import-job.js'
import type { Field } from './schema.js'
import type { Value, Values } from './value.js'

/** One lead as it is; replaced, never changed, so a snapshot stays true. */
export interface Lead {
  /** Digits; may exceed what a double holds. */
  readonly id: string
  readonly createdAt: number
  /** Latest change of a standard field: the visible `updatedAt`. */
  readonly updatedAt: number
  /** Latest change of any field: what the `updatedAt` filter compares. */
  readonly fieldUpdatedAt: number
  readonly partition: number
  /** Fields that are not empty, without the ones above. */
  readonly values: Values
}

export interface Activity {
  readonly n: number
  readonly type: number
  readonly lead: string
  readonly at: number
  readonly primaryId?: string
  readonly primary?: string
  readonly attributes?: Readonly<Record<string, Value>>
}

/** What became of an id that no longer exists. */
export interface Gone {
  readonly id: string
  readonly at: number
  /** Survivor of the merge, or null when the lead was deleted. */
  readonly into: string | null
}

export interface Merge {
  /** The winner that the call named. */
  readonly named: string
  /** The record that survived; differs where CRM rank overruled. */
  readonly survivor: string
  /** Records that are gone. */
  readonly losers: readonly string[]
  readonly at: number
  readonly inCrm: boolean
}

export interface StaticListInfo {
  readonly id: number
  readonly name: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly description?: string
  /** Where it lies; left out: where lists lie by default. */
  readonly folder?: number
  readonly program?: string
}

export interface SmartListInfo extends StaticListInfo {
  /** Members are the leads whose field equals this. */
  readonly field: string
  readonly equals: Value
}

export interface ProgramInfo {
  readonly id: number
  readonly name: string
  /** Names of its statuses; members go from the first to the last. */
  readonly statuses: readonly string[]
  /** Statuses that are a success. */
  readonly success?: readonly string[]
  readonly createdAt: number
}

/** Names of folders and lists are unique only within one folder. */
export interface FolderInfo {
  readonly id: number
  readonly name: string
  readonly parent: number | null
  readonly type: 'Folder' | 'Program'
  readonly createdAt: number
}

/** One API call that counts or failed, for the usage statistics. */
export interface CallCount {
  readonly at: number
  readonly user: string
  readonly counted: boolean
  readonly code: string | null
}

/** One write call and what it did, for tests that compare. */
export interface WriteCall {
  readonly n: number
  readonly at: number
  readonly endpoint: string
  readonly user: string
  readonly request: Readonly<Record<string, unknown>>
  /** Whether the world changed by this call. */
  readonly applied: boolean
  readonly appliedAt: number | null
  readonly code: string | null
  readonly fault: string | null
  readonly records?: readonly Readonly<Record<string, unknown>>[]
}

/** The only ways in which the world changes; replayed from the state file. */
export type Change =
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'no-field'; readonly name: string }
  | { readonly kind: 'partition'; readonly id: number; readonly name: string }
  | { readonly kind: 'folder'; readonly folder: FolderInfo }
  /** A new list, or another name, folder or description. */
  | { readonly kind: 'list'; readonly list: StaticListInfo }
  | { readonly kind: 'smart-list'; readonly list: SmartListInfo }
  /** A list of either kind is gone. */
  | { readonly kind: 'no-list'; readonly list: number }
  | { readonly kind: 'lead'; readonly lead: Lead }
  | {
      readonly kind: 'set'
      readonly id: string
      readonly values: Values
      readonly at: number
      readonly standard: boolean
    }
  | { readonly kind: 'gone'; readonly gone: Gone }
  | { readonly kind: 'merge'; readonly merge: Merge }
  | {
      readonly kind: 'join'
      readonly list: number
      readonly lead: string
      readonly at: number
    }
  | { readonly kind: 'leave'; readonly list: number; readonly lead: string }
  | { readonly kind: 'program'; readonly program: ProgramInfo }
  /** A new member of a program, or another status of one. */
  | {
      readonly kind: 'member'
      readonly program: number
      readonly lead: string
      readonly status: string
      readonly at: number
      /** When it became one; left out: at the same time, or long ago. */
      readonly since?: number
    }
  | { readonly kind: 'activity'; readonly activity: Activity }
  | { readonly kind: 'job'; readonly job: ExportRecord }
  | { readonly kind: 'import'; readonly job: ImportRecord }
  | { readonly kind: 'call'; readonly call: CallCount }
  | { readonly kind: 'usage'; readonly day: string; readonly usage: DayUsage }
  | { readonly kind: 'write'; readonly write: WriteCall }
  | { readonly kind: 'time'; readonly at: number }

export interface DayUsage {
  readonly users: Readonly<Record<string, number>>
  readonly errors: Readonly<Record<string, number>>
}

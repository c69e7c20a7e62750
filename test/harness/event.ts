/** What happened in a schedule, in order: all that the oracle looks at. */
import type { Lead, Merge, Write } from './marketo.js'

export type Operation =
  | { readonly kind: 'merge'; readonly merge: Merge; readonly inCrm: boolean }
  | {
      readonly kind: 'update'
      readonly input: readonly Lead[]
      /** Can neither create a lead nor pick one by anything but its id. */
      readonly isSafe: boolean
    }
  | {
      readonly kind: 'import'
      readonly input: readonly Lead[]
      readonly isSafe: boolean
      readonly file: string
    }
  | { readonly kind: 'import_job'; readonly batch: number }
  | {
      readonly kind: 'import_notes'
      readonly batch: number
      readonly of: 'failures' | 'warnings'
    }
  | {
      readonly kind: 'read'
      readonly ids: readonly string[]
      readonly fields: readonly string[]
    }
  | { readonly kind: 'identity' | 'usage' | 'schema' | 'other' }

/** What an answer that reached a living process says of a write. */
export type Proof = 'done' | 'not_done' | 'none'

interface At {
  /** Virtual milliseconds. */
  readonly t: number
}

export type Event = At &
  (
    | { readonly type: 'start'; readonly process: number }
    | {
        readonly type: 'end'
        readonly process: number
        /** `done`, `crash`, `asleep`, or the code of an error. */
        readonly how: string
        readonly exit: number | null
      }
    | {
        readonly type: 'send'
        readonly process: number
        readonly n: number
        readonly operation: Operation
      }
    | { readonly type: 'arrive'; readonly n: number; readonly counted: boolean }
    | {
        readonly type: 'effect'
        readonly n: number
        readonly merge: Merge | null
        readonly writes: readonly Write[]
      }
    | {
        readonly type: 'answer'
        readonly n: number
        readonly process: number
        readonly proof: Proof
        /** Of an update: what it says of each lead. */
        readonly byLead: ReadonlyMap<string, Proof>
        /** Of a reading: what is there. */
        readonly leads: ReadonlyMap<string, Lead> | null
        /** The request whose import it calls over. */
        readonly over: number | null
      }
    /** An import will not write these leads; its file says so of them. */
    | {
        readonly type: 'refuse' | 'told'
        readonly n: number
        readonly ids: readonly string[]
      }
    | {
        readonly type: 'edit'
        readonly id: string
        /** Null: the lead is deleted. */
        readonly field: string | null
      }
    | {
        readonly type: 'line'
        readonly file: string
        readonly text: string
        readonly durable: boolean
      }
    | { readonly type: 'lost'; readonly what: 'all' | 'journal' | 'older' }
  )

export type EventOf<Type extends Event['type']> = Extract<
  Event,
  { readonly type: Type }
>

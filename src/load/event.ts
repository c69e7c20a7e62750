import type { Outcome } from '../marketo/api.js'
import type { FinalStatus, PlanRow } from './plan.js'

export type SendKind =
  | 'prewrite'
  | 'merge'
  | 'update'
  | 'import'
  | 'create'
  | 'join'

/** What apply tells while it works; never a lead's value. */
export type ApplyEvent =
  | {
      readonly type: 'batch'
      readonly kind: PlanRow['kind']
      readonly rows: number
      readonly leads: number
    }
  | {
      readonly type: 'row'
      readonly row: string
      readonly status: FinalStatus
      readonly reason: string
    }
  | {
      readonly type: 'attempt'
      readonly attempt: string
      readonly kind: SendKind
      readonly rows: number
      readonly outcome: Outcome
      readonly code: string | null
      /** Milliseconds between reading the precondition and sending. */
      readonly age: number
    }
  | {
      readonly type: 'difference'
      readonly row: string
      readonly lead: string
      readonly field: string
      /** An opt-out would be lost, or a decided value is not as planned. */
      readonly alarm: boolean
    }
  /** CRM-linked leads wait, so that the CRM sync can follow. */
  | {
      readonly type: 'pace'
      readonly records: number
      readonly seconds: number
    }
  /** An import is over; the counts are Marketo's own. */
  | {
      readonly type: 'import'
      readonly batch: string
      readonly rows: number
      readonly failed: number | null
      readonly warned: number | null
      /** Lines of failures that fit no row. */
      readonly unmatched: number
    }
  | {
      readonly type: 'quarantine'
      readonly rows: number
      readonly seconds: number
    }
  | {
      readonly type: 'wait'
      readonly code: string | null
      readonly seconds: number
    }

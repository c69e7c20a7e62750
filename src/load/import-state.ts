import type { UpdateRow } from './plan.js'

/** An import that Marketo has taken. */
export interface Importing {
  readonly batchId: string
  readonly rows: readonly UpdateRow[]
  /** Monotonic times: when we began to ask, and when we ask next. */
  readonly since: number
  nextAt: number
  polls: number
}

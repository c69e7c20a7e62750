import type { Route } from './route.js'
import type { ExtractKind, TaskState } from './state.js'

/** What an extract tells while it works; never a lead's value. */
export type ExtractEvent =
  | {
      readonly type: 'started' | 'resumed'
      readonly extract: string
      /** The cut line, ISO 8601. */
      readonly asOf: string
      readonly fields: number
      readonly kind: ExtractKind
      /** Why it is of this kind, in words. */
      readonly why: string
    }
  /** How the leads will come, and what was priced. */
  | ({ readonly type: 'route' } & Route)
  | {
      readonly type: 'abandoned'
      readonly extract: string
      readonly jobs: number
    }
  /** A task came into a state, and the state is durable. */
  | {
      readonly type: 'task'
      readonly key: string
      readonly state: TaskState
      readonly exportId: string | null
      /** createdAt, updatedAt, staticList, smartList or file. */
      readonly filter: string
      /** ISO 8601; null for a list. */
      readonly from: string | null
      readonly to: string | null
      readonly rows: number | null
      readonly bytes: number | null
      readonly rejects: number
      /** Share of the range of creation times that is landed, 0 to 1. */
      readonly done: number
    }
  | {
      readonly type: 'download'
      readonly key: string
      readonly exportId: string
      readonly bytes: number
      readonly total: number | null
    }
  | {
      readonly type: 'again'
      readonly key: string
      readonly exportId: string | null
      readonly why:
        | 'failed'
        | 'cancelled'
        | 'vanished'
        | 'stuck'
        | 'file_missing'
        | 'file_differs'
        | 'adopted'
    }
  | {
      readonly type: 'wait'
      readonly key: string
      readonly why: 'queue' | 'file' | 'answer'
      readonly seconds: number
    }
  /** Marketo gave no checksum, so only size and row count agreed. */
  | { readonly type: 'unverified'; readonly key: string }
  | { readonly type: 'empty_list'; readonly list: string }
  /**
   * A list as the pipeline file calls it: `renamed`, Marketo calls it `now`;
   * `replaced`, the name belongs to another list than before.
   */
  | {
      readonly type: 'list_changed'
      readonly what: 'renamed' | 'replaced'
      readonly kind: 'static' | 'smart'
      readonly list: string
      readonly now: string
      readonly id: string
    }
  /**
   * Deletions before `since` may be unknown, because Marketo forgets them
   * after 14 days; a complete extract makes up for that.
   */
  | { readonly type: 'gap'; readonly since: string }
  | {
      readonly type: 'changes'
      readonly deletes: number
      readonly merges: number
    }
  | {
      readonly type: 'done'
      readonly extract: string
      readonly rows: number
      readonly bytes: number
      readonly jobs: number
      readonly rejects: number
    }

export type Emit = (event: ExtractEvent) => void

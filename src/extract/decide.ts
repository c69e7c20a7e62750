import type { Capability } from './capability.js'
import type { ExtractKind, ExtractState } from './state.js'
import { isoSecond, toSecond } from './window.js'

export interface DecisionFacts {
  readonly isListsOnly: boolean
  /** A person asked for everything anew. */
  readonly fullRefresh: boolean
  readonly instance: string
  readonly fields: readonly string[]
  /** `extract.start` of the pipeline file. */
  readonly start: string | null
  /** The last finished extract; null before the first. */
  readonly last: ExtractState | null
  /** Whether it and all that it builds on are on disk. */
  readonly isSound: boolean
  readonly capability: Capability | null
  /** Marketo's time in milliseconds. */
  readonly now: number
}

export interface Decision {
  readonly kind: Exclude<ExtractKind, 'file'>
  /** In words, for the record. */
  readonly why: string
  /**
   * All leads are needed, and reading the known ones by id would do as well:
   * nothing but new columns, or a refused filter, stands against changes.
   */
  readonly mayRead: boolean
}

const day = 86_400_000
/** A refused filter may be enabled some day; asking costs one call. */
const refusalHolds = 7 * day
/** Read again at each increment: what was changed may be indexed late. */
const overlap = 3600
/** When a file's leads were read is known by the file's age only. */
const fileOverlap = 86_400

/** What to export: everything, or what changed since the last extract. */
export function decide(facts: DecisionFacts): Decision {
  const mayRead = false
  if (facts.isListsOnly)
    return { kind: 'list', why: 'all services have lists', mayRead }
  const { last } = facts
  if (last === null) return { kind: 'full', why: 'the first extract', mayRead }
  const why = obstacle(facts, last)
  if (why !== null) return { kind: 'full', why, mayRead }
  const other = lack(facts, last)
  if (other !== null) return { kind: 'full', why: other, mayRead: true }
  return { kind: 'increment', why: `changes since ${sinceOf(last)}`, mayRead }
}

/** Where an increment's first window starts, ISO 8601. */
export function sinceOf({ kind, updatesUntil }: ExtractState): string {
  const back = kind === 'file' ? fileOverlap : overlap
  return isoSecond(toSecond(updatesUntil) - back)
}

/** Why an increment would not do; null where it does. */
function obstacle(facts: DecisionFacts, last: ExtractState): string | null {
  const { fullRefresh, isSound, start } = facts
  if (fullRefresh) return 'a full refresh was asked for'
  if (last.kind === 'list') return 'only lists were exported before'
  if (last.instance !== facts.instance) return 'another sandbox'
  if (!isSound) return 'the extracts before are no longer on disk'
  const isFile = last.kind === 'file'
  if (!isFile && last.wantedStart !== start) return 'extract.start is another'
  return null
}

/** What changes alone would not bring; null where they do. */
function lack(facts: DecisionFacts, last: ExtractState): string | null {
  const missing = facts.fields.filter((name) => !last.fields.includes(name))
  if (missing.length > 0) return `new columns: ${missing.join(', ')}`
  return isRefused(facts) ? 'Marketo refuses the updatedAt filter (1035)' : null
}

function isRefused({ capability, now }: DecisionFacts): boolean {
  if (capability === null || capability.updatedAt) return false
  return now - Date.parse(capability.at) < refusalHolds
}

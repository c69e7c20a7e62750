/** Leads of rows that nobody could resolve, until a person has looked. */
import { existsSync } from 'node:fs'
import { badInput } from '../error.js'
import { idsOf } from '../load/batch.js'
import { releaseLeads } from '../load/decide.js'
import { readJournal } from '../load/journal.js'
import type { JournalState } from '../load/journal-state.js'
import { journalPlace } from '../load/place.js'
import { openPlan } from '../load/plan-file.js'
import { journals, planPath } from '../load/unfinished.js'
import { lockFolder } from '../warehouse/lock.js'
import type { Folders } from './folder.js'

export interface FrozenRow {
  /** First digits of the plan's hash. */
  readonly plan: string
  readonly row: string
  readonly kind: 'merge' | 'update' | 'create'
  /** The winner first, where it is a merge. */
  readonly leads: readonly string[]
  /** Why it could not be resolved. */
  readonly reason: string
}

/** In the order of plans and rows; a row whose plan is gone is not named. */
export async function frozenRows({ root }: Folders): Promise<FrozenRow[]> {
  const found: FrozenRow[] = []
  for await (const { name, state } of journals(root)) {
    found.push(...(await frozenRowsOf({ root }, name, state)))
  }
  return found
}

/**
 * Leads that a plan froze and nobody released, by the names of the plans;
 * without one whose journal is not here, as where only the warehouse is.
 */
export async function frozenLeadsOf(
  { root }: Pick<Folders, 'root'>,
  plans: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>()
  for (const plan of new Set(plans)) {
    const state = await readJournal(journalPlace(root, plan).journal)
    if (state !== null) found.set(plan, state.frozen)
  }
  return found
}

/** Frozen rows of one plan, as its journal says, in their order. */
export async function frozenRowsOf(
  { root }: Pick<Folders, 'root'>,
  plan: string,
  state: JournalState,
): Promise<FrozenRow[]> {
  if (state.frozen.size === 0) return []
  const path = planPath(root, plan)
  if (!existsSync(path)) return []
  const opened = await openPlan(path)
  const found: FrozenRow[] = []
  try {
    for await (const planned of opened.rows()) {
      const { row, kind } = planned
      const reason = state.unresolved.get(row)
      const leads = idsOf(planned)
      if (reason === undefined) continue
      if (!leads.some((id) => state.frozen.has(id))) continue
      found.push({ plan, row, kind, leads, reason })
    }
  } finally {
    await opened.close()
  }
  return found
}

export interface Release {
  readonly folders: Folders
  /** Ids of leads, each of them in some row. */
  readonly leads: readonly string[]
  readonly who: string
  /** ISO 8601. */
  readonly when: string
}

/**
 * Lets plans touch the leads of these rows again: whoever asks for it has
 * looked at them in Marketo. All leads of a row go together. Throws badInput
 * (exit 3) for a lead that waits for nobody, and `locked` (exit 9) while a run
 * goes on.
 */
export async function releaseFrozen(release: Release): Promise<FrozenRow[]> {
  const { folders, leads, who, when } = release
  const lock = await lockFolder(folders.root)
  try {
    const rows = await frozenRows(folders)
    const wanted = new Set(leads)
    const meant = rows.filter((row) => row.leads.some((id) => wanted.has(id)))
    const known = new Set(meant.flatMap((row) => row.leads))
    const other = leads.find((id) => !known.has(id))
    if (other !== undefined) throw notFrozen(other, rows)
    for (const { plan, leads: ids } of meant) {
      await releaseLeads(planPath(folders.root, plan), ids, who, when)
    }
    return meant
  } finally {
    await lock.release()
  }
}

function notFrozen(lead: string, rows: readonly FrozenRow[]): Error {
  const some = rows.slice(0, 5).flatMap(({ leads: [first] }) => first ?? [])
  const others =
    some.length === 0 ? 'no lead does' : `these do: ${some.join(', ')}`
  return badInput(
    'not_frozen',
    `The lead ${lead} is in no row that waits for a person to look; ${others}. Nothing was released.`,
  )
}

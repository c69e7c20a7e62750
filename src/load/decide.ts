/** What a person decides about a plan, kept in its journal. */
import { basename } from 'node:path'
import { exitCode, PipelineError } from '../error.js'
import { idsOf } from './batch.js'
import { Journal } from './journal.js'
import {
  isDoubtful,
  type JournalEntry,
  type JournalState,
  type StatusCounts,
} from './journal-state.js'
import { journalPlace, folderOfPlan } from './place.js'
import type { PlanRow } from './plan.js'
import { openPlan, planName } from './plan-file.js'

async function withJournal<Result>(
  at: { readonly path: string; readonly folder?: string | undefined },
  work: (
    journal: Journal,
    rows: () => AsyncGenerator<PlanRow>,
  ) => Promise<Result>,
): Promise<Result> {
  const plan = await openPlan(at.path)
  try {
    const folder = at.folder ?? folderOfPlan(at.path)
    const place = journalPlace(folder, planName(plan.header.hash))
    const journal = await Journal.open(place.journal)
    try {
      return await work(journal, () => plan.rows())
    } finally {
      await journal.close()
    }
  } finally {
    await plan.close()
  }
}

/**
 * Lets a plan pass its guardrails. `when` is ISO 8601. `folder` is the private
 * folder of the pipeline, where the plan itself is not under it.
 */
export async function approve(
  path: string,
  who: string,
  when: string,
  folder?: string,
): Promise<void> {
  await withJournal({ path, folder }, async (journal) => {
    await journal.append([{ kind: 'approve', who, when }], true)
  })
}

/**
 * Ends a plan: rows that were not begun are cancelled, rows of which nobody
 * knows whether they took effect are unresolved and freeze their leads.
 */
export async function cancelPlan(
  path: string,
  who: string,
): Promise<StatusCounts> {
  return await withJournal({ path }, async (journal, rows) => {
    const { state } = journal
    if (state.end !== null) return state.counts
    let entries: JournalEntry[] = []
    for await (const row of rows()) {
      if (state.final.has(row.row)) continue
      entries.push(cancelled(row, state, who))
      if (entries.length < 1000) continue
      await journal.append(entries, false)
      entries = []
    }
    await journal.append(entries, false)
    const { counts, differences } = state
    await journal.append([{ kind: 'end', counts, differences }], true)
    return counts
  })
}

function cancelled(
  row: PlanRow,
  state: JournalState,
  who: string,
): JournalEntry {
  const last = state.last(row.row)
  if (
    last === null ||
    last.outcome === 'rejected' ||
    last.outcome === 'not_sent'
  ) {
    return {
      kind: 'status',
      rows: [row.row],
      status: 'cancelled',
      reason: `${who} cancelled the plan`,
    }
  }
  const why = isDoubtful(last.outcome)
    ? 'before it was known whether the last request took effect'
    : 'before it was read back'
  return {
    kind: 'status',
    rows: [row.row],
    status: 'unresolved',
    reason: `${who} cancelled the plan ${why}`,
    frozen: idsOf(row),
  }
}

/** A person has looked at these leads; plans may touch them again. */
export async function releaseLeads(
  path: string,
  leads: readonly string[],
  who: string,
  when: string,
): Promise<void> {
  await withJournal({ path }, async (journal) => {
    await journal.append([{ kind: 'release', leads, who, when }], true)
  })
}

/**
 * Takes rows out of a plan that was not begun: they end as cancelled, and the
 * next plan may hold them again. Whoever calls holds the pipeline's lock.
 * @returns how many rows it took out
 * @throws PipelineError (exit 8) for a plan that was begun
 */
export async function leaveOut(
  path: string,
  rows: readonly string[],
  who: string,
): Promise<number> {
  return await withJournal({ path }, async (journal, planned) => {
    const { state } = journal
    if (state.begun || state.end !== null) throw alreadyBegun(path)
    const wanted = new Set(rows.filter((row) => !state.final.has(row)))
    const known: string[] = []
    for await (const { row } of planned()) {
      if (wanted.has(row)) known.push(row)
    }
    if (known.length === 0) return 0
    const reason = `${who} left it out of this plan`
    const status = 'cancelled'
    await journal.append(
      [{ kind: 'status', rows: known, status, reason }],
      true,
    )
    return known.length
  })
}

function alreadyBegun(path: string): PipelineError {
  return new PipelineError(
    'plan_begun',
    `The plan ${basename(path, '.jsonl')} was begun, so no row can be left out of it any more.`,
    { exit: exitCode.planRefused },
  )
}

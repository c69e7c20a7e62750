/** Merges of the past that could be undone, from plans and journals. */
import { existsSync } from 'node:fs'
import { badInput } from '../error.js'
import type { LeadRecord } from '../marketo/api.js'
import type { Membership } from './membership.js'
import { journalPlace } from './place.js'
import type { FinalStatus, MergeRow, Values } from './plan.js'
import { openPlan } from './plan-file.js'
import { readReadBack } from './read-back.js'
import { readSnapshots, type Snapshot } from './snapshot.js'
import { journals, planPath } from './unfinished.js'

/** Which merges to give back. */
export interface RestoreWish {
  /** A plan row, or the id of a winner or a loser; null: all of a run. */
  readonly merge: string | null
  /** A run, or the first digits of a plan's hash; null: any. */
  readonly run: string | null
}

export interface PastMerge {
  /** First digits of the plan's hash. */
  readonly plan: string
  readonly runs: readonly string[]
  readonly row: MergeRow
  readonly status: FinalStatus
  /** What the leads held before anything was written; by lead. */
  readonly before: ReadonlyMap<string, LeadRecord>
  /** Lists and programs of the leads then; absent where nobody asked. */
  readonly membership: Membership
  /** Fields of the winner as they were read after the merge; null: unread. */
  readonly left: Values | null
}

/** Old lead to the lead that was made for it, of every restore so far. */
export async function restoredLeads(
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const restored = new Map<string, string>()
  for await (const { state } of journals(folder)) {
    for (const { lead, id } of state.created.values()) restored.set(lead, id)
  }
  return restored
}

/**
 * The merges that a person means. Throws badInput (exit 3) where there is
 * none, or where a row or lead stands for several.
 */
export async function findMerges(
  folder: string,
  wish: RestoreWish,
): Promise<PastMerge[]> {
  const found: PastMerge[] = []
  for await (const { name, state } of journals(folder)) {
    if (!isMeant(name, state.runs, wish.run)) continue
    const path = planPath(folder, name)
    if (!existsSync(path)) continue
    const rows = await mergedRows(path, wish.merge, (row) =>
      mayBeMerged(state.final.get(row)),
    )
    const runs = [...state.runs]
    found.push(...(await withWitnesses(folder, { name, runs, rows, state })))
  }
  if (found.length === 0) throw nothing(wish)
  if (wish.merge === null) return found
  const done = found.filter(({ status }) => status === 'done')
  const meant = done.length === 0 ? found : done
  if (meant.length > 1) throw several(wish.merge, meant)
  return meant
}

function isMeant(
  plan: string,
  runs: ReadonlySet<string>,
  run: string | null,
): boolean {
  return run === null || runs.has(run) || plan === run.slice(0, plan.length)
}

/**
 * A row that Marketo refused may have merged some of its leads before. One
 * that is unresolved holds its leads until a person has looked at them.
 */
function mayBeMerged(status: FinalStatus | undefined): boolean {
  return status === 'done' || status === 'failed'
}

async function mergedRows(
  path: string,
  merge: string | null,
  isMerged: (row: string) => boolean,
): Promise<MergeRow[]> {
  const plan = await openPlan(path)
  try {
    const rows: MergeRow[] = []
    for await (const row of plan.rows()) {
      if (row.kind !== 'merge' || !isMerged(row.row)) continue
      if (merge === null || isNamed(row, merge)) rows.push(row)
    }
    return rows
  } finally {
    await plan.close()
  }
}

/** `m3`, `m0003` and `m000003` are one row. */
function isNamed(row: MergeRow, merge: string): boolean {
  const number = /^m0*(\d+)$/.exec(merge)?.[1]
  if (number !== undefined) return /^m0*(\d+)$/.exec(row.row)?.[1] === number
  return row.winner === merge || row.losers.includes(merge)
}

async function withWitnesses(
  folder: string,
  {
    name,
    runs,
    rows,
    state,
  }: {
    readonly name: string
    readonly runs: readonly string[]
    readonly rows: readonly MergeRow[]
    readonly state: { readonly final: ReadonlyMap<string, FinalStatus> }
  },
): Promise<PastMerge[]> {
  if (rows.length === 0) return []
  const place = journalPlace(folder, name)
  const names = new Set(rows.map(({ row }) => row))
  const kept = await readSnapshots(place.snapshot, names)
  const winners = new Set(rows.map(({ winner }) => winner))
  const left = await readReadBack(place.readBack, winners)
  return rows.map((row) => {
    const snapshots = kept.get(row.row) ?? []
    return {
      plan: name,
      runs,
      row,
      status: state.final.get(row.row) ?? 'unresolved',
      before: stateBefore(row, snapshots),
      membership: membershipBefore(row, snapshots),
      left: left.get(row.winner) ?? null,
    }
  })
}

/**
 * Of the losers what was read last, for an earlier call may have taken some;
 * of the winner what was read first, before it joined what those were in.
 */
function inAll<Value>(
  { winner }: MergeRow,
  kept: readonly Readonly<Record<string, Value>>[],
): Record<string, Value> {
  const own = kept.find((one) => one[winner] !== undefined)?.[winner]
  const last = kept.flatMap((one) => Object.entries(one))
  return {
    ...Object.fromEntries(last),
    ...(own !== undefined && { [winner]: own }),
  }
}

function membershipBefore(
  row: MergeRow,
  snapshots: readonly Snapshot[],
): Membership {
  const lists = snapshots.flatMap(({ lists: one }) => (one ? [one] : []))
  const programs = snapshots.flatMap(({ programs: one }) => (one ? [one] : []))
  return {
    ...(lists.length > 0 && { lists: inAll(row, lists) }),
    ...(programs.length > 0 && { programs: inAll(row, programs) }),
  }
}

/**
 * The last whole records before the merge; but a crash between writing the
 * winner and merging makes those hold what we wrote, so the decided fields of
 * the winner are those of the first.
 */
function stateBefore(
  row: MergeRow,
  snapshots: readonly Snapshot[],
): Map<string, LeadRecord> {
  const whole = snapshots.filter((one) => one.whole)
  const last = new Map(Object.entries(whole.at(-1)?.leads ?? {}))
  for (const one of whole) {
    // Losers that an earlier call took are in the earlier snapshots only.
    for (const [id, record] of Object.entries(one.leads)) {
      if (!last.has(id)) last.set(id, record)
    }
  }
  const first = whole[0]?.leads[row.winner]
  const winner = last.get(row.winner)
  if (first === undefined || winner === undefined) return last
  const decided = Object.keys(row.after).map(
    (field) => [field, first[field] ?? null] as const,
  )
  return last.set(row.winner, { ...winner, ...Object.fromEntries(decided) })
}

function nothing({ merge, run }: RestoreWish): Error {
  const what = merge === null ? 'a merge' : `the merge ${merge}`
  const where = run === null ? '' : ` in run ${run}`
  return badInput(
    'no_merge',
    `There is no record of ${what}${where} by this pipeline, so nothing can be restored. merge_history has every merge with its run and row; name a row (m000003) or the id of a lead.`,
  )
}

function several(merge: string, found: readonly PastMerge[]): Error {
  const named = found
    .slice(0, 5)
    .map(({ row, runs, plan }) => `${row.row} of run ${runs.at(-1) ?? plan}`)
  return badInput(
    'several_merges',
    `${merge} stands for ${found.length} merges: ${named.join(', ')}. Say which with --merge ROW and --run RUN.`,
  )
}

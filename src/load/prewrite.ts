import type { LeadRecord, SyncOutcome } from '../marketo/api.js'
import { held } from './assess.js'
import type { FieldRules } from './field-rule.js'
import { type Job, settle, settleRefused, type Settlement } from './job.js'
import { type Draft, examine } from './draft.js'
import type { Values } from './plan.js'
import { hold } from './quarantine.js'
import { refusalReason } from './refusal.js'
import { send } from './send.js'
import { toWire } from './text.js'
import { unwritten } from './verify.js'

/**
 * Keeps the records as they are, then writes survivor values and consent to
 * the winners and reads them back, all while the losers still exist. Gives the
 * merges that may now be sent; the others get their status or are held.
 */
export async function prewrite(
  job: Job,
  drafts: readonly Draft[],
): Promise<readonly Draft[]> {
  const at = Math.round(job.marketo.serverNow())
  await job.memberships.read(
    job.marketo,
    drafts.flatMap(({ records }) => [...records.keys()]),
  )
  await job.snapshots.keep(
    drafts.map(({ row, records }) => ({
      row: row.row,
      at,
      whole: true,
      leads: Object.fromEntries(records),
      ...job.memberships.of([...records.keys()]),
    })),
  )
  const writing = drafts.filter(hasWrite)
  const [first] = writing
  if (first === undefined) return drafts
  const records = writing.map(({ row, write }) => ({
    id: row.winner,
    values: wireValues(write, job.rules),
  }))
  const rows = writing.map(({ row }) => row)
  const sent = await send(job, {
    send: 'prewrite',
    rows: rows.map(({ row }) => row),
    call: null,
    request: records,
    readAt: first.readAt,
    unclear: (answer: readonly SyncOutcome[]) => unnamed(writing, answer),
    perform: (before) => job.marketo.updateLeads(records, { before }),
  })
  const rest = drafts.filter((draft) => !hasWrite(draft))
  if (sent.kind === 'aged') {
    const all = drafts.map(({ row }) => row)
    return await prewrite(job, await examine(job, all))
  }
  if (sent.kind === 'doubtful') {
    hold(job, rows, 'prewrite')
    return rest
  }
  if (sent.kind === 'refused') {
    await settleRefused(job, rows, sent.code)
    return rest
  }
  const outcomes = new Map(sent.answer.map((one) => [one.id, one]))
  const written = await accept(job, writing, outcomes)
  const checked = await readBackWritten(job, written)
  return drafts.flatMap((draft) =>
    hasWrite(draft) ? (checked.get(draft.row.row) ?? []) : draft,
  )
}

function hasWrite(draft: Draft): boolean {
  return Object.keys(draft.write).length > 0
}

export function wireValues(write: Values, rules: FieldRules): LeadRecord {
  return Object.fromEntries(
    Object.entries(write).map(([field, value]) => [
      field,
      toWire(value, rules.type(field)),
    ]),
  )
}

type Outcomes = ReadonlyMap<
  string,
  Awaited<ReturnType<Job['marketo']['updateLeads']>>[number]
>

/** Rows of which the answer tells neither that they were written nor not. */
function unnamed(
  drafts: readonly Draft[],
  answer: readonly SyncOutcome[],
): string[] {
  const outcomes = new Map(answer.map((one) => [one.id, one.status]))
  return drafts
    .filter(({ row }) => (outcomes.get(row.winner) ?? 'missing') === 'missing')
    .map(({ row }) => row.row)
}

/** A winner that the answer does not name may be written or not. */
async function accept(
  job: Job,
  drafts: readonly Draft[],
  outcomes: Outcomes,
): Promise<readonly Draft[]> {
  const refused: Settlement[] = []
  const written: Draft[] = []
  for (const draft of drafts) {
    const outcome = outcomes.get(draft.row.winner)
    if (outcome?.status === 'updated') written.push(draft)
    else if (outcome?.status === 'skipped') {
      const reason = refusalReason(outcome.code)
      refused.push({ row: draft.row, status: 'failed', reason })
    } else hold(job, [draft.row], 'prewrite')
  }
  await settle(job, refused)
  return written
}

/** Only a winner that holds what was written may be merged. */
async function readBackWritten(
  job: Job,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<string, Draft>> {
  if (drafts.length === 0) return new Map()
  const winners = drafts.map(({ row }) => row.winner)
  const found = await job.marketo.leads(winners, job.rules.names)
  const ended: Settlement[] = []
  const checked = new Map<string, Draft>()
  for (const draft of drafts) {
    const { row } = draft
    const winner = found.get(row.winner)
    const problem = winnerProblem(draft, winner, job.rules)
    if (problem !== null) ended.push({ row, ...problem })
    else if (winner !== undefined) {
      const records = new Map(draft.records).set(row.winner, winner)
      checked.set(row.row, { ...draft, records })
    }
  }
  await settle(job, ended)
  const at = Math.round(job.marketo.serverNow())
  await job.snapshots.keep(
    [...checked.values()].map(({ row, records }) => ({
      row: row.row,
      at,
      whole: false,
      leads: { [row.winner]: records.get(row.winner) ?? {} },
    })),
  )
  return checked
}

function winnerProblem(
  draft: Draft,
  winner: LeadRecord | undefined,
  rules: FieldRules,
): Pick<Settlement, 'status' | 'reason'> | null {
  const id = draft.row.winner
  if (winner === undefined) {
    return { status: 'stale', reason: `lead ${id} is gone` }
  }
  const field = unwritten(draft.write, winner, rules)
  if (field === null) return null
  const before = draft.records.get(id) ?? {}
  return held(winner, field, rules) === held(before, field, rules)
    ? {
        status: 'failed',
        reason: `Marketo took ${field} of lead ${id} and did not change it; the field may be blocked for updates by API`,
      }
    : {
        status: 'stale',
        reason: `${field} of lead ${id} changed while it was written`,
      }
}

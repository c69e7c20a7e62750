import type { LeadRecord, SyncOutcome } from '../marketo/api.js'
import { assessUpdate } from './assess.js'
import { bytesOf, bytesPerWrite, leadsPerCall } from './batch.js'
import {
  checkpoint,
  isPause,
  type Job,
  settle,
  settleRefused,
  type Settlement,
} from './job.js'
import type { UpdateRow, Values } from './plan.js'
import { wireValues } from './prewrite.js'
import { hold } from './quarantine.js'
import { namedValues, type ReadBackLine } from './read-back.js'
import { refusalReason } from './refusal.js'
import { send } from './send.js'
import { judgeUpdate, type UpdateVerdict } from './verify.js'

export interface UpdateDraft {
  readonly row: UpdateRow
  readonly before: LeadRecord
  readonly write: Values
}

/** Takes a batch of updates to their final status, or holds them. */
export async function applyUpdates(
  job: Job,
  rows: readonly UpdateRow[],
): Promise<void> {
  checkpoint(job)
  const readAt = job.elapsed.milliseconds
  await writeDrafts(job, await examineUpdates(job, rows), readAt)
}

/** Writes what was examined, call by call, and reads all of it back. */
export async function writeDrafts(
  job: Job,
  drafts: readonly UpdateDraft[],
  readAt: number,
): Promise<void> {
  const written: UpdateDraft[] = []
  const aged: UpdateRow[] = []
  try {
    for (const call of calls(drafts)) {
      const result = await writeCall(job, call, readAt)
      if (result === 'aged') aged.push(...call.map(({ row }) => row))
      else written.push(...result)
    }
  } catch (error) {
    // What was written is in the journal; should this read fail as well, the
    // next run reads it.
    if (isPause(error)) await verifyUpdates(job, written).catch(() => {})
    throw error
  }
  await verifyUpdates(job, written)
  if (aged.length > 0) await applyUpdates(job, aged)
}

/** As many as one call takes. */
function calls(drafts: readonly UpdateDraft[]): UpdateDraft[][] {
  const found: UpdateDraft[][] = []
  let bytes = Infinity
  for (const draft of drafts) {
    const own = bytesOf(draft.row)
    const isFull = found.at(-1)?.length === leadsPerCall
    if (isFull || bytes + own > bytesPerWrite) {
      found.push([])
      bytes = 0
    }
    found.at(-1)?.push(draft)
    bytes += own
  }
  return found
}

async function writeCall(
  job: Job,
  drafts: readonly UpdateDraft[],
  readAt: number,
): Promise<readonly UpdateDraft[] | 'aged'> {
  const records = drafts.map(({ row, write }) => ({
    id: row.id,
    values: wireValues(write, job.rules),
  }))
  const writing = drafts.map(({ row }) => row)
  const sent = await send(job, {
    send: 'update',
    rows: writing.map(({ row }) => row),
    call: null,
    request: records,
    readAt,
    unclear: (answer: readonly SyncOutcome[]) => unnamed(drafts, answer),
    perform: (before) => job.marketo.updateLeads(records, { before }),
  })
  if (sent.kind === 'aged') return 'aged'
  if (sent.kind === 'ok') return await accept(job, drafts, sent.answer)
  if (sent.kind === 'doubtful') hold(job, writing, 'update')
  else await settleRefused(job, writing, sent.code)
  return []
}

function knownFields(job: Job, rows: readonly UpdateRow[]): string[] {
  const fields = new Set(
    rows.flatMap(({ set, before }) => Object.keys({ ...before, ...set })),
  )
  return [...fields].filter((field) => job.rules.field(field) !== undefined)
}

export async function readUpdated(
  job: Job,
  rows: readonly UpdateRow[],
): Promise<Map<string, LeadRecord>> {
  const fields = knownFields(job, rows)
  return await job.marketo.leads(
    rows.map((row) => row.id),
    fields,
  )
}

/** Reads leads; rows that need no write, or must not have it, end here. */
export async function examineUpdates(
  job: Job,
  rows: readonly UpdateRow[],
): Promise<readonly UpdateDraft[]> {
  const records = await readUpdated(job, rows)
  const drafts: UpdateDraft[] = []
  const ended: Settlement[] = []
  const lines: ReadBackLine[] = []
  for (const row of rows) {
    const before = records.get(row.id)
    const verdict = assessUpdate(row, before, job.rules)
    if (verdict.kind === 'ready') {
      drafts.push({ row, before: before ?? {}, write: verdict.write })
    } else if (verdict.kind === 'equal') {
      const ours = job.journal.state.of(row.row).length > 0
      lines.push(readBackLine(job, row, before ?? {}))
      ended.push(
        ours
          ? { row, status: 'done', reason: '' }
          : { row, status: 'no_effect', reason: 'already equal' },
      )
    } else {
      const status = verdict.kind === 'failed' ? 'failed' : 'stale'
      ended.push({ row, status, reason: verdict.reason })
    }
  }
  await job.readBack.add(lines)
  await settle(job, ended)
  return drafts
}

function readBackLine(
  job: Job,
  row: UpdateRow,
  record: LeadRecord,
): ReadBackLine {
  const fields = Object.keys(row.set)
  return { id: row.id, values: namedValues(fields, record, job.rules) }
}

/** What an update left, for the warehouse. */
export async function showUpdated(
  job: Job,
  rows: readonly UpdateRow[],
  records: ReadonlyMap<string, LeadRecord>,
): Promise<void> {
  await job.readBack.add(
    rows.map((row) => readBackLine(job, row, records.get(row.id) ?? {})),
  )
}

/** Rows of which the answer tells neither that they were written nor not. */
function unnamed(
  drafts: readonly UpdateDraft[],
  answer: readonly SyncOutcome[],
): string[] {
  const outcomes = new Map(answer.map((one) => [one.id, one.status]))
  return drafts
    .filter(({ row }) => (outcomes.get(row.id) ?? 'missing') === 'missing')
    .map(({ row }) => row.row)
}

/** By id: a lead that the answer does not name may be written or not. */
async function accept(
  job: Job,
  drafts: readonly UpdateDraft[],
  answer: readonly SyncOutcome[],
): Promise<readonly UpdateDraft[]> {
  const outcomes = new Map(answer.map((one) => [one.id, one]))
  const written: UpdateDraft[] = []
  const refused: Settlement[] = []
  for (const draft of drafts) {
    const outcome = outcomes.get(draft.row.id)
    if (outcome?.status === 'updated') written.push(draft)
    else if (outcome?.status === 'skipped') {
      const reason = refusalReason(outcome.code)
      refused.push({ row: draft.row, status: 'failed', reason })
    } else hold(job, [draft.row], 'update')
  }
  await settle(job, refused)
  return written
}

/** Reads what was written and gives the rows their status. */
async function verifyUpdates(
  job: Job,
  drafts: readonly UpdateDraft[],
): Promise<void> {
  if (drafts.length === 0) return
  const records = await readUpdated(
    job,
    drafts.map(({ row }) => row),
  )
  await endUpdates(job, drafts, (draft) => {
    const after = records.get(draft.row.id)
    return {
      after,
      verdict: judgeUpdate(draft.row, draft.before, after, job.rules),
    }
  })
}

/** Ends rows by what was found of them. */
export async function endUpdates<Found extends Pick<UpdateDraft, 'row'>>(
  job: Job,
  found: readonly Found[],
  judged: (one: Found) => {
    readonly after: LeadRecord | undefined
    readonly verdict: UpdateVerdict
  },
): Promise<void> {
  const ended: Settlement[] = []
  const lines: ReadBackLine[] = []
  for (const one of found) {
    const { row } = one
    const { after, verdict } = judged(one)
    if (after !== undefined) lines.push(readBackLine(job, row, after))
    if (verdict.kind === 'done') {
      ended.push({ row, status: 'done', reason: '' })
    } else {
      if (verdict.kind === 'failed') tellDifference(job, row)
      ended.push({ row, status: verdict.kind, reason: verdict.reason })
    }
  }
  await job.readBack.add(lines)
  await settle(job, ended)
}

function tellDifference(job: Job, row: UpdateRow): void {
  for (const field of Object.keys(row.set)) {
    job.emit({
      type: 'difference',
      row: row.row,
      lead: row.id,
      field,
      alarm: true,
    })
  }
}

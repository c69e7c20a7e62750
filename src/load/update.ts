import type { LeadRecord, SyncOutcome } from '../marketo/api.js'
import { assessUpdate } from './assess.js'
import {
  checkpoint,
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
import { judgeUpdate } from './verify.js'

interface Draft {
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
  const readAt = job.marketo.clock.monotonic()
  const drafts = await examine(job, rows)
  if (drafts.length === 0) return
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
    perform: (before) => job.marketo.updateLeads(records, { before }),
  })
  if (sent.kind === 'aged') return await applyUpdates(job, writing)
  if (sent.kind === 'doubtful') return hold(job, writing, 'update')
  if (sent.kind === 'refused') {
    return await settleRefused(job, writing, sent.code)
  }
  await verify(job, await accept(job, drafts, sent.answer))
}

function fieldsOf(job: Job, rows: readonly UpdateRow[]): string[] {
  const fields = new Set(rows.flatMap((row) => Object.keys(row.set)))
  return [...fields].filter((field) => job.rules.field(field) !== undefined)
}

async function read(
  job: Job,
  rows: readonly UpdateRow[],
): Promise<Map<string, LeadRecord>> {
  const fields = fieldsOf(job, rows)
  return await job.marketo.leads(
    rows.map((row) => row.id),
    fields,
  )
}

async function examine(
  job: Job,
  rows: readonly UpdateRow[],
): Promise<readonly Draft[]> {
  const records = await read(job, rows)
  const drafts: Draft[] = []
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
    } else ended.push({ row, status: verdict.kind, reason: verdict.reason })
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

/** By id: a lead that the answer does not name may be written or not. */
async function accept(
  job: Job,
  drafts: readonly Draft[],
  answer: readonly SyncOutcome[],
): Promise<readonly Draft[]> {
  const outcomes = new Map(answer.map((one) => [one.id, one]))
  const written: Draft[] = []
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

async function verify(job: Job, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return
  const records = await read(
    job,
    drafts.map(({ row }) => row),
  )
  const ended: Settlement[] = []
  const lines: ReadBackLine[] = []
  for (const { row, before } of drafts) {
    const after = records.get(row.id)
    const verdict = judgeUpdate(row, before, after, job.rules)
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

/** Makes leads anew, each at most once, and puts them where they were. */
import type { LeadRecord } from '../marketo/api.js'
import { matchAnswered, type Matched, unlike } from './create-match.js'
import { examineCreates } from './create-examine.js'
import { joinAgain } from './create-join.js'
import { checkpoint, type Job, settle, settleRefused } from './job.js'
import type { CreateRow } from './plan.js'
import { wireValues } from './prewrite.js'
import { hold } from './quarantine.js'
import { namedValues } from './read-back.js'
import { refusalReason } from './refusal.js'
import { send } from './send.js'

/** Takes a batch of new leads to their final status, or holds them. */
export async function applyCreates(
  job: Job,
  rows: readonly CreateRow[],
): Promise<void> {
  checkpoint(job)
  const isMade = (row: CreateRow) => job.journal.state.created.has(row.row)
  await finishMade(job, rows.filter(isMade))
  const readAt = job.elapsed.milliseconds
  const open = rows.filter((row) => !isMade(row))
  const { ready, made } = await examineCreates(job, open)
  await take(job, made)
  for (const group of groups(ready)) await sendGroup(job, group, readAt)
}

/** Rows that one call can hold: the action and the partition are the call's. */
function groups(rows: readonly CreateRow[]): CreateRow[][] {
  const found = new Map<string, CreateRow[]>()
  for (const row of rows) {
    const key = `${row.action} ${row.partition ?? ''}`
    found.set(key, [...(found.get(key) ?? []), row])
  }
  return [...found.values()]
}

async function sendGroup(
  job: Job,
  rows: readonly CreateRow[],
  readAt: number,
): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const creation = {
    action: first.action,
    partition: first.partition,
    records: rows.map((row) => wireValues(row.set, job.rules)),
  }
  const sent = await send(job, {
    send: 'create',
    rows: rows.map(({ row }) => row),
    call: null,
    request: creation,
    readAt,
    perform: (before) => job.marketo.createLeads({ ...creation, before }),
  })
  if (sent.kind === 'aged') return await applyCreates(job, rows)
  if (sent.kind === 'doubtful') return hold(job, rows, 'create')
  if (sent.kind === 'refused') {
    return await settleRefused(job, rows, sent.code)
  }
  const made = rows.flatMap((row, at) => {
    const outcome = sent.answer[at]
    return outcome?.status === 'created' ? [{ row, id: outcome.id }] : []
  })
  await settle(
    job,
    rows.flatMap((row, at) => {
      const outcome = sent.answer[at]
      if (outcome?.status !== 'skipped') return []
      const status = outcome.code === '1005' ? 'stale' : 'failed'
      return { row, status, reason: refusalReason(outcome.code) } as const
    }),
  )
  const unsaid = rows.filter((_, at) => {
    const status = sent.answer[at]?.status
    return status === undefined || status === 'missing'
  })
  hold(job, unsaid, 'create')
  await verifyAnswered(job, made)
}

/** A new id counts only once its lead is seen to hold what was sent. */
async function verifyAnswered(
  job: Job,
  made: readonly { readonly row: CreateRow; readonly id: string }[],
): Promise<void> {
  if (made.length === 0) return
  const ids = made.map(({ id }) => id)
  const records = await job.marketo.leads(ids, job.rules.names)
  const matched = matchAnswered(made, records, job.rules)
  const rest = made.filter(({ row }) => !matched.some((m) => m.row === row))
  hold(
    job,
    rest.map(({ row }) => row),
    'create',
  )
  await take(job, matched)
}

/** The new ids are durable before anything else is done with them. */
export async function take(
  job: Job,
  matched: readonly Matched[],
): Promise<void> {
  if (matched.length === 0) return
  const at = Math.round(job.marketo.serverNow())
  await job.journal.append(
    matched.map(({ row, id }) => ({
      kind: 'created' as const,
      row: row.row,
      lead: row.id,
      id,
      at,
    })),
    true,
  )
  const records = new Map(matched.map(({ id, record }) => [id, record]))
  await finish(
    job,
    matched.map(({ row }) => row),
    records,
  )
}

/** Leads that an earlier process made and did not finish. */
async function finishMade(job: Job, rows: readonly CreateRow[]): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.flatMap((row) => newId(job, row) ?? [])
  await finish(job, rows, await job.marketo.leads(ids, job.rules.names))
}

function newId(job: Job, row: CreateRow): string | null {
  return job.journal.state.created.get(row.row)?.id ?? null
}

async function finish(
  job: Job,
  rows: readonly CreateRow[],
  records: ReadonlyMap<string, LeadRecord>,
): Promise<void> {
  const notes = await joinAgain(job, rows)
  const ended = rows.filter(
    (row) => !job.held.some((held) => held.row.row === row.row),
  )
  await job.readBack.add(
    ended.flatMap((row) => {
      const made = job.journal.state.created.get(row.row)
      const record = records.get(made?.id ?? '')
      if (made === undefined || record === undefined) return []
      const fields = job.rules.names.filter((name) => name !== 'id')
      const values = namedValues(fields, record, job.rules)
      const created = new Date(made.at).toISOString()
      return { id: made.id, values, created }
    }),
  )
  await settle(
    job,
    ended.map((row) => {
      const record = records.get(newId(job, row) ?? '')
      const wrong = record === undefined ? [] : unlike(row, record, job.rules)
      const said = [
        `made anew as lead ${newId(job, row)}`,
        ...(record === undefined ? ['it is gone again'] : []),
        ...(wrong.length === 0 ? [] : [`differs in ${wrong.join(', ')}`]),
        ...(notes.get(row.row) ?? []),
      ]
      const reason = said.join('; ')
      return { row, status: 'done', reason, differences: wrong.length } as const
    }),
  )
}

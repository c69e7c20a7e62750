import { MarketoError } from '../marketo/error.js'
import { leadsPerCall } from './batch.js'
import type { Job } from './job.js'
import type { CreateRow } from './plan.js'
import { hold } from './quarantine.js'
import { refusalReason } from './refusal.js'
import { send } from './send.js'

/** By row: what a person should know of its lists. */
type Notes = Map<string, string[]>

/**
 * Puts new leads on the lists that the old ones were on. Members stay as they
 * are, so that doing it twice changes nothing. Rows of which nobody knows
 * whether they joined are held.
 */
export async function joinLists(
  job: Job,
  rows: readonly CreateRow[],
): Promise<Notes> {
  const notes: Notes = new Map()
  const lists = new Set(rows.flatMap((row) => row.lists))
  for (const list of lists) {
    const on = rows.filter(
      (row) =>
        row.lists.includes(list) &&
        !job.held.some((held) => held.row.row === row.row),
    )
    for (let from = 0; from < on.length; from += leadsPerCall) {
      const some = on.slice(from, from + leadsPerCall)
      await joinOne(job, { list, rows: some, notes })
    }
  }
  return notes
}

interface Joining {
  readonly list: string
  readonly rows: readonly CreateRow[]
  readonly notes: Notes
}

async function joinOne(job: Job, { list, rows, notes }: Joining) {
  const idOf = (row: CreateRow) =>
    job.journal.state.created.get(row.row)?.id ?? ''
  const readAt = job.elapsed.milliseconds
  const members = await membersOf(job, list, rows.map(idOf))
  if (members === null) return note(notes, rows, `list ${list} is gone`)
  const joining = rows.filter((row) => !members.has(idOf(row)))
  if (joining.length === 0) return
  const ids = joining.map(idOf)
  const sent = await send(job, {
    send: 'join',
    rows: joining.map(({ row }) => row),
    call: null,
    request: { list, ids },
    readAt,
    perform: (before) => job.marketo.joinList(list, ids, { before }),
  })
  if (sent.kind === 'doubtful' || sent.kind === 'aged') {
    return hold(job, joining, 'join')
  }
  if (sent.kind === 'refused') {
    const why = refusalReason(sent.code)
    return note(notes, joining, `not put on list ${list}: ${why}`)
  }
  const outcomes = new Map(sent.answer.map((one) => [one.id, one]))
  for (const row of joining) {
    const outcome = outcomes.get(idOf(row))
    if (outcome?.status === 'added') continue
    if (outcome?.status === 'skipped') {
      const why = refusalReason(outcome.code)
      note(notes, [row], `not put on list ${list}: ${why}`)
    } else hold(job, [row], 'join')
  }
}

/** Null where the list is no more. */
async function membersOf(
  job: Job,
  list: string,
  ids: readonly string[],
): Promise<ReadonlySet<string> | null> {
  try {
    return await job.marketo.membersAmong(list, ids)
  } catch (error) {
    if (error instanceof MarketoError && error.marketoCode === '1013') {
      return null
    }
    throw error
  }
}

function note(notes: Notes, rows: readonly CreateRow[], text: string): void {
  for (const { row } of rows) notes.set(row, [...(notes.get(row) ?? []), text])
}

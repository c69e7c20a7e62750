import type { JoinOutcome, ProgramStatus } from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'
import { leadsPerCall } from './batch.js'
import type { Job } from './job.js'
import type { CreateRow } from './plan.js'
import { hold } from './quarantine.js'
import { refusalReason } from './refusal.js'
import { send } from './send.js'

/** By row: what a person should know of its lists and programs. */
type Notes = Map<string, string[]>

/**
 * Puts new leads on the lists and into the programs of the old ones. Who is
 * there already stays as he is, so that doing it twice changes nothing. Rows
 * of which nobody knows whether they joined are held.
 */
export async function joinAgain(
  job: Job,
  rows: readonly CreateRow[],
): Promise<Notes> {
  const notes: Notes = new Map()
  for (const list of new Set(rows.flatMap((row) => row.lists))) {
    const on = (row: CreateRow) => row.lists.includes(list)
    for (const some of parts(job, rows, on)) {
      await joinList(job, { list, rows: some, notes })
    }
  }
  const programs = rows.flatMap((row) => row.programs ?? [])
  for (const program of new Set(programs.map((one) => one.program))) {
    const isIn = (row: CreateRow) => statusOf(row, program) !== undefined
    for (const some of parts(job, rows, isIn)) {
      await joinProgram(job, { program, rows: some, notes })
    }
  }
  return notes
}

/** Rows of one kind that are not held, as many as one call takes. */
function* parts(
  job: Job,
  rows: readonly CreateRow[],
  isMeant: (row: CreateRow) => boolean,
): Generator<readonly CreateRow[]> {
  const held = new Set(job.held.map(({ row }) => row.row))
  const some = rows.filter((row) => isMeant(row) && !held.has(row.row))
  for (let from = 0; from < some.length; from += leadsPerCall) {
    yield some.slice(from, from + leadsPerCall)
  }
}

function statusOf(row: CreateRow, program: string): string | undefined {
  return row.programs?.find((one) => one.program === program)?.status
}

interface Some {
  readonly rows: readonly CreateRow[]
  readonly notes: Notes
}

async function joinList(
  job: Job,
  { list, rows, notes }: Some & { readonly list: string },
): Promise<void> {
  const readAt = job.elapsed.milliseconds
  const ids = rows.map((row) => idOf(job, row))
  const members = await orNone(job.marketo.membersAmong(list, ids))
  if (members === null) return note(notes, rows, `list ${list} is gone`)
  const joining = rows.filter((row) => !members.has(idOf(job, row)))
  await join(job, {
    place: `put on list ${list}`,
    request: (leads) => ({ list, ids: leads }),
    perform: (leads, options) => job.marketo.joinList(list, leads, options),
    rows: joining,
    notes,
    readAt,
  })
}

async function joinProgram(
  job: Job,
  { program, rows, notes }: Some & { readonly program: string },
): Promise<void> {
  const readAt = job.elapsed.milliseconds
  const ids = rows.map((row) => idOf(job, row))
  const now = await orNone(job.marketo.statusesIn(program, ids))
  if (now === null) return note(notes, rows, `program ${program} is gone`)
  const statuses = new Set(rows.flatMap((row) => statusOf(row, program) ?? []))
  for (const status of statuses) {
    const to: ProgramStatus = { program, status }
    await join(job, {
      place: `made ${status} in program ${program}`,
      request: (leads) => ({ ...to, ids: leads }),
      perform: (leads, options) => job.marketo.joinProgram(to, leads, options),
      rows: rows.filter(
        (row) =>
          statusOf(row, program) === status &&
          now.get(idOf(job, row)) !== status,
      ),
      notes,
      readAt,
    })
  }
}

interface Joining extends Some {
  /** Where they go, for a note on one that did not. */
  readonly place: string
  readonly request: (leads: readonly string[]) => object
  readonly perform: (
    leads: readonly string[],
    options: { readonly before: () => Promise<void> },
  ) => Promise<readonly JoinOutcome[]>
  readonly readAt: number
}

async function join(job: Job, joining: Joining): Promise<void> {
  const { place, rows, notes, readAt } = joining
  if (rows.length === 0) return
  const ids = rows.map((row) => idOf(job, row))
  const sent = await send(job, {
    send: 'join',
    rows: rows.map(({ row }) => row),
    call: null,
    request: joining.request(ids),
    readAt,
    perform: (before) => joining.perform(ids, { before }),
  })
  if (sent.kind === 'doubtful' || sent.kind === 'aged') {
    return hold(job, rows, 'join')
  }
  if (sent.kind === 'refused') {
    return note(notes, rows, `not ${place}: ${refusalReason(sent.code)}`)
  }
  const outcomes = new Map(sent.answer.map((one) => [one.id, one]))
  for (const row of rows) {
    const outcome = outcomes.get(idOf(job, row))
    if (outcome?.status === 'added') continue
    if (outcome?.status === 'skipped') {
      note(notes, [row], `not ${place}: ${refusalReason(outcome.code)}`)
    } else hold(job, [row], 'join')
  }
}

function idOf(job: Job, row: CreateRow): string {
  return job.journal.state.created.get(row.row)?.id ?? ''
}

/** Null where the list or program is no more. */
async function orNone<Read>(reading: Promise<Read>): Promise<Read | null> {
  try {
    return await reading
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

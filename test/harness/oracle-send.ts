/** INV-1, 2, 3, 6, 8, 9 and 13: what may be sent, and when. */
import {
  type Facts,
  idsOf,
  proofOf,
  type Reading,
  type Row,
  type Send,
  text,
  type Texts,
} from './fact.js'
import { optOuts } from './marketo.js'
import type { Judged, Report } from './oracle.js'

/** Marketo's own limits, within which a write may still take effect. */
const limit = { merge: 180_000, update: 90_000, import: 1_800_000 }
/** Two readings that decide lie this far apart. */
const apart = 30_000
/** A precondition that was read longer ago than this is none. */
const fresh = 301_000

export function checkSends(judged: Judged, facts: Facts, report: Report): void {
  const last = new Map<string, Send[]>()
  for (const send of facts.sends) {
    checkExplained(send, report)
    checkApplied(send, facts, report)
    for (const row of send.rows) {
      const earlier = last.get(row.row) ?? []
      for (const other of earlier)
        checkWaited(send, other, { row, facts }, report)
      last.set(row.row, [...earlier, send])
      checkPrecondition(send, { row, facts }, report)
    }
  }
  checkLease(judged, facts, report)
}

/** Exactly one row of the plan says what is sent. */
function checkExplained(send: Send, report: Report): void {
  const { operation } = send
  if (operation.kind !== 'merge') return checkUpdate(send, report)
  const [row] = send.rows
  const { winner, losers } = operation.merge
  if (send.rows.length !== 1 || row?.kind !== 'merge') {
    return report('INV-3', `no row merges ${losers.join()} into ${winner}`)
  }
  const size = row.mergeInCrm ? 1 : 25
  const from = row.losers.indexOf(losers[0] ?? '')
  const wanted = row.losers.slice(from, from + size)
  const isSame = wanted.join() === losers.join() && from % size === 0
  if (row.winner !== winner || !isSame || operation.inCrm !== row.mergeInCrm) {
    report(
      'INV-2',
      `${row.row} is not the merge of ${losers.join()} into ${winner}`,
    )
  }
}

function checkUpdate({ operation, rows }: Send, report: Report): void {
  if (operation.kind === 'merge') return
  if (!operation.isSafe) report('INV-3', 'an update that may create leads')
  for (const { id: number, ...values } of operation.input) {
    const id = String(number)
    const row = rows.find(
      (one) => (one.kind === 'merge' ? one.winner : one.id) === id,
    )
    if (row === undefined) {
      report('INV-3', `no row writes to ${id}`)
      continue
    }
    const wanted = row.kind === 'merge' ? row.after : row.set
    for (const [name, value] of Object.entries(values)) {
      const isOptOut = optOuts.some((one) => one === name)
      if (isOptOut && value !== true && wanted[name] !== 'false') {
        report('INV-9', `${row.row} makes ${id} mailable by ${name}`)
      }
      if (text(value) === null || text(value) !== wanted[name]) {
        report('INV-3', `${row.row} does not write that ${name} to ${id}`)
      }
    }
  }
}

/** No row goes by a second file unless the first was surely not taken. */
function checkImport(send: Send, { sends }: Facts, report: Report): void {
  for (const other of sends) {
    if (other.n >= send.n || other.operation.kind !== 'import') continue
    if (other.isForgotten || other.answer?.proof === 'not_done') continue
    const rows = new Set(other.rows)
    const again = send.rows.filter((row) => rows.has(row)).length
    if (again > 0) report('INV-1', `${again} rows are uploaded a second time`)
  }
}

/** A merge is not sent once it has taken effect. */
function checkApplied(send: Send, facts: Facts, report: Report): void {
  const { sends } = facts
  if (send.operation.kind === 'import') checkImport(send, facts, report)
  if (send.operation.kind !== 'merge') return
  const losers = new Set(send.operation.merge.losers)
  for (const other of sends) {
    if (other.n >= send.n || other.operation.kind !== 'merge') continue
    const again = other.operation.merge.losers.some((id) => losers.has(id))
    if (!again) continue
    const [effect] = other.effects
    if (effect === undefined) continue
    report(
      'INV-1',
      effect.t <= send.t
        ? `a merge of ${[...losers].join()} that was done is sent again`
        : `a merge of ${[...losers].join()} is sent again while one is under way`,
    )
  }
}

/** After a write that may have taken effect: time, and two readings. */
function checkWaited(
  send: Send,
  earlier: Send,
  { row, facts }: { row: Row; facts: Facts },
  report: Report,
): void {
  const proof = proofOf(earlier, row)
  const isImport = earlier.operation.kind === 'import'
  // Of an import that was taken it must be heard that it is over.
  if (isImport ? proof === 'not_done' : proof !== 'none') return
  if (earlier.toldOverAt <= send.t) return
  const longest = limit[earlier.operation.kind]
  // Marketo gives a call up after its time, whatever its caller does.
  const patience = isImport ? 120_000 : longest
  const over = Math.min(earlier.overAt, earlier.t + patience + 20_000)
  const clear = over + longest
  if (send.t < clear) {
    const early = Math.round((clear - send.t) / 1000)
    return report(
      'INV-1',
      `${row.row} is sent ${early} s before an earlier write of it is over for sure`,
    )
  }
  const ids = idsOf(row)
  const readings = facts.readings.filter(
    (one) =>
      one.lookedAt >= clear &&
      one.t <= send.t &&
      ids.every((id) => one.ids.has(id)),
  )
  const [first] = readings
  const newest = readings.at(-1)
  const enough = earlier.isForgotten
    ? first !== undefined
    : first !== undefined &&
      newest !== undefined &&
      newest.lookedAt - first.lookedAt >= apart - 2000
  if (!enough) report('INV-13', `${row.row} is sent again without two readings`)
}

/** What this process read of the row last allows the write. */
function checkPrecondition(
  send: Send,
  { row, facts }: { row: Row; facts: Facts },
  report: Report,
): void {
  const ids = row.kind === 'merge' ? idsOf(row) : [row.id]
  const isPrewrite = row.kind === 'merge' && send.operation.kind === 'update'
  const whole = facts.readings.findLast(
    (one) =>
      one.process === send.process &&
      one.t <= send.t &&
      ids.every((id) => one.ids.has(id)),
  )
  if (whole === undefined || send.t - whole.lookedAt > fresh) {
    return report('INV-6', `${row.row} is sent on what was read too long ago`)
  }
  const wrong =
    row.kind === 'merge'
      ? wrongMerge(row, whole)
      : wrongUpdate(row, send, whole)
  if (wrong !== null) {
    report(
      'INV-6',
      `${row.row} is ${isPrewrite ? 'prepared' : 'sent'} although ${wrong}`,
    )
  }
}

function wrongMerge(
  row: Extract<Row, { kind: 'merge' }>,
  { leads }: Reading,
): string | null {
  const winner = leads.get(row.winner)
  if (winner === undefined) return `lead ${row.winner} is gone`
  for (const id of row.losers) {
    const lead = leads.get(id)
    // Merged by an earlier call, or gone: the calls' order is checked apart.
    if (lead === undefined) continue
    const field = differing(row.before[id] ?? {}, lead)
    if (field !== null) return `${field} of ${id} changed`
  }
  const planned = row.before[row.winner] ?? {}
  for (const [name, value] of Object.entries(planned)) {
    const now = text(winner[name])
    const filled = row.losers.some((id) => row.before[id]?.[name] === now)
    if (
      now !== value &&
      now !== row.after[name] &&
      !(value === null && filled)
    ) {
      return `${name} of ${row.winner} changed`
    }
  }
  return null
}

function differing(
  before: Texts,
  lead: Readonly<Record<string, string | number | boolean | null>>,
): string | null {
  const found = Object.entries(before).find(
    ([name, value]) => text(lead[name]) !== value,
  )
  return found?.[0] ?? null
}

function wrongUpdate(
  row: Extract<Row, { kind: 'update' }>,
  send: Send,
  { leads }: Reading,
): string | null {
  const lead = leads.get(row.id)
  if (lead === undefined) return `lead ${row.id} is gone`
  if (send.operation.kind === 'merge') return null
  const sent = send.operation.input.find((one) => String(one['id']) === row.id)
  for (const name of Object.keys(sent ?? {})) {
    if (name === 'id') continue
    const now = text(lead[name])
    if (now !== row.before[name] && now !== row.set[name])
      return `${name} of ${row.id} changed`
  }
  return null
}

/** F6: whoever slept through its lease sends nothing after another began. */
function checkLease(
  { events }: Judged,
  { sends }: Facts,
  report: Report,
): void {
  const taken = new Map<number, number>()
  let highest = 0
  for (const event of events) {
    if (event.type === 'lost' && event.what === 'all') highest = 0
    if (event.type !== 'line' || !event.durable) continue
    for (const line of event.text.split('\n')) {
      if (!line.includes('"kind":"take"')) continue
      // Of two that take the same epoch the first one holds it.
      const epoch = Number(/"epoch":(\d+)/.exec(line)?.[1])
      if (epoch <= highest) continue
      highest = epoch
      taken.set(Number(/"pid":(\d+)/.exec(line)?.[1]), event.t)
    }
  }
  for (const send of sends) {
    const own = taken.get(send.process)
    if (own === undefined) report('INV-8', 'it sends without a lease')
    for (const [process, t] of taken) {
      if (t <= (own ?? 0) || send.t <= t) continue
      report('INV-1', `${send.process} sends while ${process} holds the lease`)
    }
  }
}

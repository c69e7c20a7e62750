/** INV-5 and 9: what Marketo holds in the end. */
import { type Facts, idsOf, type Row, text } from './fact.js'
import { type Lead, Leads, optOuts } from './marketo.js'
import type { Judged, Report } from './oracle.js'

interface Known {
  readonly facts: Facts
  readonly statuses: ReadonlyMap<string, string>
}

export function checkEnd(judged: Judged, known: Known, report: Report): void {
  const edited = new Set(known.facts.edits.map(({ id }) => id))
  const before = new Map(
    judged.before.map((lead) => [String(lead['id']), lead]),
  )
  const ofRows = new Set<string>()
  for (const row of judged.rows) {
    for (const id of idsOf(row)) ofRows.add(id)
    if (idsOf(row).some((id) => edited.has(id))) continue
    const status = known.statuses.get(row.row) ?? ''
    if (status === 'done') checkDone(row, { judged, before }, report)
    else checkNotDone(row, { judged, before, status, known }, report)
  }
  for (const lead of judged.before) {
    const id = String(lead['id'])
    if (!ofRows.has(id) && !edited.has(id)) checkSame(lead, judged, report)
    checkConsent(lead, judged, edited, report)
  }
}

type Before = ReadonlyMap<string, Lead>

/** As if nothing had ever gone wrong. */
function checkDone(
  row: Row,
  { judged, before }: { judged: Judged; before: Before },
  report: Report,
): void {
  const own = idsOf(row).map((one) => before.get(one))
  const ideal = new Leads(own.filter((lead) => lead !== undefined))
  const id = row.kind === 'merge' ? row.winner : row.id
  const wanted = row.kind === 'merge' ? row.after : row.set
  const known = ideal.get(id) ?? {}
  const values = Object.entries(wanted).filter(([, value]) => value !== null)
  ideal.update(id, Object.fromEntries(values), '')
  if (row.kind === 'merge') {
    const size = row.mergeInCrm ? 1 : 25
    for (let from = 0; from < row.losers.length; from += size) {
      const losers = row.losers.slice(from, from + size)
      ideal.merge({ winner: id, losers }, row.mergeInCrm, '')
    }
    const left = row.losers.filter((one) => judged.after.get(one) !== undefined)
    if (left.length > 0)
      report('INV-5', `${row.row} is done, and ${left.join()} are there`)
  }
  const now = judged.after.get(id)
  if (now === undefined)
    return report('INV-5', `${row.row} is done, and ${id} is gone`)
  for (const name of Object.keys(known)) {
    if (name === 'updatedAt') continue
    const [one, other] = [text(now[name]), text(ideal.get(id)?.[name])]
    if (one === other) continue
    report('INV-5', `${name} of ${id} is ${one} and not ${other}`)
  }
}

function checkNotDone(
  row: Row,
  {
    judged,
    before,
    status,
    known,
  }: { judged: Judged; before: Before; status: string; known: Known },
  report: Report,
): void {
  const isEqual = status === 'no_effect' && known.facts.isLost
  if (
    judged.isUndisturbed &&
    !isEqual &&
    !idsOf(row).some((id) => known.facts.refused.has(id)) &&
    !mayBeUnresolved(row, status, known)
  ) {
    report('INV-5', `${row.row} is ${status} although nothing stood in its way`)
  }
  const hasMerged = known.facts.sends.some(
    (send) =>
      send.rows.includes(row) && send.effects.some((one) => one.merge !== null),
  )
  if (row.kind === 'merge' && hasMerged) return
  const id = row.kind === 'merge' ? row.winner : row.id
  const wanted = row.kind === 'merge' ? row.after : row.set
  for (const each of idsOf(row)) {
    const was = before.get(each) ?? {}
    const now = judged.after.get(each)
    if (now === undefined) {
      report('INV-5', `${row.row} is ${status}, and ${each} is gone`)
      continue
    }
    for (const name of Object.keys(was)) {
      const is = text(now[name])
      const mayBe = each === id && is === wanted[name]
      if (name === 'updatedAt' || mayBe || is === text(was[name])) continue
      report(
        'INV-5',
        `${row.row} is ${status}, and ${name} of ${each} is ${is}`,
      )
    }
  }
}

/** Three writes of a row that were never answered clearly. */
function mayBeUnresolved(row: Row, status: string, { facts }: Known): boolean {
  if (status !== 'unresolved') return false
  const unclear = facts.sends.filter(
    (send) =>
      send.rows.includes(row) && (send.answer?.proof ?? 'none') !== 'not_done',
  )
  // An intent that was left without its request counts as one.
  return unclear.length + facts.brokenOff >= 3
}

function checkSame(lead: Lead, judged: Judged, report: Report): void {
  const now = judged.after.get(String(lead['id']))
  const isSame =
    now !== undefined && JSON.stringify(now) === JSON.stringify(lead)
  if (!isSame) report('INV-3', `lead ${lead['id']} is in no row and changed`)
}

/** Who opted out anywhere is opted out wherever the record lives on. */
function checkConsent(
  lead: Lead,
  { after }: Judged,
  edited: ReadonlySet<string>,
  report: Report,
): void {
  const id = String(lead['id'])
  if (edited.has(id)) return
  const now = after.get(id) ?? after.get(after.survivor(id) ?? '')
  if (now === undefined) return
  for (const name of optOuts) {
    if (lead[name] === true && now[name] !== true) {
      report('INV-9', `${id} opted out of ${name}, and ${now['id']} did not`)
    }
  }
}

import type { PlanOverview } from '../load/overview.js'
import type { MergeRow, PlanHeader } from '../load/plan.js'
import {
  counted,
  formatDuration,
  formatNumber,
  formatShare,
} from '../format.js'
import { printable } from './output.js'

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join(' · ')
}

function guardLine(header: PlanHeader): string {
  return header.guardrails
    .map(({ name, value, limit, ok }) => {
      const share = limit > 0 && limit < 1
      const show = share ? formatShare : formatNumber
      const word = name === 'min_precision' ? 'NOT PROVEN' : 'TOO MANY'
      return `${name} ${show(value)} of ${show(limit)} ${ok ? 'ok' : word}`
    })
    .join(' · ')
}

/** Fields of the winner that the merge changes. */
function changes(row: MergeRow): string[] {
  const before = row.before[row.winner] ?? {}
  return Object.keys(row.after)
    .filter((field) => (before[field] ?? null) !== (row.after[field] ?? null))
    .toSorted()
}

/** Where a surviving value came from, in words. */
function origin(row: MergeRow, field: string): string {
  const source = row.reason.from[field]
  if (source === undefined) return 'by Marketo'
  if (source.id === null) return source.rule.replaceAll('_', ' ')
  // The rule `winner` takes a loser's value only where the winner has none.
  const fills = source.rule === 'winner' && source.id !== row.winner
  const rule = fills ? 'fills the gap' : source.rule.replaceAll('_', ' ')
  return `from ${source.id}, ${rule}`
}

function changeLine(row: MergeRow, field: string): string {
  const was = row.before[row.winner]?.[field] ?? null
  const from = origin(row, field)
  const kept = row.kept.includes(field) ? ', an opt-out is never lost' : ''
  return `      ${field}  ${row.after[field] ?? 'empty'} (${from}${kept})   was ${was ?? 'empty'}`
}

function person(row: MergeRow): string {
  const { firstName, lastName, email } = row.before[row.winner] ?? {}
  const name = [firstName, lastName].filter(Boolean).join(' ')
  return [name, email ? `<${email}>` : ''].filter(Boolean).join(' ')
}

function mergeLines(row: MergeRow): string[] {
  return [
    `  ~ ${row.winner} ${person(row)}  absorbs ${row.losers.join(', ')}`,
    `      why  ${row.reason.rules.join(', ')}; winner: ${row.reason.winner}`,
    ...changes(row).map((field) => changeLine(row, field)),
  ]
}

/** Which way updates go, and how long CRM-linked leads take. */
function routeLines({ price }: PlanHeader): string[] {
  const { imports, callsBySync, noImport, crmHours, keeping } = price
  const rows = imports?.reduce((sum, one) => sum + one.rows, 0) ?? 0
  const files = imports?.reduce((sum, one) => sum + one.files, 0) ?? 0
  return [
    ...(keeping === undefined
      ? []
      : [
          `  keep     ${counted(keeping, 'call')} of these, one for each lead and kind (load.keep), so that restore can put leads back`,
        ]),
    ...(imports === undefined
      ? []
      : [
          `  route    ${counted(rows, 'update')} by bulk import in ${counted(files, 'file')}; all by sync calls would take ${counted(callsBySync ?? 0, 'call')}`,
        ]),
    ...(noImport === undefined
      ? []
      : [`  route    no bulk import: ${noImport}`]),
    ...(crmHours === undefined
      ? []
      : [
          `  CRM      linked leads are paced, ${formatDuration(crmHours * 3600)}`,
        ]),
  ]
}

/** A plan as a person reads it. */
export function planLines(
  header: PlanHeader,
  overview: PlanOverview,
): string[] {
  const { price } = header
  const none = header.merges + header.updates === 0
  const head = `Plan ${header.hash.slice(0, 12)} for ${header.pipeline}, from exports up to ${header.asOf.replace('T', ' ').slice(0, 16)} UTC`
  if (none) return [head, '', '  Nothing to change.']
  return [
    head,
    '',
    `  merges   ${counted(header.merges, 'cluster')}, ${counted(header.losers, 'lead goes', 'leads go')}   ${listed(overview.rules)}`,
    `  updates  ${counted(overview.updatedFields, 'field')} on ${counted(header.updates, 'lead')}   ${listed(overview.fields)}`,
    `  price    ${counted(price.calls, 'call')} (${formatShare(price.share)} of a day) · about ${formatDuration(price.minutes * 60)} at your budget · CRM backlog ${counted(price.crm, 'record')}`,
    ...routeLines(header),
    `  guards   ${guardLine(header)}`,
    `  opt-outs ${counted(overview.kept, 'merge keeps', 'merges keep')} one that a lead that goes had`,
    ...(overview.riskiest.length === 0 ? [] : ['', '  Riskiest first']),
    ...overview.riskiest.flatMap(mergeLines),
  ].map(printable)
}

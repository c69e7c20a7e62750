/**
 * Decisions of people that outrank rules: `pipelines/<name>.override.csv`,
 * with the header `kind,lead_id,other_id,field,value,author,reason,until`.
 */
import { z } from 'zod'
import { type Cell, readCsv } from './csv.js'
import { headerProblems } from './csv-header.js'
import {
  didYouMean,
  PipelineFileError,
  type Problem,
  quoted,
  sorted,
} from './problem.js'
import { fieldName } from './scalar.js'

export const overrideKinds = [
  'never_merge',
  'always_merge',
  'winner',
  'value',
  'exclude',
] as const

export type OverrideKind = (typeof overrideKinds)[number]

export interface Override {
  readonly kind: OverrideKind
  /** Digits. Of the two leads of a pair, the smaller id. */
  readonly leadId: string
  /** null but for never_merge and always_merge. */
  readonly otherId: string | null
  /** A Marketo field; null but for value. */
  readonly field: string | null
  readonly value: string | null
  readonly author: string
  readonly reason: string
  /** The last ISO day, in UTC, on which it holds; null: for ever. */
  readonly until: string | null
}

export const overrideColumns = [
  'kind',
  'lead_id',
  'other_id',
  'field',
  'value',
  'author',
  'reason',
  'until',
] as const

type Name = (typeof overrideColumns)[number]
type Say = (name: Name, message: string) => void

/**
 * Every decision of a file, the order of its lines kept.
 * @throws PipelineFileError (exit 3) with every mistake, file, line, column
 */
export function parseOverrides(text: string, file: string): Override[] {
  const { rows, problems } = readCsv(text)
  const found: Problem[] = problems.map((each) => ({ file, path: '', ...each }))
  const [header, ...lines] = rows
  if (header === undefined) return []
  const columns = header.cells.map(({ text: name }) => name)
  found.push(...headerProblems(header.cells, overrideColumns, file))
  if (found.length > 0) throw new PipelineFileError(sorted(found))
  const overrides: Override[] = []
  const seen = new Map<string, { override: Override; line: number }>()
  for (const row of lines) {
    const at = (name: Name): Cell =>
      row.cells[columns.indexOf(name)] ?? { ...row, text: '' }
    const before = found.length
    const say: Say = (name, message) => {
      const { line, column } = at(name)
      found.push({ file, line, column, path: name, message })
    }
    if (row.cells.length > columns.length) {
      const { line, column } = row.cells[columns.length] ?? row
      const message = `has ${row.cells.length} cells for ${columns.length} columns; quote a text that has a comma.`
      found.push({ file, line, column, path: 'the line', message })
    }
    const override = overrideOf((name) => at(name).text, say)
    if (found.length > before) continue
    const key = subject(override)
    const earlier = seen.get(key)
    if (earlier !== undefined && contradicts(earlier.override, override)) {
      say('kind', `contradicts line ${earlier.line}; keep one of the two.`)
      continue
    }
    seen.set(key, { override, line: row.line })
    overrides.push(override)
  }
  if (found.length > 0) throw new PipelineFileError(sorted(found))
  return overrides
}

function overrideOf(cell: (name: Name) => string, say: Say): Override {
  const kind = kindOf(cell('kind'), say)
  const isPair = kind === 'never_merge' || kind === 'always_merge'
  const isValue = kind === 'value'
  const leadId = leadOf('lead_id', cell('lead_id'), say)
  const other = cell('other_id')
  const otherId = isPair ? leadOf('other_id', other, say) : null
  if (!isPair && other !== '') say('other_id', `must be empty for ${kind}.`)
  if (isPair && leadId === otherId && leadId !== '') {
    say('other_id', 'is the same lead as lead_id; name two.')
  }
  for (const name of ['field', 'value'] as const) {
    if (isValue && cell(name) === '') say(name, 'is missing.')
    if (!isValue && cell(name) !== '') say(name, `must be empty for ${kind}.`)
  }
  if (isValue && cell('field') !== '') checkField(cell('field'), say)
  for (const name of ['author', 'reason'] as const) {
    if (cell(name) === '') say(name, 'is missing; every decision has both.')
  }
  const isSwapped = otherId !== null && isLower(otherId, leadId)
  return {
    kind,
    leadId: isSwapped ? otherId : leadId,
    otherId: isSwapped ? leadId : otherId,
    field: isValue ? cell('field') : null,
    value: isValue ? cell('value') : null,
    author: cell('author'),
    reason: cell('reason'),
    until: dayOf(cell('until'), say),
  }
}

function kindOf(text: string, say: Say): OverrideKind {
  const kind = overrideKinds.find((each) => each === text)
  if (kind !== undefined) return kind
  const near = didYouMean(text, overrideKinds)
  const said = text === '' ? 'is missing' : `${quoted(text)} is not a kind`
  say('kind', `${said}.${near || ` Kinds are ${overrideKinds.join(', ')}.`}`)
  return 'exclude'
}

function leadOf(name: Name, text: string, say: Say): string {
  if (/^[1-9]\d{0,17}$/.test(text)) return text
  const said = text === '' ? 'is missing' : `${quoted(text)} is not a lead id`
  say(name, `${said}; write digits, such as 1000231.`)
  return ''
}

function checkField(text: string, say: Say): void {
  const checked = fieldName.safeParse(text)
  if (checked.success) return
  say('field', checked.error.issues[0]?.message ?? 'is not a field.')
}

const isoDay = z.iso.date()

function dayOf(text: string, say: Say): string | null {
  if (text === '') return null
  if (isoDay.safeParse(text).success) return text
  say('until', `${quoted(text)} is not a day; write it as 2027-01-31.`)
  return null
}

/** Ids are compared as numbers; they can be longer than numbers are exact. */
function isLower(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length
}

export function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return isLower(a, b) ? -1 : 1
}

/** What it is about: two decisions about one subject must agree. */
export function subject({ kind, leadId, otherId, field }: Override): string {
  if (otherId !== null) return `pair ${leadId} ${otherId}`
  return kind === 'value' ? `value ${leadId} ${field}` : `${kind} ${leadId}`
}

function contradicts(earlier: Override, later: Override): boolean {
  return earlier.kind !== later.kind || earlier.value !== later.value
}

/** Decisions that hold on a day (ISO, UTC), and those that held before. */
export function inForce(overrides: readonly Override[], day: string) {
  const holds = ({ until }: Override) => until === null || until >= day
  return {
    current: overrides.filter(holds),
    expired: overrides.filter((each) => !holds(each)),
  }
}

/** The file of a pipeline's decisions, beside its own. */
export function overrideFile(pipelineFile: string): string {
  return pipelineFile.replace(/\.yml$/, '.override.csv')
}

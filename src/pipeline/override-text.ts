/** The override file as it is written. */
import { csvLine } from './csv.js'
import {
  compareIds,
  type Override,
  overrideColumns,
  overrideKinds,
  subject,
} from './override.js'

/**
 * The file with these decisions added. A decision replaces an earlier one
 * about the same subject; lines are in the order of their leads, so that a
 * version control system shows what was added and nothing else.
 */
export function overrideText(
  known: readonly Override[],
  added: readonly Override[],
): string {
  const bySubject = new Map(
    [...known, ...added].map((each) => [subject(each), each]),
  )
  const lines = [...bySubject.values()].toSorted(inOrder).map(overrideLine)
  return `${[csvLine(overrideColumns), ...lines].join('\n')}\n`
}

function inOrder(a: Override, b: Override): number {
  return (
    compareIds(a.leadId, b.leadId) ||
    compareIds(a.otherId ?? '', b.otherId ?? '') ||
    overrideKinds.indexOf(a.kind) - overrideKinds.indexOf(b.kind) ||
    compareIds(a.field ?? '', b.field ?? '')
  )
}

function overrideLine(override: Override): string {
  const { kind, leadId, otherId, field, value, author, reason, until } =
    override
  return csvLine([
    kind,
    leadId,
    otherId ?? '',
    field ?? '',
    value ?? '',
    author,
    reason,
    until ?? '',
  ])
}

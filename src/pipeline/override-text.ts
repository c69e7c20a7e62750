/** The override file as it is written. */
import { csvLine } from './csv.js'
import {
  compareIds,
  type Override,
  overrideColumns,
  overrideKinds,
  subject,
} from './override.js'

/** Both together; a decision replaces an earlier one on the same subject. */
export function joinOverrides(
  known: readonly Override[],
  added: readonly Override[],
): Override[] {
  const bySubject = new Map(
    [...known, ...added].map((each) => [subject(each), each]),
  )
  return [...bySubject.values()].toSorted(inOrder)
}

/**
 * The file; lines are in the order of their leads, so that version control
 * shows what was added and nothing else.
 */
export function overrideText(overrides: readonly Override[]): string {
  const lines = overrides.toSorted(inOrder).map(overrideLine)
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

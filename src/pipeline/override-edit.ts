/** Changes of the override file, one decision at a time. */
import {
  type Override,
  type OverrideKind,
  overrideColumns,
  parseOverrides,
  subject,
} from './override.js'
import { csvLine } from './csv.js'
import { joinOverrides, overrideText } from './override-text.js'
import { badInput } from '../error.js'
import { plainText } from './decision.js'

/** A decision as a form gives it; what does not apply is empty. */
export interface OverrideForm {
  readonly kind: OverrideKind
  readonly leadId: string
  readonly otherId?: string
  readonly field?: string
  readonly value?: string
  readonly author: string
  readonly reason: string
  readonly until?: string
}

export type OverrideEdit =
  /** Takes the place of an earlier decision on the same subject. */
  | { readonly change: 'add'; readonly decisions: readonly OverrideForm[] }
  /** Holds until the end of that ISO day, which may be over. */
  | {
      readonly change: 'expire'
      readonly subject: string
      readonly until: string
    }
  | { readonly change: 'remove'; readonly subject: string }

/**
 * The decisions after the change.
 * @throws PipelineFileError (exit 3) for a decision that is not whole,
 * PipelineError (exit 3) for a subject that nothing was decided on
 */
export function editOverrides(
  known: readonly Override[],
  edit: OverrideEdit,
): Override[] {
  if (edit.change === 'add') {
    const added = edit.decisions.flatMap((form) => overrideOf(form))
    return checked(joinOverrides(known, added))
  }
  if (!known.some((each) => subject(each) === edit.subject)) {
    throw badInput(
      'no_override',
      `There is no decision on ${edit.subject}; somebody may have removed it.`,
    )
  }
  if (edit.change === 'remove') {
    return known.filter((each) => subject(each) !== edit.subject)
  }
  return checked(
    known.map((each) =>
      subject(each) === edit.subject ? { ...each, until: edit.until } : each,
    ),
  )
}

/** Read by the reader of the file, so that it says what is wrong. */
function overrideOf(form: OverrideForm): Override[] {
  const cells: Readonly<Record<(typeof overrideColumns)[number], string>> = {
    kind: form.kind,
    lead_id: form.leadId,
    other_id: form.otherId ?? '',
    field: form.field ?? '',
    value: form.value ?? '',
    author: plainText(form.author),
    reason: plainText(form.reason),
    until: form.until ?? '',
  }
  const line = csvLine(overrideColumns.map((name) => cells[name]))
  return parseOverrides(
    `${csvLine(overrideColumns)}\n${line}\n`,
    'the decision',
  )
}

/** What is written is what will be read. */
function checked(overrides: readonly Override[]): Override[] {
  return parseOverrides(overrideText(overrides), 'the decisions')
}

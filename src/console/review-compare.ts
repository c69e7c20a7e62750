/** Leads side by side, field by field; pure. */
import { mask } from './mask.js'
import type { LeadValues } from './review-queue.js'

export interface ComparedField {
  readonly field: string
  /** In the order of the leads. */
  readonly values: readonly string[]
  readonly differs: boolean
}

/** Fields that somebody has, those that differ first. */
export function compareLeads(
  leads: readonly LeadValues[],
  reveal: boolean,
): ComparedField[] {
  const [first] = leads
  const fields = [...(first?.values.keys() ?? [])].flatMap((field) => {
    const values = leads.map((lead) => lead.values.get(field) ?? '')
    if (values.every((value) => value === '')) return []
    const shown = values.map((value) =>
      value === '' || reveal ? value : mask(value),
    )
    return [{ field, values: shown, differs: new Set(values).size > 1 }]
  })
  return [
    ...fields.filter(({ differs }) => differs),
    ...fields.filter(({ differs }) => !differs),
  ]
}

import type { ReviewRecord } from '../run/review.js'

/** What tells people apart comes first; everything else by name. */
const first = [
  'firstName',
  'lastName',
  'email',
  'company',
  'title',
  'phone',
  'mobilePhone',
  'address',
  'city',
  'state',
  'postalCode',
  'country',
  'website',
  'dateOfBirth',
  'sfdcType',
  'sfdcAccountId',
  'sfdcContactId',
  'sfdcLeadId',
  'leadPartitionId',
  'unsubscribed',
  'leadSource',
  'createdAt',
  'updatedAt',
]

/** Fields that any of these records has, in the order to show them. */
export function fieldsOf(records: readonly ReviewRecord[]): string[] {
  const present = new Set(records.flatMap(({ values }) => Object.keys(values)))
  const rest = [...present].filter((field) => !first.includes(field))
  return [...first.filter((field) => present.has(field)), ...rest.toSorted()]
}

/** Whether the records do not all say the same of a field. */
export function differs(
  records: readonly ReviewRecord[],
  field: string,
): boolean {
  return new Set(records.map(({ values }) => values[field] ?? '')).size > 1
}

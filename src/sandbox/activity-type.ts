import { activityType } from './activity.js'

/** `activities/types.json` of the types that the sandbox logs. */
export const activityTypes = [
  {
    id: activityType.newLead,
    name: 'New Lead',
    description: 'New person/record is added to the lead database',
    primaryAttribute: { name: 'Created By', dataType: 'string' },
    attributes: [{ name: 'Source Type', dataType: 'string' }],
  },
  {
    id: activityType.changeDataValue,
    name: 'Change Data Value',
    description: 'Changed attribute value for a person/record',
    primaryAttribute: { name: 'Attribute Name', dataType: 'string' },
    attributes: [
      { name: 'New Value', dataType: 'string' },
      { name: 'Old Value', dataType: 'string' },
      { name: 'Reason', dataType: 'string' },
      { name: 'Source', dataType: 'string' },
    ],
  },
  {
    id: activityType.mergeLeads,
    name: 'Merge Leads',
    description: 'Leads are merged into a single record',
    primaryAttribute: { name: 'Lead ID', dataType: 'integer' },
    attributes: [
      { name: 'Master Updated', dataType: 'boolean' },
      { name: 'Merge IDs', dataType: 'string' },
      { name: 'Merge Source', dataType: 'string' },
      { name: 'Merged in Sales', dataType: 'boolean' },
    ],
  },
  {
    id: activityType.deleteLead,
    name: 'Delete Lead',
    description: 'Delete lead',
    primaryAttribute: { name: 'Lead ID', dataType: 'integer' },
    attributes: [{ name: 'Remove From CRM', dataType: 'boolean' }],
  },
]

/** Days that Marketo keeps a type; others are kept for good (retention policy). */
export function keptDays(type: number, deletedLeadDays: number): number {
  if (type === activityType.changeDataValue) return 90
  if (type === activityType.deleteLead) return deletedLeadDays
  // 25 months.
  return type === activityType.mergeLeads ? 760 : Number.POSITIVE_INFINITY
}

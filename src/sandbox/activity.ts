import type { Activity, Change } from './change.js'
import type { Field } from './schema.js'
import type { Value } from './value.js'

export const activityType = {
  newLead: 12,
  changeDataValue: 13,
  mergeLeads: 32,
  deleteLead: 37,
} as const

/** Numbers the activities that one operation logs. */
export class ActivityLog {
  #n: number
  readonly changes: Change[] = []

  constructor(last: number) {
    this.#n = last
  }

  add(activity: Omit<Activity, 'n'>): void {
    this.#n += 1
    this.changes.push({
      kind: 'activity',
      activity: { n: this.#n, ...activity },
    })
  }

  newLead(lead: string, at: number): void {
    this.add({ type: activityType.newLead, lead, at })
  }

  change(
    lead: string,
    field: Field,
    before: Value,
    after: Value,
    at: number,
  ): void {
    this.add({
      type: activityType.changeDataValue,
      lead,
      at,
      primaryId: String(field.id),
      primary: field.displayName,
      attributes: {
        'Attribute Name': field.name,
        'New Value': after,
        'Old Value': before,
        Reason: 'Web service API',
        Source: 'Web service API',
      },
    })
  }

  delete(lead: string, name: string, at: number): void {
    const primary = name === '' ? {} : { primary: name }
    this.add({
      type: activityType.deleteLead,
      lead,
      at,
      primaryId: lead,
      ...primary,
    })
  }

  merge(
    survivor: string,
    losers: readonly string[],
    facts: { updated: boolean; inCrm: boolean; at: number; name: string },
  ): void {
    this.add({
      type: activityType.mergeLeads,
      lead: survivor,
      at: facts.at,
      primaryId: survivor,
      ...(facts.name === '' ? {} : { primary: facts.name }),
      attributes: {
        'Master Updated': facts.updated,
        'Merge IDs': `[${losers.join(',')}]`,
        'Merge Source': 'Web service API',
        'Merged in Sales': facts.inCrm,
      },
    })
  }
}

/** The name that activities show for a lead. */
export function leadName(values: Readonly<Record<string, Value>>): string {
  return [values['firstName'], values['lastName']]
    .filter((part) => part !== undefined && part !== null)
    .join(' ')
}

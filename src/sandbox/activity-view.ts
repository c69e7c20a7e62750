import type { Call } from './call.js'
import type { Activity } from './change.js'
import { textOf } from './json.js'
import { numberId } from './reply.js'
import { isoSeconds, type Value } from './value.js'

/** Activities of merged leads belong to the survivor. */
export function owner(call: Call, activity: Activity): string {
  return call.service.world.resolve(activity.lead) ?? activity.lead
}

function headOf(call: Call, activity: Activity): object {
  const { n, type, at } = activity
  return {
    id: n,
    marketoGUID: String(n),
    leadId: numberId(owner(call, activity)),
    activityDate: isoSeconds(at),
    activityTypeId: type,
  }
}

/** An activity as `activities.json` has it; empty attributes are left out. */
export function shownActivity(call: Call, activity: Activity): object {
  const { primaryId, primary, attributes } = activity
  const listed = Object.entries(attributes ?? {})
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ({ name, value }))
  return {
    ...headOf(call, activity),
    ...(primaryId === undefined
      ? {}
      : { primaryAttributeValueId: numberId(primaryId) }),
    ...(primary === undefined ? {} : { primaryAttributeValue: primary }),
    attributes: listed,
  }
}

/** The field that a Change Data Value is about. */
export function changedField({ attributes }: Activity): string {
  return textOf(attributes?.['Attribute Name'])
}

/** An activity as `leadchanges.json` has it. */
export function shownChange(call: Call, activity: Activity): object {
  const { attributes = {} } = activity
  return {
    ...headOf(call, activity),
    fields: changes(call, activity),
    attributes: ['Reason', 'Source'].flatMap((name) => {
      const value = attributes[name] ?? null
      return value === null ? [] : [{ name, value }]
    }),
  }
}

function changes(call: Call, activity: Activity): object[] {
  const field = call.service.world.schema.field(changedField(activity))
  if (field === undefined) return []
  const { 'Old Value': before = null, 'New Value': after = null } =
    activity.attributes ?? {}
  const old = before === null ? {} : { oldValue: text(before) }
  return [{ id: field.id, name: field.name, newValue: text(after), ...old }]
}

/** The definitions know texts only; what is empty is taken as such a one. */
function text(value: Value): string {
  return value === null ? '' : String(value)
}

import { activityType } from './activity.js'
import { listParameter, parameter, type Call, type Route } from './call.js'
import type { Activity } from './change.js'
import { decodeToken, encodeToken } from './page.js'
import { ApiError, numberId, result, resultFirst, type Reply } from './reply.js'
import { isoSeconds, parseTime } from './value.js'

const permission = 'Read-Only Activity'

const types = [
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

function pagingToken(call: Call): Reply {
  const since = parameter(call, 'sinceDatetime')
  if (since === null) {
    throw new ApiError(
      '1002',
      "Missing value for required parameter 'sinceDatetime'",
    )
  }
  // An unencoded plus sign arrives as a blank.
  const time = parseTime(since.replace(/ (\d{2}:?\d{2})$/, '+$1'))
  if (time === null) throw new ApiError('704', 'Invalid date format')
  const at = firstSince(call.service.world.activities, time)
  const nextPageToken = encodeToken(['a', at])
  return { kind: 'json', status: 200, body: { success: true, nextPageToken } }
}

/** Activities are kept in the order of their dates. */
function firstSince(all: readonly Activity[], time: number): number {
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((all[middle]?.at ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

function positionOf(call: Call): number {
  const token = parameter(call, 'nextPageToken')
  if (token === null) {
    throw new ApiError(
      '1002',
      "Missing value for required parameter 'nextPageToken'",
    )
  }
  const [kind, at] = decodeToken(token) ?? []
  if (kind !== 'a' || !Number.isInteger(Number(at))) {
    throw new ApiError('1003', 'Invalid nextPageToken')
  }
  return Number(at)
}

function page(
  call: Call,
  isWanted: (activity: Activity) => boolean,
): { found: Activity[]; next: number; more: boolean } {
  const { activities } = call.service.world
  const scan = call.service.behaviour.activityScan
  const size = call.service.limits.batch
  const found: Activity[] = []
  let next = positionOf(call)
  const end = Math.min(activities.length, next + scan)
  while (next < end && found.length < size) {
    const activity = activities[next]
    if (activity !== undefined && isWanted(activity)) found.push(activity)
    next += 1
  }
  return { found, next, more: next < activities.length }
}

function byType(call: Call): Reply {
  const ids = listParameter(call, 'activityTypeIds').map(Number)
  if (ids.length === 0) {
    throw new ApiError(
      '1002',
      "Missing value for required parameter 'activityTypeIds'",
    )
  }
  if (ids.length > 10) {
    throw new ApiError('1003', 'At most 10 activityTypeIds are allowed')
  }
  const leads = leadFilter(call)
  const { found, next, more } = page(
    call,
    (activity) => ids.includes(activity.type) && leads(activity),
  )
  return answer(call, found, next, more)
}

/** Activities of merged leads belong to the survivor. */
function owner(call: Call, activity: Activity): string {
  return call.service.world.resolve(activity.lead) ?? activity.lead
}

function leadFilter(call: Call): (activity: Activity) => boolean {
  const leads = new Set(listParameter(call, 'leadIds'))
  if (leads.size > 30) {
    throw new ApiError('1003', 'At most 30 leadIds are allowed')
  }
  const list = parameter(call, 'listId')
  if (list !== null) {
    const members = call.service.world.lists.get(Number(list))?.members
    if (members === undefined) throw new ApiError('1013', 'List not found')
    if (members.size >= 10_000) throw new ApiError('1003', 'List is too large')
    return (activity) => members.has(owner(call, activity))
  }
  if (leads.size === 0) return () => true
  return (activity) => leads.has(owner(call, activity))
}

function deletedLeads(call: Call): Reply {
  const { service } = call
  const since = service.now() - service.behaviour.deletedLeadDays * 86_400_000
  const { found, next, more } = page(
    call,
    ({ type, at }) => type === activityType.deleteLead && at >= since,
  )
  return answer(call, found, next, more)
}

function answer(
  call: Call,
  found: readonly Activity[],
  next: number,
  moreResult: boolean,
): Reply {
  if (call.fault?.kind === 'empty-page') return emptyPage(call)
  const records = found.map((activity) => shown(call, activity))
  const extra = { nextPageToken: encodeToken(['a', next]), moreResult }
  return resultFirst(records, extra)
}

/** Nothing yet, and the same place to go on from (Adobe docs, activities). */
function emptyPage(call: Call): Reply {
  const nextPageToken = parameter(call, 'nextPageToken')
  const body = { success: true, nextPageToken, moreResult: true }
  return { kind: 'json', status: 200, body }
}

function shown(call: Call, activity: Activity): object {
  const { n, type, at, primaryId, primary, attributes } = activity
  const listed = Object.entries(attributes ?? {})
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ({ name, value }))
  return {
    id: n,
    marketoGUID: String(n),
    leadId: numberId(owner(call, activity)),
    activityDate: isoSeconds(at),
    activityTypeId: type,
    ...(primaryId === undefined
      ? {}
      : { primaryAttributeValueId: numberId(primaryId) }),
    ...(primary === undefined ? {} : { primaryAttributeValue: primary }),
    attributes: listed,
  }
}

function get(path: string, handler: Route['handler']): Route {
  return {
    method: 'GET',
    path: `/rest/v1/activities${path}`,
    permission,
    handler,
  }
}

export const activityRoutes: readonly Route[] = [
  get('/types.json', () => result(types)),
  get('/pagingtoken.json', pagingToken),
  get('.json', byType),
  get('/deletedleads.json', deletedLeads),
]

import { activityType } from './activity.js'
import { activityTypes, keptDays } from './activity-type.js'
import {
  changedField,
  owner,
  shownActivity,
  shownChange,
} from './activity-view.js'
import { listParameter, parameter, type Call, type Route } from './call.js'
import type { Activity } from './change.js'
import { decodeToken, encodeToken } from './page.js'
import { ApiError, result, resultFirst, type Reply } from './reply.js'
import { parseTime } from './value.js'

const permission = 'Read-Only Activity'

function pagingToken(call: Call): Reply {
  const since = parameter(call, 'sinceDatetime')
  if (since === null) {
    throw missing('sinceDatetime')
  }
  // An unencoded plus sign arrives as a blank.
  const time = parseTime(since.replace(/ (\d{2}:?\d{2})$/, '+$1'))
  if (time === null) throw new ApiError('704', 'Invalid date format')
  const at = firstSince(call.service.world.activities, time)
  const nextPageToken = tokenOf(call, at)
  return { kind: 'json', status: 200, body: { success: true, nextPageToken } }
}

/** A place in the log, and when the token for it was given. */
function tokenOf(call: Call, position: number): string {
  return encodeToken(['a', position, call.service.now()])
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
    throw missing('nextPageToken')
  }
  const [kind, at, given = '0'] = decodeToken(token) ?? []
  if (kind !== 'a' || !Number.isInteger(Number(at))) {
    throw new ApiError('1003', 'Invalid nextPageToken')
  }
  const life = call.service.behaviour.pagingTokenHours
  const age = call.service.now() - Number(given)
  if (life !== null && age > life * 3_600_000) {
    throw new ApiError('1003', 'Expired nextPageToken')
  }
  return Number(at)
}

function page(
  call: Call,
  isWanted: (activity: Activity) => boolean,
): { found: Activity[]; next: number; more: boolean } {
  const { service } = call
  const { activities } = service.world
  const { activityScan: scan, deletedLeadDays } = service.behaviour
  const now = service.now()
  const isKept = ({ type, at }: Activity) =>
    now - at <= keptDays(type, deletedLeadDays) * 86_400_000
  const size = call.service.limits.batch
  const found: Activity[] = []
  let next = positionOf(call)
  const end = Math.min(activities.length, next + scan)
  while (next < end && found.length < size) {
    const activity = activities[next]
    if (activity !== undefined && isKept(activity) && isWanted(activity)) {
      found.push(activity)
    }
    next += 1
  }
  return { found, next, more: next < activities.length }
}

function byType(call: Call): Reply {
  const ids = listParameter(call, 'activityTypeIds').map(Number)
  if (ids.length === 0) {
    throw missing('activityTypeIds')
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
  const { found, next, more } = page(
    call,
    ({ type }) => type === activityType.deleteLead,
  )
  return answer(call, found, next, more)
}

/** New leads, and changes of the fields that are asked for. */
function leadChanges(call: Call): Reply {
  const fields = listParameter(call, 'fields')
  if (fields.length === 0) throw missing('fields')
  for (const name of fields) {
    if (call.service.world.schema.field(name) === undefined) {
      throw new ApiError('1006', `Field '${name}' not found`)
    }
  }
  const leads = leadFilter(call)
  const { newLead, changeDataValue } = activityType
  const { found, next, more } = page(call, (activity) => {
    const { type } = activity
    const isChange =
      type === changeDataValue && fields.includes(changedField(activity))
    return (type === newLead || isChange) && leads(activity)
  })
  return answer(call, found, next, more, shownChange)
}

function answer(
  call: Call,
  found: readonly Activity[],
  next: number,
  moreResult: boolean,
  show = shownActivity,
): Reply {
  if (call.fault?.kind === 'empty-page') return emptyPage(call)
  const records = found.map((activity) => show(call, activity))
  const extra = { nextPageToken: tokenOf(call, next), moreResult }
  return resultFirst(records, extra)
}

/** Nothing yet, and another token for the same place (Adobe docs). */
function emptyPage(call: Call): Reply {
  const { service } = call
  const other = service.random.below(1_000_000)
  const place = ['a', positionOf(call), service.now(), other]
  const nextPageToken = encodeToken(place)
  const body = { success: true, nextPageToken, moreResult: true }
  return { kind: 'json', status: 200, body }
}

function missing(name: string): ApiError {
  return new ApiError('1002', `Missing value for required parameter '${name}'`)
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
  get('/types.json', () => result(activityTypes)),
  get('/pagingtoken.json', pagingToken),
  get('.json', byType),
  get('/deletedleads.json', deletedLeads),
  get('/leadchanges.json', leadChanges),
]

import type { Activity, ActivityPage } from './api.js'
import { endpoints } from './endpoint.js'
import type { Envelope, Json } from './envelope.js'
import type { Session } from './session.js'
import {
  attributes,
  needId,
  needInstant,
  needText,
  optionalCount,
  optionalText,
  UnusableAnswer,
} from './value.js'

/** A token for activities since a time, ISO 8601 with its zone. */
export function pagingToken(session: Session, since: string): Promise<string> {
  return session.call({
    endpoint: endpoints.pagingToken,
    query: { sinceDatetime: since },
    read: ({ nextPageToken }) => needText(nextPageToken),
  })
}

/** At most 10 types (Adobe docs, activities). */
export function activities(
  session: Session,
  token: string,
  typeIds: readonly number[],
): Promise<ActivityPage> {
  return session.call({
    endpoint: endpoints.activities,
    query: { activityTypeIds: typeIds.join(','), nextPageToken: token },
    read: (answer) => readPage(answer, token),
  })
}

/** Deletions of about the last 14 days (Adobe docs, activities). */
export function deletedLeads(
  session: Session,
  token: string,
): Promise<ActivityPage> {
  return session.call({
    endpoint: endpoints.deletedLeads,
    query: { nextPageToken: token },
    read: (answer) => readPage(answer, token),
  })
}

/** A page may be short, empty or without a result while more is to come. */
function readPage(answer: Envelope, token: string): ActivityPage {
  const more = answer.moreResult === true
  const next = answer.nextPageToken
  const isMute = answer.result === null && answer.moreResult === null
  // Taken for the last page, it would hide every deletion after it.
  if (isMute && next === null) throw new UnusableAnswer('no page')
  if (more && next === null) throw new UnusableAnswer('no next page')
  return {
    activities: (answer.result ?? []).map(parseActivity),
    nextPageToken: next ?? token,
    more,
  }
}

function parseActivity(activity: Json): Activity {
  const typeId = optionalCount(activity.activityTypeId)
  if (typeId === null) throw new UnusableAnswer('no activity type')
  return {
    // `id` is the older key and not unique; it stands in where there is none.
    guid: needText(activity.marketoGUID ?? activity.id),
    leadId: needId(activity.leadId),
    date: needInstant(activity.activityDate),
    typeId,
    primaryValue: optionalText(activity.primaryAttributeValue),
    attributes: attributes(activity.attributes),
  }
}

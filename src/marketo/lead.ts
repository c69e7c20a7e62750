import type { FieldValue, LeadField, LeadRecord, LeadSchema } from './api.js'
import { endpoints } from './endpoint.js'
import { type Envelope, isJson, type Json } from './envelope.js'
import { chunked, pooled } from './pool.js'
import type { Call } from './request.js'
import type { Session } from './session.js'
import {
  fieldValue,
  isId,
  needId,
  needText,
  optionalCount,
  UnusableAnswer,
} from './value.js'

/** Ids in one call (Adobe docs, leads). */
const mostIds = 300
/** Pages of one answer; more would be a token that leads in a circle. */
const mostPages = 1000

/** All fields and the searchable ones, from describe2. */
export function schema(session: Session): Promise<LeadSchema> {
  return session.call({
    endpoint: endpoints.schema,
    read: ({ result }) => {
      const fields = result?.[0]?.fields
      if (!Array.isArray(fields)) throw new UnusableAnswer('no fields')
      const searchable: unknown = result?.[0]?.searchableFields
      return {
        fields: fields.filter(isJson).map(field),
        searchable: names(searchable),
      }
    },
  })
}

function field(described: Json): LeadField {
  const name = needText(described.name)
  return {
    name,
    displayName:
      typeof described.displayName === 'string' ? described.displayName : name,
    dataType:
      typeof described.dataType === 'string' ? described.dataType : 'string',
    length: optionalCount(described.length),
    // Where Marketo does not say that a field may be written, it may not.
    updateable: described.updateable === true,
    crmManaged: described.crmManaged === true,
  }
}

/** A list of lists of one name each. */
function names(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value.flat() : []
  return list.filter((name) => typeof name === 'string')
}

/** Leads by id with the fields asked for; a field left out is null. */
export async function leads(
  session: Session,
  ids: readonly string[],
  fields: readonly string[],
): Promise<Map<string, LeadRecord>> {
  if (!ids.every(isId)) {
    const said = 'the request has a lead id that is not a number'
    throw session.error(endpoints.leads, { problem: 'bad_request', said })
  }
  const chunks = chunked([...new Set(ids)], mostIds)
  const found = new Map<string, LeadRecord>()
  await pooled(chunks, session.options.concurrency, async (chunk) => {
    const records = await leadsOf(session, chunk, fields)
    for (const [id, record] of records) found.set(id, record)
  })
  return found
}

async function leadsOf(
  session: Session,
  ids: readonly string[],
  fields: readonly string[],
): Promise<Map<string, LeadRecord>> {
  const wanted = new Set(ids)
  const records = await pages(session, {
    endpoint: endpoints.leads,
    query: {
      filterType: 'id',
      filterValues: ids.join(','),
      fields: [...new Set(['id', ...fields])].join(','),
      batchSize: String(mostIds),
    },
    // Without a result nothing is known; it must not look like "no leads".
    read: needResult,
  })
  const pairs = records.flatMap((record) => {
    const id = needId(record.id)
    return wanted.has(id) ? [[id, pick(record, fields)] as const] : []
  })
  return new Map(pairs)
}

export function pick(record: Json, fields: readonly string[]): LeadRecord {
  const pairs = fields.map((name): [string, FieldValue] => {
    const value = Object.hasOwn(record, name) ? record[name] : null
    return [name, name === 'id' ? needId(value) : fieldValue(value)]
  })
  return Object.fromEntries(pairs)
}

export function partitions(
  session: Session,
): Promise<{ id: string; name: string }[]> {
  return session.call({
    endpoint: endpoints.partitions,
    read: (answer) =>
      needResult(answer).map(({ id, name }) => ({
        id: needId(id),
        name: needText(name),
      })),
  })
}

/**
 * Records of a page; none only where the answer says so: by an empty list, a
 * warning (asset API, Adobe docs), or by telling of further pages.
 */
export function recordsOrNone(answer: Envelope): readonly Json[] {
  const { result, isWarned, moreResult, nextPageToken } = answer
  const isMute = !isWarned && moreResult === null && nextPageToken === null
  return result === null && !isMute ? [] : needResult(answer)
}

export function needResult({ result }: Envelope): readonly Json[] {
  if (result === null) throw new UnusableAnswer('no result')
  return result
}

/** All pages of a position token (Adobe docs, paging tokens). */
export async function pages(
  session: Session,
  call: Call<readonly Json[]>,
): Promise<Json[]> {
  const records: Json[] = []
  let token: string | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const position: Record<string, string> = token
      ? { nextPageToken: token }
      : {}
    const answer: { records: readonly Json[]; next: string | null } =
      await session.call({
        ...call,
        query: { ...call.query, ...position },
        read: (envelope) => ({
          records: call.read(envelope),
          next: envelope.moreResult === false ? null : envelope.nextPageToken,
        }),
      })
    records.push(...answer.records)
    if (answer.next === null || answer.next === token) return records
    token = answer.next
  }
  return records
}

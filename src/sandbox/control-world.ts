import { folderChange } from './birth-list.js'
import type { Change } from './change.js'
import { isRecord, textOf } from './json.js'
import type { Behaviour, Limits } from './option.js'
import type { OtherUse } from './others.js'
import { defineField, type FieldDefinition } from './schema.js'
import type { Service } from './service.js'

/** What a control endpoint tells, or why it refuses. */
export type Told =
  | { readonly ok: true; readonly body: object }
  | { readonly ok: false; readonly why: string }

function told(body: object): Told {
  return { ok: true, body }
}

function refused(why: string): Told {
  return { ok: false, why }
}

function list(given: Readonly<Record<string, unknown>>, name: string) {
  const value = given[name]
  const items: unknown[] = Array.isArray(value) ? value : []
  return items
}

/** `{"add": [definition], "remove": [name]}`: fields that come and go. */
export function changeFields(service: Service, given: unknown): Told {
  if (!isRecord(given)) return refused('not an object')
  const added = list(given, 'add')
  if (!added.every(isDefinition)) return refused('a field needs a name')
  const { schema } = service.world
  const from = Math.max(0, ...schema.fields.map(({ id }) => id)) + 1
  service.commit([
    ...list(given, 'remove').map(
      (name): Change => ({ kind: 'no-field', name: textOf(name) }),
    ),
    ...added.map(
      (field, index): Change => ({
        kind: 'field',
        field: defineField(schema.field(field.name)?.id ?? from + index, field),
      }),
    ),
  ])
  return told({ fields: schema.fields })
}

function isDefinition(value: unknown): value is FieldDefinition {
  return isRecord(value) && textOf(value['name']) !== ''
}

/**
 * `{"folders": [...], "static": [...], "smart": [...], "remove": [id]}`: new
 * lists, and other names, folders or conditions of those that exist.
 */
export function changeLists(service: Service, given: unknown): Told {
  if (!isRecord(given)) return refused('not an object')
  const { world } = service
  const now = service.now()
  const changes: Change[] = []
  for (const item of [...list(given, 'static'), ...list(given, 'smart')]) {
    if (!isRecord(item) || !Number.isInteger(item['id'])) {
      return refused('a list needs an id')
    }
  }
  for (const item of list(given, 'folders')) {
    if (!isFolder(item)) return refused('a folder needs an id and a name')
    changes.push(folderChange(item, now))
  }
  for (const item of list(given, 'static').filter(isRecord)) {
    const { members: _, ...known } = world.lists.get(Number(item['id'])) ?? {
      ...unnamed(item, now),
      members: null,
    }
    changes.push({ kind: 'list', list: { ...known, ...item, updatedAt: now } })
  }
  for (const item of list(given, 'smart').filter(isRecord)) {
    const known = world.smartLists.get(Number(item['id'])) ?? {
      ...unnamed(item, now),
      field: 'unsubscribed',
      equals: true,
    }
    changes.push({
      kind: 'smart-list',
      list: { ...known, ...item, updatedAt: now },
    })
  }
  for (const id of list(given, 'remove')) {
    changes.push({ kind: 'no-list', list: Number(id) })
  }
  service.commit(changes)
  return told({ changes: changes.length })
}

function unnamed(item: Readonly<Record<string, unknown>>, now: number) {
  return { id: Number(item['id']), name: '', createdAt: now, updatedAt: now }
}

function isFolder(value: unknown): value is { id: number; name: string } {
  return isRecord(value) && Number.isInteger(value['id']) && 'name' in value
}

/** `{"levels": [...], "jobs": [...]}`: what others use from now on. */
export function addOthers(service: Service, given: unknown): Told {
  if (!isOtherUse(given)) return refused('not an object of levels and jobs')
  service.others.add(given, service.now())
  return told({ added: true })
}

function isOtherUse(value: unknown): value is OtherUse {
  if (!isRecord(value)) return false
  return Object.entries(value).every(
    ([name, items]) =>
      ['levels', 'jobs'].includes(name) &&
      Array.isArray(items) &&
      items.every(isRecord),
  )
}

/**
 * `{"limits": {...}, "behaviour": {...}, "skew": seconds}`: another
 * subscription from now on. Names that do not exist are refused.
 */
export function changeOptions(service: Service, given: unknown): Told {
  if (!isRecord(given)) return refused('not an object')
  const { limits = {}, behaviour = {}, skew, ...rest } = given
  const [other] = Object.keys(rest)
  if (other !== undefined) return refused(`unknown option ${other}`)
  if (!isPart<Limits>(limits, service.limits)) return refused('unknown limit')
  if (!isPart<Behaviour>(behaviour, service.behaviour)) {
    return refused('unknown behaviour')
  }
  service.adjust(limits, behaviour)
  if (typeof skew === 'number') service.skew = skew * 1000
  return told({ limits: service.limits, behaviour: service.behaviour })
}

function isPart<T extends object>(
  value: unknown,
  whole: T,
): value is Partial<T> {
  if (!isRecord(value)) return false
  return Object.keys(value).every((name) => Object.hasOwn(whole, name))
}

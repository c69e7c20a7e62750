import type { Change } from './change.js'
import { isFault } from './fault.js'
import type { Request } from './gate.js'
import { isRecord, parseJson, textOf } from './json.js'
import type { Reply } from './reply.js'
import { defineField, type FieldDefinition } from './schema.js'
import type { Service } from './service.js'
import { stateText } from './state-view.js'
import { usageView } from './usage-view.js'

const text = { kind: 'text', status: 200, type: 'application/json' } as const

function json(body: Readonly<Record<string, unknown>>, status = 200): Reply {
  return { kind: 'json', status, body }
}

/**
 * The sandbox's own endpoints, outside Marketo's: faults on demand, the whole
 * state and the log of writes. Not counted, not limited, without token.
 */
export function control(service: Service, request: Request): Reply {
  switch (`${request.method} ${request.path}`) {
    case 'GET /sandbox/state':
      return { ...text, text: stateText(service) }
    case 'GET /sandbox/log':
      return json({ writes: [...service.world.writes.values()] })
    case 'GET /sandbox/usage':
      return json({ ...usageView(service, request.query) })
    case 'POST /sandbox/fields':
      return changeFields(service, request.text)
    case 'GET /sandbox/faults':
      return json(faultView(service))
    case 'POST /sandbox/faults':
      return addFaults(service, request.text)
    case 'DELETE /sandbox/faults':
      service.faults.clear()
      return json(faultView(service))
    default:
      return json({ error: 'not found' }, 404)
  }
}

/** The faults in force, and the hits of every kind since the beginning. */
function faultView({ faults }: Service): Record<string, unknown> {
  return { faults: faults.list(), hits: faults.hits }
}

function bodyOf(body: string): unknown {
  try {
    return parseJson(body)
  } catch {
    return null
  }
}

/** One fault or a list of them. */
function addFaults(service: Service, body: string): Reply {
  const given = bodyOf(body)
  const faults: unknown[] = Array.isArray(given) ? given : [given]
  if (!faults.every(isFault)) return json({ error: 'unknown fault' }, 400)
  service.faults.add(faults)
  return json(faultView(service))
}

/** `{"add": [definition], "remove": [name]}`: fields that come and go. */
function changeFields(service: Service, body: string): Reply {
  const given = bodyOf(body)
  if (!isRecord(given)) return json({ error: 'not an object' }, 400)
  const added: unknown[] = Array.isArray(given['add']) ? given['add'] : []
  const removed: unknown[] = Array.isArray(given['remove'])
    ? given['remove']
    : []
  if (!added.every(isDefinition)) {
    return json({ error: 'a field needs a name' }, 400)
  }
  const { schema } = service.world
  const from = Math.max(0, ...schema.fields.map(({ id }) => id)) + 1
  service.commit([
    ...removed.map(
      (name): Change => ({ kind: 'no-field', name: textOf(name) }),
    ),
    ...added.map(
      (field, index): Change => ({
        kind: 'field',
        field: defineField(schema.field(field.name)?.id ?? from + index, field),
      }),
    ),
  ])
  return json({ fields: schema.fields })
}

function isDefinition(value: unknown): value is FieldDefinition {
  return isRecord(value) && textOf(value['name']) !== ''
}

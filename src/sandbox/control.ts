import {
  addOthers,
  changeFields,
  changeLists,
  changeOptions,
  type Told,
} from './control-world.js'
import { isFault } from './fault.js'
import { advanceImports } from './import-queue.js'
import type { Request } from './gate.js'
import { parseJson } from './json.js'
import type { Reply } from './reply.js'
import type { Service } from './service.js'
import { stateText } from './state-view.js'
import { usageView } from './usage-view.js'

const text = { kind: 'text', status: 200, type: 'application/json' } as const

function json(body: object, status = 200): Reply {
  return { kind: 'json', status, body: { ...body } }
}

/**
 * The sandbox's own endpoints, outside Marketo's: faults on demand, other
 * integrations, changes of the subscription, the whole state, the log of
 * writes and the use of limits. Not counted, not limited, without token.
 */
export function control(service: Service, request: Request): Reply {
  switch (`${request.method} ${request.path}`) {
    case 'GET /sandbox/state':
      advanceImports(service, service.now())
      return { ...text, text: stateText(service) }
    case 'GET /sandbox/log':
      return json({ writes: [...service.world.writes.values()] })
    case 'GET /sandbox/usage':
      return json(usageView(service, request.query))
    case 'GET /sandbox/faults':
      return json(faultView(service))
    case 'DELETE /sandbox/faults':
      service.faults.clear()
      return json(faultView(service))
    case 'DELETE /sandbox/others':
      service.others.clear(service.now())
      return json({ levels: [], jobs: [] })
    default:
      return change(service, request)
  }
}

function change(service: Service, request: Request): Reply {
  const body = bodyOf(request.text)
  switch (`${request.method} ${request.path}`) {
    case 'POST /sandbox/faults':
      return replyOf(addFaults(service, body))
    case 'POST /sandbox/fields':
      return replyOf(changeFields(service, body))
    case 'POST /sandbox/lists':
      return replyOf(changeLists(service, body))
    case 'POST /sandbox/others':
      return replyOf(addOthers(service, body))
    case 'POST /sandbox/options':
      return replyOf(changeOptions(service, body))
    default:
      return json({ error: 'not found' }, 404)
  }
}

function replyOf(told: Told): Reply {
  return told.ok ? json(told.body) : json({ error: told.why }, 400)
}

/** The faults in force, and the hits of every kind since the beginning. */
function faultView({ faults }: Service): object {
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
function addFaults(service: Service, given: unknown): Told {
  const faults: unknown[] = Array.isArray(given) ? given : [given]
  if (!faults.every(isFault)) return { ok: false, why: 'unknown fault' }
  service.faults.add(faults)
  return { ok: true, body: faultView(service) }
}

import { ActivityLog, leadName } from './activity.js'
import { commitWrite, idsOf, type Call, type Route } from './call.js'
import type { Change } from './change.js'
import { numberId, result, type Reply } from './reply.js'

const endpoint = 'leads/delete'

function remove(call: Call): Reply {
  const { service } = call
  const at = service.now()
  const log = new ActivityLog(service.world.lastActivity)
  const changes: Change[] = []
  const seen = new Set<string>()
  const records = idsOf(call).map((id) => {
    const lead = service.world.leads.get(id)
    if (lead === undefined || seen.has(id)) return notFound()
    seen.add(id)
    changes.push({ kind: 'gone', gone: { id, at, into: null } })
    log.delete(id, leadName(lead.values), at)
    return { id: numberId(id), status: 'deleted' }
  })
  commitWrite(call, endpoint, [...changes, ...log.changes], {
    request: { ids: [...seen] },
  })
  return result(records)
}

export function notFound(): { status: string; reasons: object[] } {
  const reasons = [{ code: '1004', message: 'Lead not found' }]
  return { status: 'skipped', reasons }
}

export const deleteRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/rest/v1/leads/delete.json',
    permission: 'Read-Write Lead',
    write: endpoint,
    handler: remove,
  },
]

import { ActivityLog, leadName } from './activity.js'
import {
  commitWrite,
  listParameter,
  parameter,
  type Call,
  type Route,
} from './call.js'
import type { Change, Lead } from './change.js'
import { decideMerge } from './merge.js'
import { ApiError, success, type Reply } from './reply.js'

const endpoint = 'leads/{id}/merge'

interface Request {
  readonly winner: string
  readonly losers: readonly string[]
  readonly inCrm: boolean
}

function requestOf(call: Call): Request {
  const { limits, behaviour } = call.service
  const winner = call.params['id'] ?? ''
  const listed = [
    ...listParameter(call, 'leadId'),
    ...listParameter(call, 'leadIds'),
  ]
  const losers = [...new Set(listed)]
  if (losers.length === 0) {
    throw new ApiError('1002', "Missing value for required parameter 'leadIds'")
  }
  if (losers.length < listed.length && behaviour.duplicateLosers === 'error') {
    throw new ApiError('1003', 'Duplicate ids in leadIds')
  }
  if (losers.length > limits.mergeLosers) {
    throw new ApiError(
      '1080',
      `At most ${limits.mergeLosers} ids are allowed in leadIds`,
    )
  }
  if (losers.includes(winner)) {
    throw new ApiError('1003', 'The winning lead is among leadIds')
  }
  const asked = parameter(call, 'mergeInCRM')
  const inCrm = asked?.toLowerCase() === 'true' && behaviour.crm
  if (inCrm && losers.length > 1) {
    throw new ApiError('1003', 'Only two records can be merged in the CRM')
  }
  return { winner, losers, inCrm }
}

function leadsOf(call: Call, request: Request): [Lead, Lead[]] {
  const find = (id: string) => {
    const lead = call.service.world.leads.get(id)
    if (lead === undefined) throw new ApiError('1004', `Lead '${id}' not found`)
    return lead
  }
  return [find(request.winner), request.losers.map(find)]
}

async function merge(call: Call): Promise<Reply> {
  const { service } = call
  const request = requestOf(call)
  await service.sleep(service.random.between(...service.timing.mergeLatency))
  const [winner, losers] = leadsOf(call, request)
  const { world, behaviour } = service
  const decision = decideMerge(winner, losers, world.schema, behaviour)
  const changes = mergeChanges(call, request, decision)
  commitWrite(call, endpoint, changes, {
    request: { ...request },
    records: [{ survivor: decision.survivor.id }],
  })
  return success()
}

function mergeChanges(
  call: Call,
  request: Request,
  { survivor, losers, filled }: ReturnType<typeof decideMerge>,
): Change[] {
  const { service } = call
  const at = service.now()
  const ids = losers.map((lead) => lead.id)
  const log = new ActivityLog(service.world.lastActivity)
  log.merge(survivor.id, ids, {
    updated: Object.keys(filled).length > 0,
    inCrm: request.inCrm,
    at,
    name: leadName(survivor.values),
  })
  if (service.behaviour.losersInDeletedLeads) {
    for (const lead of losers) log.delete(lead.id, leadName(lead.values), at)
  }
  return [
    { kind: 'set', id: survivor.id, values: filled, at, standard: true },
    {
      kind: 'merge',
      merge: {
        named: request.winner,
        survivor: survivor.id,
        losers: ids,
        at,
        inCrm: request.inCrm,
      },
    },
    ...log.changes,
  ]
}

export const mergeRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/rest/v1/leads/{id}/merge.json',
    permission: 'Read-Write Lead',
    write: endpoint,
    handler: merge,
  },
]

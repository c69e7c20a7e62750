import { ActivityLog, leadName } from './activity.js'
import {
  commitWrite,
  listParameter,
  parameter,
  type Call,
  type Route,
} from './call.js'
import type { Change, Lead } from './change.js'
import { crmRank, decideMerge } from './merge.js'
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
  resync(call, request, decision.losers)
  return success()
}

/**
 * A loser that still lives in the CRM comes back as a new person with the
 * next sync cycle, where that is switched on.
 */
function resync(call: Call, request: Request, losers: readonly Lead[]): void {
  const { service } = call
  const seconds = service.behaviour.crmResyncSeconds
  if (seconds === null || request.inCrm) return
  const live = losers.filter(
    (lead) => crmRank(lead) > 0 && lead.values['sfdcIsDeleted'] !== true,
  )
  if (live.length === 0) return
  service.later(seconds * 1000, () => {
    const at = service.now()
    const log = new ActivityLog(service.world.lastActivity)
    let id = service.world.highestId
    const leads = live.map((lead): Change => {
      id += 1n
      log.newLead(String(id), at)
      const fresh = { createdAt: at, updatedAt: at, fieldUpdatedAt: at }
      return { kind: 'lead', lead: { ...lead, ...fresh, id: String(id) } }
    })
    service.commit([...leads, ...log.changes])
  })
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

import {
  type Call,
  commitWrite,
  inputOf,
  jsonBody,
  listParameter,
  parameter,
  type Route,
} from './call.js'
import type { Change } from './change.js'
import { textOf } from './json.js'
import { notFound } from './lead-delete.js'
import { pageOf } from './page.js'
import type { Program, ProgramMember } from './program-members.js'
import { ApiError, numberId, result, type Reply } from './reply.js'
import { isoSeconds } from './value.js'

const endpoint = 'programs/{id}/members/status'

function programOf(call: Call): Program {
  const id = call.params['program'] ?? ''
  const program = call.service.world.programs.get(Number(id))
  if (program === undefined) {
    throw new ApiError('1013', `Program '${id}' not found`)
  }
  return program
}

function hasSucceeded(program: Program, { status }: ProgramMember): boolean {
  return program.success?.includes(status) === true
}

function membership(call: Call): Reply {
  const { world } = call.service
  const id = call.params['id'] ?? ''
  if (!world.leads.has(id)) {
    throw new ApiError('1004', `Lead '${id}' not found`)
  }
  const wanted = listParameter(call, 'filterValues')
  const found = [...world.programs.values()].flatMap((program) => {
    const member = program.members.get(id)
    if (member === undefined) return []
    if (wanted.length > 0 && !wanted.includes(String(program.id))) return []
    return [
      {
        id: program.id,
        progressionStatus: member.status,
        isExhausted: false,
        acquiredBy: false,
        reachedSuccess: hasSucceeded(program, member),
        membershipDate: isoSeconds(member.since),
        updatedAt: isoSeconds(member.at),
      },
    ]
  })
  const page = pageOf(call, found)
  return result(page.items, page.extra)
}

function members(call: Call): Reply {
  const program = programOf(call)
  const type = parameter(call, 'filterType')
  if (type !== 'leadId' && type !== 'statusName') {
    throw new ApiError('1003', 'Invalid value for filterType')
  }
  const values = new Set(listParameter(call, 'filterValues'))
  const fields = listParameter(call, 'fields')
  const found = [...program.members]
    .filter(([lead, { status }]) =>
      values.has(type === 'leadId' ? lead : status),
    )
    .map(([lead, member], seq) => ({
      seq,
      leadId: numberId(lead),
      reachedSuccess: hasSucceeded(program, member),
      programId: program.id,
      acquiredBy: false,
      membershipDate: isoSeconds(member.since),
      ...(fields.includes('statusName') && { statusName: member.status }),
    }))
  const page = pageOf(call, found)
  return result(page.items, page.extra)
}

/** Members go forward only: one who is there already or past it is skipped. */
function setStatus(call: Call): Reply {
  const { world } = call.service
  const program = programOf(call)
  const status = textOf(jsonBody(call)['statusName'])
  const step = program.statuses.indexOf(status)
  if (step === -1) throw new ApiError('1025', 'Program status not found')
  const at = call.service.now()
  const changes: Change[] = []
  const records = inputOf(call).map(({ leadId }, seq) => {
    const lead = textOf(leadId)
    const named = { seq, leadId: numberId(lead) }
    if (!world.leads.has(lead)) return { ...named, ...notFound() }
    const own = program.members.get(lead)?.status
    if (own !== undefined && program.statuses.indexOf(own) >= step) {
      const message = 'Lead is already in or past this status'
      const reasons = [{ code: '1037', message }]
      return { ...named, status: 'skipped', reasons }
    }
    changes.push({ kind: 'member', program: program.id, lead, status, at })
    return { ...named, status: 'updated' }
  })
  const request = { program: program.id, status }
  commitWrite(call, endpoint, changes, { request })
  return result(records)
}

export const programRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rest/v1/leads/{id}/programMembership.json',
    permission: 'Read-Only Asset',
    handler: membership,
  },
  {
    method: 'GET',
    path: '/rest/v1/programs/{program}/members.json',
    permission: 'Read-Only Lead',
    handler: members,
  },
  {
    method: 'POST',
    path: '/rest/v1/programs/{program}/members/status.json',
    permission: 'Read-Write Lead',
    write: endpoint,
    handler: setStatus,
  },
]

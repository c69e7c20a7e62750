import {
  commitWrite,
  idsOf,
  listParameter,
  type Call,
  type Route,
} from './call.js'
import type { Change } from './change.js'
import { notFound } from './lead-delete.js'
import { askedFields, view } from './lead-read.js'
import { pageOf } from './page.js'
import { ApiError, numberId, result, resultFirst, type Reply } from './reply.js'
import { isoSeconds } from './value.js'
import type { StaticList } from './world.js'

const read = 'Read-Only Lead'
const write = 'Read-Write Lead'

function listOf(call: Call): StaticList {
  const id = call.params['list'] ?? ''
  const list = call.service.world.lists.get(Number(id))
  if (list === undefined) throw new ApiError('1013', `List '${id}' not found`)
  return list
}

function shown(list: StaticList): object {
  return {
    id: list.id,
    name: list.name,
    ...(list.description ? { description: list.description } : {}),
    ...(list.program ? { programName: list.program } : {}),
    workspaceName: 'Default',
    createdAt: isoSeconds(list.createdAt),
    updatedAt: isoSeconds(list.updatedAt),
  }
}

function lists(call: Call): Reply {
  const ids = listParameter(call, 'id')
  const names = listParameter(call, 'name')
  const programs = listParameter(call, 'programName')
  const found = [...call.service.world.lists.values()].filter(
    ({ id, name, program = '' }) =>
      (ids.length === 0 || ids.includes(String(id))) &&
      (names.length === 0 || names.includes(name)) &&
      (programs.length === 0 || programs.includes(program)),
  )
  const page = pageOf(call, found.map(shown))
  return resultFirst(page.items, page.extra)
}

function one(call: Call): Reply {
  return result([shown(listOf(call))])
}

function members(call: Call): Reply {
  const { world } = call.service
  const list = listOf(call)
  const fields = askedFields(call)
  const leads = [...list.members.keys()].flatMap(
    (id) => world.leads.get(id) ?? [],
  )
  const page = pageOf(call, leads)
  return result(view(call, page.items, fields), page.extra)
}

function add(call: Call): Reply {
  const { world } = call.service
  const list = listOf(call)
  const at = call.service.now()
  const changes: Change[] = []
  const records = idsOf(call).map((id) => {
    if (!world.leads.has(id)) return { id: numberId(id), ...notFound() }
    if (!list.members.has(id)) {
      changes.push({ kind: 'join', list: list.id, lead: id, at })
    }
    return { id: numberId(id), status: 'added' }
  })
  const request = { list: list.id }
  commitWrite(call, 'lists/{id}/leads add', changes, { request })
  return result(records)
}

function leave(call: Call): Reply {
  const { world } = call.service
  const list = listOf(call)
  const changes: Change[] = []
  const records = idsOf(call).map((id) => {
    if (!world.leads.has(id)) return { id: numberId(id), ...notFound() }
    if (!list.members.has(id)) {
      const reasons = [{ code: '1015', message: 'Lead not in list' }]
      return { id: numberId(id), status: 'skipped', reasons }
    }
    changes.push({ kind: 'leave', list: list.id, lead: id })
    return { id: numberId(id), status: 'removed' }
  })
  const request = { list: list.id }
  commitWrite(call, 'lists/{id}/leads remove', changes, { request })
  return result(records)
}

function isMember(call: Call): Reply {
  const { world } = call.service
  const list = listOf(call)
  const records = idsOf(call).map((id) => {
    if (!world.leads.has(id)) return { id: numberId(id), ...notFound() }
    const status = list.members.has(id) ? 'memberof' : 'notmemberof'
    return { id: numberId(id), status }
  })
  return result(records)
}

function membership(call: Call): Reply {
  const { world } = call.service
  const id = call.params['id'] ?? ''
  if (!world.leads.has(id)) {
    throw new ApiError('1004', `Lead '${id}' not found`)
  }
  const found = [...world.lists.values()].flatMap((list) => {
    const at = list.members.get(id)
    if (at === undefined) return []
    const time = isoSeconds(at)
    return [{ listId: list.id, createdAt: time, updatedAt: time }]
  })
  const page = pageOf(call, found)
  return result(page.items, page.extra)
}

function route(
  method: Route['method'],
  path: string,
  permission: string,
  handler: Route['handler'],
): Route {
  return { method, path, permission, handler }
}

const leadsPath = '/rest/v1/lists/{list}/leads.json'

export const listRoutes: readonly Route[] = [
  route('GET', '/rest/v1/lists.json', read, lists),
  route('GET', '/rest/v1/lists/{list}.json', read, one),
  route('GET', leadsPath, read, members),
  route('GET', '/rest/v1/list/{list}/leads.json', read, members),
  {
    ...route('POST', leadsPath, write, add),
    write: 'lists/{id}/leads add',
  },
  {
    ...route('DELETE', leadsPath, write, leave),
    write: 'lists/{id}/leads remove',
  },
  route('GET', '/rest/v1/lists/{list}/leads/ismember.json', write, isMember),
  route(
    'GET',
    '/rest/v1/leads/{id}/listMembership.json',
    'Read-Only Asset',
    membership,
  ),
]

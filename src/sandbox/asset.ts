import { listFolder } from './birth-list.js'
import {
  commitWrite,
  parameter,
  type Call,
  type Handler,
  type Route,
} from './call.js'
import type { Change, FolderInfo, StaticListInfo } from './change.js'
import { isRecord, parseJson } from './json.js'
import { ApiError, type Reply } from './reply.js'
import { isoSeconds, parseTime } from './value.js'

const read = 'Read-Only Assets'
const write = 'Read-Write Assets'

/** Asset bodies always have errors and warnings; no match is a warning. */
export function assets(records: readonly object[]): Reply {
  const found = records.length > 0
  const warning = 'No assets found for the given search criteria.'
  const body = {
    success: true,
    errors: [],
    warnings: found ? [] : [warning],
    ...(found ? { result: records } : {}),
  }
  return { kind: 'json', status: 200, body }
}

/** Asset times carry both Z and an offset (Adobe docs, static lists). */
export function assetTime(milliseconds: number): string {
  return `${isoSeconds(milliseconds)}+0000`
}

/** `/rest/asset/v1` names both kinds of list in the same way. */
type Kind = 'staticList' | 'smartList'

function all(call: Call, kind: Kind): StaticListInfo[] {
  const { lists, smartLists } = call.service.world
  return [...(kind === 'staticList' ? lists : smartLists).values()]
}

function shown(call: Call, kind: Kind, list: StaticListInfo): object {
  const id = list.folder ?? listFolder
  const type = call.service.world.folders.get(id)?.type ?? 'Folder'
  const mark = kind === 'staticList' ? 'ST' : 'SL'
  const url = `https://app-sandbox.marketo.com/#${mark}${list.id}A1`
  return {
    id: list.id,
    name: list.name,
    description: list.description ?? '',
    createdAt: assetTime(list.createdAt),
    updatedAt: assetTime(list.updatedAt),
    url,
    folder: { id, type },
    workspace: 'Default',
    ...(kind === 'staticList' ? { computedUrl: url } : {}),
  }
}

/** One page: 20 assets unless more are asked for, at most 200. */
export function page<T>(call: Call, items: readonly T[]): readonly T[] {
  const offset = Number(parameter(call, 'offset') ?? 0)
  const most = Number(parameter(call, 'maxReturn') ?? 20)
  if (!(offset >= 0) || !(most >= 1) || most > 200) {
    throw new ApiError('1001', 'Invalid value for offset or maxReturn')
  }
  return items.slice(offset, offset + most)
}

/** A folder as parameters name it: `{"id": 13, "type": "Folder"}`. */
export function folderOf(call: Call, name: string): FolderInfo | null {
  const text = parameter(call, name)
  if (text === null) return null
  try {
    const given = parseJson(text)
    const id = isRecord(given) ? Number(given['id']) : Number.NaN
    const folder = call.service.world.folders.get(id)
    if (folder !== undefined) return folder
  } catch {
    throw new ApiError('1001', `Invalid value for parameter '${name}'`)
  }
  throw new ApiError('710', 'Parent folder not found')
}

function time(call: Call, name: string, other: number): number {
  const text = parameter(call, name)
  if (text === null) return other
  const at = parseTime(text)
  if (at === null) throw new ApiError('704', 'Invalid date format')
  return at
}

function browse(kind: Kind): Handler {
  return (call) => {
    const folder = folderOf(call, 'folder')
    const from = time(call, 'earliestUpdatedAt', Number.NEGATIVE_INFINITY)
    const to = time(call, 'latestUpdatedAt', Number.POSITIVE_INFINITY)
    const found = all(call, kind).filter(
      (list) =>
        (folder === null || (list.folder ?? listFolder) === folder.id) &&
        list.updatedAt >= from &&
        list.updatedAt <= to,
    )
    return assets(page(call, found).map((list) => shown(call, kind, list)))
  }
}

function one(kind: Kind): Handler {
  return (call) => {
    const id = Number(call.params['id'])
    const found = all(call, kind).filter((list) => list.id === id)
    return assets(found.map((list) => shown(call, kind, list)))
  }
}

/** Names compare exactly; several folders may have the same one. */
function byName(kind: Kind): Handler {
  return (call) => {
    const name = needed(call, 'name')
    const found = all(call, kind).filter((list) => list.name === name)
    return assets(found.map((list) => shown(call, kind, list)))
  }
}

function needed(call: Call, name: string): string {
  const value = parameter(call, name)
  if (value !== null) return value
  throw new ApiError('1002', `Missing value for required parameter '${name}'`)
}

function known(call: Call, kind: Kind): StaticListInfo {
  const id = Number(call.params['id'])
  const list = all(call, kind).find((other) => other.id === id)
  if (list === undefined) throw new ApiError('702', 'Asset not found')
  return list
}

function save(call: Call, endpoint: string, change: Change): void {
  const query = Object.fromEntries(call.query)
  commitWrite(call, endpoint, [change], { request: query })
}

function create(call: Call): Reply {
  const { world } = call.service
  const name = needed(call, 'name')
  const folder = folderOf(call, 'folder')
  if (folder === null) throw new ApiError('1002', 'A folder is required')
  const taken = all(call, 'staticList').some(
    (list) => list.name === name && (list.folder ?? listFolder) === folder.id,
  )
  if (taken) throw new ApiError('709', 'Another list has this name')
  const now = call.service.now()
  const list: StaticListInfo = {
    id: Math.max(1000, ...world.lists.keys()) + 1,
    name,
    description: parameter(call, 'description') ?? '',
    folder: folder.id,
    createdAt: now,
    updatedAt: now,
  }
  save(call, 'staticLists create', { kind: 'list', list })
  return assets([shown(call, 'staticList', list)])
}

/** A list as changes carry it: without its members. */
function infoOf(list: StaticListInfo): StaticListInfo {
  const { id, name, createdAt, updatedAt } = list
  const { description = '', folder = listFolder, program = '' } = list
  const where = { description, folder, program }
  return { id, name, createdAt, updatedAt, ...where }
}

function update(call: Call): Reply {
  const before = infoOf(known(call, 'staticList'))
  const list: StaticListInfo = {
    ...before,
    name: parameter(call, 'name') ?? before.name,
    description: parameter(call, 'description') ?? before.description ?? '',
    updatedAt: call.service.now(),
  }
  save(call, 'staticList update', { kind: 'list', list })
  return assets([shown(call, 'staticList', list)])
}

function remove(kind: Kind): Handler {
  return (call) => {
    const { id } = known(call, kind)
    save(call, `${kind} delete`, { kind: 'no-list', list: id })
    return assets([{ id }])
  }
}

function get(path: string, handler: Handler): Route {
  const full = `/rest/asset/v1/${path}`
  return { method: 'GET', path: full, permission: read, handler }
}

function post(path: string, name: string, handler: Handler): Route {
  const full = `/rest/asset/v1/${path}`
  return { method: 'POST', path: full, permission: write, write: name, handler }
}

function routesOf(kind: Kind): Route[] {
  return [
    get(`${kind}s.json`, browse(kind)),
    get(`${kind}/byName.json`, byName(kind)),
    get(`${kind}/{id}.json`, one(kind)),
    post(`${kind}/{id}/delete.json`, `${kind} delete`, remove(kind)),
  ]
}

export const assetRoutes: readonly Route[] = [
  ...routesOf('staticList'),
  ...routesOf('smartList'),
  post('staticLists.json', 'staticLists create', create),
  post('staticList/{id}.json', 'staticList update', update),
]

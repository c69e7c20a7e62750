import { parameter, type Call, type Route } from './call.js'
import type { SmartListOption } from './option.js'
import { ApiError, type Reply } from './reply.js'
import { listsByName } from './static-list.js'
import { isoSeconds } from './value.js'
import type { StaticList } from './world.js'

const permission = 'Read-Only Assets'

/** Asset bodies always have errors and warnings; no match is a warning. */
function assets(records: readonly object[]): Reply {
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
function assetTime(milliseconds: number): string {
  return `${isoSeconds(milliseconds)}+0000`
}

function shownStatic(list: StaticList): object {
  return {
    id: list.id,
    name: list.name,
    createdAt: assetTime(list.createdAt),
    updatedAt: assetTime(list.updatedAt),
    folder: { id: 13, type: 'Folder' },
    computedUrl: `https://app-sandbox.marketo.com/#ST${list.id}A1`,
  }
}

function shownSmart({ id, name }: SmartListOption): object {
  return {
    id,
    name,
    workspace: 'Default',
    folder: { id: 13, type: 'Folder' },
    computedUrl: `https://app-sandbox.marketo.com/#SL${id}A1`,
  }
}

function page<T>(call: Call, items: readonly T[]): readonly T[] {
  const offset = Number(parameter(call, 'offset') ?? 0)
  const most = Number(parameter(call, 'maxReturn') ?? 20)
  if (!(offset >= 0) || !(most >= 1) || most > 200) {
    throw new ApiError('1001', 'Invalid value for offset or maxReturn')
  }
  return items.slice(offset, offset + most)
}

function staticLists(call: Call): Reply {
  return assets(
    page(call, [...call.service.world.lists.values()]).map(shownStatic),
  )
}

function staticList(call: Call): Reply {
  const list = call.service.world.lists.get(Number(call.params['id']))
  return assets(list === undefined ? [] : [shownStatic(list)])
}

function staticByName(call: Call): Reply {
  return assets(listsByName(call).map(shownStatic))
}

function smartLists(call: Call): Reply {
  return assets(page(call, call.service.smartLists).map(shownSmart))
}

function smartList(call: Call): Reply {
  const id = Number(call.params['id'])
  const found = call.service.smartLists.filter((list) => list.id === id)
  return assets(found.map(shownSmart))
}

function smartByName(call: Call): Reply {
  const name = parameter(call, 'name')
  const found = call.service.smartLists.filter((list) => list.name === name)
  return assets(found.map(shownSmart))
}

function get(path: string, handler: Route['handler']): Route {
  return { method: 'GET', path: `/rest/asset/v1/${path}`, permission, handler }
}

export const assetRoutes: readonly Route[] = [
  get('staticLists.json', staticLists),
  get('staticList/byName.json', staticByName),
  get('staticList/{id}.json', staticList),
  get('smartLists.json', smartLists),
  get('smartList/byName.json', smartByName),
  get('smartList/{id}.json', smartList),
]

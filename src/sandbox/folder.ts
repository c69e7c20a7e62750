import { assets, assetTime, folderOf, page } from './asset.js'
import { parameter, type Call, type Handler, type Route } from './call.js'
import type { FolderInfo } from './change.js'
import { ApiError, type Reply } from './reply.js'
import type { World } from './world.js'

/** From the top: `/Lead Database/Group Lists`. */
function pathOf(world: World, folder: FolderInfo): string {
  const above =
    folder.parent === null ? undefined : world.folders.get(folder.parent)
  return `${above === undefined ? '' : pathOf(world, above)}/${folder.name}`
}

function reference({ id, type }: FolderInfo): object {
  return { id, type }
}

function shown(call: Call, folder: FolderInfo): object {
  const { world } = call.service
  const { id, name, type, createdAt, parent } = folder
  const above = parent === null ? undefined : world.folders.get(parent)
  const isProgram = type === 'Program'
  return {
    id,
    name,
    description: '',
    createdAt: assetTime(createdAt),
    updatedAt: assetTime(createdAt),
    url: `https://app-sandbox.marketo.com/#${isProgram ? 'PG' : 'ML'}${id}A1`,
    folderId: reference(folder),
    folderType: isProgram ? 'Marketing Program' : 'Zone',
    parent: above === undefined ? { id: 1, type: 'Folder' } : reference(above),
    path: pathOf(world, folder),
    isArchive: false,
    isSystem: parent === null,
    accessZoneId: 1,
    workspace: 'Default',
  }
}

/** How many folders are above, down from `root`; null when not below it. */
function depth(world: World, folder: FolderInfo, root: number | null) {
  let [current, steps] = [folder, 0]
  for (;;) {
    if (current.id === root) return steps
    const above =
      current.parent === null ? undefined : world.folders.get(current.parent)
    if (above === undefined) return root === null ? steps : null
    current = above
    steps += 1
  }
}

/** Folders down to `maxDepth` (2 unless asked), parents first. */
function folders(call: Call): Reply {
  const { world } = call.service
  const root = folderOf(call, 'root')?.id ?? null
  const most = Number(parameter(call, 'maxDepth') ?? 2)
  const found = [...world.folders.values()].flatMap((folder) => {
    const steps = depth(world, folder, root)
    return steps !== null && steps < most ? [{ folder, steps }] : []
  })
  found.sort((a, b) => a.steps - b.steps || a.folder.id - b.folder.id)
  const items = page(call, found)
  return assets(items.map(({ folder }) => shown(call, folder)))
}

function one(call: Call): Reply {
  const folder = call.service.world.folders.get(Number(call.params['id']))
  const type = parameter(call, 'type')
  if (folder === undefined || type !== folder.type) return assets([])
  return assets([shown(call, folder)])
}

function byName(call: Call): Reply {
  const name = parameter(call, 'name')
  if (name === null) {
    throw new ApiError('1002', "Missing value for required parameter 'name'")
  }
  const type = parameter(call, 'type')
  const found = [...call.service.world.folders.values()].filter(
    (folder) => folder.name === name && (type === null || folder.type === type),
  )
  return assets(found.map((folder) => shown(call, folder)))
}

function get(path: string, handler: Handler): Route {
  const permission = 'Read-Only Assets'
  return { method: 'GET', path: `/rest/asset/v1/${path}`, permission, handler }
}

export const folderRoutes: readonly Route[] = [
  get('folders.json', folders),
  get('folder/byName.json', byName),
  get('folder/{id}.json', one),
]

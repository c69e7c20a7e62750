import { activityRoutes } from './activity-read.js'
import { assetRoutes } from './asset.js'
import type { Route } from './call.js'
import { exportRoutes } from './export.js'
import { folderRoutes } from './folder.js'
import { importRoutes } from './import.js'
import { deleteRoutes } from './lead-delete.js'
import { mergeRoutes } from './lead-merge.js'
import { leadReadRoutes } from './lead-read.js'
import { syncRoutes } from './lead-sync.js'
import { metadataRoutes } from './metadata.js'
import { programRoutes } from './program.js'
import { listRoutes } from './static-list.js'
import { usageRoutes } from './usage.js'

/** Fixed paths come before templates that would also match them. */
const routes: readonly Route[] = [
  ...metadataRoutes,
  ...leadReadRoutes,
  ...syncRoutes,
  ...deleteRoutes,
  ...mergeRoutes,
  ...listRoutes,
  ...programRoutes,
  ...assetRoutes,
  ...folderRoutes,
  ...exportRoutes,
  ...importRoutes,
  ...activityRoutes,
  ...usageRoutes,
]

const compiled = routes.map((route) => ({
  route,
  pattern: new RegExp(
    `^${route.path
      .replaceAll('.', '\\.')
      .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`,
  ),
}))

export type Found =
  | {
      readonly kind: 'route'
      readonly route: Route
      readonly params: Readonly<Record<string, string>>
    }
  /** The path exists, but not with this method. */
  | { readonly kind: 'method' }
  | { readonly kind: 'none' }

export function findRoute(method: string, path: string): Found {
  let isKnown = false
  for (const { route, pattern } of compiled) {
    const match = pattern.exec(path)
    if (match === null) continue
    if (route.method === method) {
      return { kind: 'route', route, params: { ...match.groups } }
    }
    isKnown = true
  }
  return { kind: isKnown ? 'method' : 'none' }
}

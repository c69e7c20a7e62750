/** Every page, action, download and stream of the console. */
import type { Route } from './page.js'
import { overviewRoutes } from './overview.js'
import { settingsRoutes } from './settings.js'

export const routes: readonly Route[] = [...overviewRoutes, ...settingsRoutes]

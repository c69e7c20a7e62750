/** Every page, action, download and stream of the console. */
import { leadRoutes } from './lead.js'
import { groupActions } from './group-action.js'
import { overviewRoutes } from './overview.js'
import type { Route } from './page.js'
import { pipelineRoutes } from './pipeline.js'
import { reportRoutes } from './report.js'
import { runLogRoutes } from './run-log.js'
import { runPlanRoutes } from './run-plan.js'
import { runRoutes } from './run.js'
import { qualityRoutes } from './quality.js'
import { reviewRoutes } from './review.js'
import { settingsRoutes } from './settings.js'

export const routes: readonly Route[] = [
  ...overviewRoutes,
  ...groupActions,
  ...pipelineRoutes,
  ...runRoutes,
  ...runLogRoutes,
  ...runPlanRoutes,
  ...reportRoutes,
  ...leadRoutes,
  ...qualityRoutes,
  ...reviewRoutes,
  ...settingsRoutes,
]

/** Two plans on the same data: by the rules there are, and by others. */
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, instant } from '../clock.js'
import { readLeadSchema } from './landed-schema.js'
import type { PlanHeader } from '../load/plan.js'
import { diffPlans, type PlanDifference } from '../load/plan-diff.js'
import { openPlan } from '../load/plan-file.js'
import { makePlan } from '../load/planner.js'
import { refuseWriteFaults } from '../load/write-fault.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { type Folders, foldersOf, makeFolders } from './folder.js'
import { buildMatched } from './match.js'
import { refuseBroken } from './model.js'
import { sealed, trusted } from './phase.js'
import { compileModels, nothingLanded } from './project.js'
import { toolVersion } from './version.js'

export interface RulesRequest {
  readonly loaded: LoadedPipeline
  /** Other rules for the same pipeline. */
  readonly other: LoadedPipeline
  readonly projectDir: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How many changes of each kind to show. */
  readonly samples: number
  readonly note: (text: string) => void
}

export interface RulesComparison {
  readonly before: PlanHeader
  readonly after: PlanHeader
  readonly difference: PlanDifference
}

/**
 * Builds and plans twice in a copy of the build file, so that nothing of the
 * pipeline changes. Needs the pipeline's lock.
 */
export async function compareRules(
  request: RulesRequest,
): Promise<RulesComparison> {
  const { loaded, other, projectDir } = request
  const { name } = loaded.pipeline
  const folders = foldersOf(projectDir, name)
  if (!existsSync(folders.build)) throw nothingLanded(name)
  const scratch = join(folders.temp, 'rules')
  await rm(scratch, { recursive: true, force: true })
  try {
    const first = await planWith(request, loaded, join(scratch, 'before'))
    const second = await planWith(request, other, join(scratch, 'after'))
    const [before, after] = [await openPlan(first), await openPlan(second)]
    try {
      const difference = await diffPlans(before, after, request.samples)
      return { before: before.header, after: after.header, difference }
    } finally {
      await before.close()
      await after.close()
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Path of the plan that these rules make. */
async function planWith(
  request: RulesRequest,
  rules: LoadedPipeline,
  scratch: string,
): Promise<string> {
  const { projectDir, clock, signal, note } = request
  const { pipeline } = rules
  const folders = await copied(projectDir, pipeline.name, scratch)
  const place = { folders, clock, loaded: rules }
  await trusted(place, note, async () => {})
  return await sealed(place, async (warehouse) => {
    const compiled = await compileModels(warehouse, rules, projectDir)
    const models = await buildMatched(
      warehouse,
      compiled,
      { names: null, signal, clock, onModel: unheard, onTest: unheard },
      { pipeline, projectDir: scratch, clock, note },
    )
    refuseBroken(models, pipeline.name, 'plan')
    for (const text of await refuseWriteFaults(warehouse, rules)) note(text)
    const landed = await warehouse.one<{ leads: number; as_of: string }>(
      `select
         (select count(*) from main.lead where not is_deleted) as leads,
         (select max(as_of) from raw.extract) as as_of`,
    )
    const plan = await makePlan({
      warehouse,
      pipeline,
      schema: await readLeadSchema(warehouse),
      instance: 'comparison',
      asOf: landed.as_of ?? instant(clock),
      leads: landed.leads,
      folder: folders.root,
      tool: toolVersion(),
    })
    return plan.path
  })
}

/** Nobody watches the models of a comparison. */
const unheard = () => {}

/** A copy of the build file, and of what was trained, to work on. */
async function copied(
  projectDir: string,
  name: string,
  scratch: string,
): Promise<Folders> {
  const own = foldersOf(projectDir, name)
  const folders = foldersOf(scratch, name)
  makeFolders(folders)
  await copyFile(own.build, folders.build)
  const wal = `${own.build}.wal`
  if (existsSync(wal)) await copyFile(wal, `${folders.build}.wal`)
  const rules = join(projectDir, 'pipelines')
  await mkdir(join(scratch, 'pipelines'))
  for (const file of await readdir(rules)) {
    if (!file.endsWith('.match.json')) continue
    await copyFile(join(rules, file), join(scratch, 'pipelines', file))
  }
  return folders
}

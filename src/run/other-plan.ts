/** Which plan is meant, and what stands against applying it now. */
import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { finishFile, privateFolder } from '../durable.js'
import { asMachineError, exitCode, PipelineError } from '../error.js'
import { readJournal } from '../load/journal.js'
import { journalPlace } from '../load/place.js'
import type { PlanHeader } from '../load/plan.js'
import { openPlan, planName } from '../load/plan-file.js'
import { refuseForeignPlan, staleness } from '../load/plan-refusal.js'
import type { Recorder } from './recorder.js'
import type { Session } from './session.js'
import { toolVersion } from './version.js'

/** A plan to apply, and who says so. */
export interface Approved {
  readonly plan: string
  readonly who: string
  /** Rows after which to pause; left out: none. */
  readonly first?: number
}

/**
 * The plan in the folder where a later run, `why` and `restore` look for it.
 * A copy of it from elsewhere, as of a machine that has no disk of its own,
 * is put there first; one that will be refused is left where it is.
 *
 * Throws PipelineError (exit 8) for a plan that is altered or foreign.
 */
export async function planAtHome(
  { folders, loaded, marketo }: Session,
  path: string,
): Promise<string> {
  const header = await headerOf(path)
  const home = join(folders.plan, `${planName(header.hash)}.jsonl`)
  if (resolve(path) === resolve(home)) return path
  const { instance } = marketo
  const now = marketo.serverNow()
  const use = { pipeline: loaded.pipeline, instance, tool: toolVersion(), now }
  refuseForeignPlan(header, use)
  const { journal } = journalPlace(folders.root, planName(header.hash))
  const isKnown = (await readJournal(journal)) !== null
  if (!isKnown && staleness(header, use) !== null) return path
  await privateFolder(folders.plan)
  const copy = `${home}.${process.pid}.tmp`
  try {
    await copyFile(path, copy)
    await finishFile(copy, home)
  } catch (error) {
    throw asMachineError(error, `Copying the plan ${path}`)
  } finally {
    await rm(copy, { force: true })
  }
  return home
}

async function headerOf(path: string): Promise<PlanHeader> {
  const plan = await openPlan(path)
  await plan.close()
  return plan.header
}

/**
 * Of a plan that was begun, a request may still be under way; another plan
 * must not touch its leads before that is known.
 */
export function refuseOther(
  plan: string,
  unfinished: string,
  recorder: Recorder,
): void {
  const name = basename(unfinished, '.jsonl')
  if (basename(plan, '.jsonl') === name) return
  refuseLost(unfinished, recorder)
  throw new PipelineError(
    'plan_unfinished',
    `The plan ${name} of ${recorder.record.pipeline} was begun and is not finished, so no other can be applied yet. Nothing was sent; pipeline run ${recorder.record.pipeline} takes it to its end first.`,
    { exit: exitCode.planRefused },
  )
}

/** A journal says what was sent, and only its plan what it was sent for. */
export function refuseLost(unfinished: string, { record }: Recorder): void {
  if (existsSync(unfinished)) return
  const name = basename(unfinished, '.jsonl')
  throw new PipelineError(
    'plan_lost',
    `The plan ${name} of ${record.pipeline} was begun and is not finished, and its file ${unfinished} is gone. Nothing was sent; bring it back with a copy that plan --out made: pipeline apply ${record.pipeline} --plan FILE, or move the files of journal/${name} aside, and Marketo itself is asked what was done.`,
    { exit: exitCode.planRefused },
  )
}

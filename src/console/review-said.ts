/** What a decision does to the plan that waits, said at once. */
import { instant } from '../clock.js'
import type { PageRequest } from './page.js'
import { effectOn, effectWords } from './review-effect.js'
import { waitingPlan } from './review-plan-state.js'
import { decisionsJson } from './review-queue.js'

/** A sentence and a space, or nothing where no plan waits. */
export async function effectSaid(
  { project, clock }: Pick<PageRequest, 'project' | 'clock'>,
  name: string,
): Promise<string> {
  const file = await project.pipeline(name)
  const plan = file === null ? null : await waitingPlan(project, file)
  if (file === null || plan === null) return ''
  const day = instant(clock).slice(0, 10)
  const decisions = decisionsJson(file.loaded?.pipeline.overrides ?? [], day)
  const effect = await effectOn(project, plan.files, decisions)
  if (effect === null) return ''
  const words = effectWords(effect)
  const changes = words.length === 0 ? '' : `; ${words.join(', ')}`
  return `Of ${effect.merges} merges in the plan, ${effect.same} stay as they are${changes}. `
}

/** A person's approval, given only to a plan that may still be carried out. */
import type { Marketo } from '../marketo/api.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { approve } from './decide.js'
import { readJournal } from './journal.js'
import { journalPlace } from './place.js'
import { openPlan, planName } from './plan-file.js'
import { provePlan } from './plan-proof.js'
import { refuseForeignPlan, stalePlan, staleness } from './plan-refusal.js'

export interface Approval {
  /** Path of the plan. */
  readonly plan: string
  /** The pipeline's private folder. */
  readonly folder: string
  readonly pipeline: Pipeline
  readonly marketo: Pick<Marketo, 'instance' | 'serverNow'>
  /** Version of this program. */
  readonly tool: string
  readonly who: string
  /** ISO 8601. */
  readonly when: string
}

/**
 * Approves a plan. One that is altered, foreign or stale is refused (exit 8)
 * before anything is written; one that was carried out needs no approval.
 */
export async function approvePlan(approval: Approval): Promise<void> {
  const { plan, folder, pipeline, marketo, tool, who, when } = approval
  const now = marketo.serverNow()
  const use = { pipeline, instance: marketo.instance, tool, now }
  const opened = await openPlan(plan)
  const { header } = opened
  try {
    refuseForeignPlan(header, use)
    await provePlan(opened, pipeline)
  } finally {
    await opened.close()
  }
  const place = journalPlace(folder, planName(header.hash))
  const known = await readJournal(place.journal)
  if (known?.end) return
  const why = known?.begun === true ? null : staleness(header, use)
  if (why !== null) throw stalePlan(header, why)
  await approve(plan, who, when, folder)
}

import { counted } from '../format.js'
import {
  planRestore,
  type RestorePlan,
  type RestoreRequest,
} from '../load/restore.js'
import type { LeadSchema } from '../marketo/api.js'
import { planRecord } from './apply-step.js'
import type { Recorder } from './recorder.js'
import type { Session } from './session.js'
import { toolVersion } from './version.js'

/** Merges that a person wants back. */
export interface RestoreGoal {
  readonly wish: RestoreRequest['wish']
  /** Who wants them applied; null: only shown. */
  readonly who: string | null
  /** Told of the plan; it holds values of leads. */
  readonly planned: (plan: RestorePlan) => void
}

/**
 * Plans what gives merges back; nothing is sent. Gives the plan that is to be
 * applied, or null where it is only shown or changes nothing.
 */
export async function restoreStep(
  session: Session,
  recorder: Recorder,
  { schema, goal }: { schema: LeadSchema; goal: RestoreGoal },
): Promise<{ plan: string; who: string } | null> {
  const { loaded, folders, marketo, log } = session
  return await recorder.step('plan', async () => {
    const plan = await planRestore({
      wish: goal.wish,
      marketo,
      schema,
      pipeline: loaded.pipeline,
      folder: folders.root,
      tool: toolVersion(),
    })
    const { header, restorations } = plan
    log.event('plan.made', {
      plan_hash: header.hash,
      merges: 0,
      updates: header.updates,
      calls_budget: header.price.calls,
    })
    await recorder.set({ plan: planRecord(header) })
    goal.planned(plan)
    const isEmpty = header.updates + (header.creates ?? 0) === 0
    const result =
      goal.who === null || isEmpty ? null : { plan: plan.path, who: goal.who }
    return { text: stepText(plan, restorations.length), result }
  })
}

function stepText({ header }: RestorePlan, merges: number): string {
  const { updates, creates = 0, price } = header
  return `${counted(merges, 'merge')} to give back · ${counted(creates, 'lead')} made anew · ${counted(updates, 'winner')} as before · ${counted(price.calls, 'call')}`
}

import { makePlan, type MadePlan } from '../load/planner.js'
import { refuseWriteFaults } from '../load/write-fault.js'
import type { LeadSchema } from '../marketo/api.js'
import { planRecord } from './apply-step.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { makeFound } from './found.js'
import { sealed } from './phase.js'
import { labelPrecision, precisionStop } from './precision.js'
import type { Recorder } from './recorder.js'
import type { Session } from './session.js'
import { toolVersion } from './version.js'
import { counted, formatShare } from '../format.js'

/** Freezes what the load models want into a plan. */
export async function planStep(
  session: Session,
  recorder: Recorder,
  { schema, asOf }: { schema: LeadSchema; asOf: string },
): Promise<MadePlan> {
  const { loaded, folders, marketo, log } = session
  return await recorder.step('plan', async () => {
    const plan = await sealed(session, async (warehouse) => {
      const skipped = await refuseWriteFaults(warehouse, loaded)
      for (const text of skipped) recorder.note(text)
      const precision = await provenPrecision(warehouse, session, recorder)
      return await makePlan({
        precision,
        warehouse,
        pipeline: loaded.pipeline,
        schema,
        instance: marketo.instance,
        asOf,
        leads: recorder.record.leads,
        folder: folders.root,
        tool: toolVersion(),
      })
    })
    const { header } = plan
    const tripped = header.guardrails.filter(({ ok }) => !ok)
    for (const { name, value, limit } of tripped) {
      log.event('guardrail.tripped', { guardrail: name, count: value, limit })
    }
    log.event('plan.made', {
      plan_hash: header.hash,
      merges: header.merges,
      updates: header.updates,
      calls_budget: header.price.calls,
    })
    await recorder.set({ plan: planRecord(header) })
    return { text: planText(plan), result: plan }
  })
}

/**
 * What labels prove of the merges to be planned. Said aloud where it is not
 * enough, because the guardrail's figure alone does not say what to do.
 */
async function provenPrecision(
  warehouse: Warehouse,
  { loaded }: Session,
  recorder: Recorder,
): Promise<number> {
  const { name, load } = loaded.pipeline
  const wanted = load.guardrails.minPrecision
  if (wanted === null) return 0
  await makeFound(warehouse)
  const precision = await labelPrecision(warehouse)
  const stop = precisionStop(precision, wanted, name)
  if (stop !== null) recorder.note(stop)
  return precision.interval.low
}

function planText({ header, frozen, overruled }: MadePlan): string {
  if (header.merges + header.updates === 0) return 'nothing to change'
  const left = frozen + overruled
  const held = left === 0 ? '' : ` · ${counted(left, 'row')} held back`
  return `${counted(header.merges, 'merge')} (${counted(header.losers, 'lead goes', 'leads go')}) · ${counted(header.updates, 'update')} · ${counted(header.price.calls, 'call')}, ${formatShare(header.price.share)} of a day${held}`
}

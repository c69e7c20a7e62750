import { instant } from '../clock.js'
import { approvePlan } from '../load/approval.js'
import { type ApplyResult, applyPlan } from '../load/apply.js'
import type { ApplyEvent } from '../load/event.js'
import type { PlanHeader } from '../load/plan.js'
import { openPlan } from '../load/plan-file.js'
import type { Log } from '../log.js'
import type { LeadSchema, Marketo } from '../marketo/api.js'
import { exitCode, PipelineError } from '../error.js'
import type { ApplyRecord, PlanRecord } from './record.js'
import type { Move, Recorder } from './recorder.js'
import type { Session } from './session.js'
import { keepApart } from './restore-apart.js'
import { callsOfEarlierRuns, type PlanTally, planTally } from './tally.js'
import { toolVersion } from './version.js'
import { counted, formatDuration, formatNumber } from '../format.js'

export interface ApplyGoal {
  readonly plan: string
  readonly schema: LeadSchema
  /** Who approves it; left out: nobody has to. */
  readonly who?: string
  /** Rows after which to pause; left out: none. */
  readonly first?: number
}

/** Carries the plan out, or takes it to its end after a crash. */
export async function applyStep(
  session: Session,
  recorder: Recorder,
  { plan, schema, who, first }: ApplyGoal,
): Promise<Applied> {
  const { loaded, folders, marketo, random, signal, log } = session
  const { pipeline } = loaded
  const tool = toolVersion()
  const folder = folders.root
  return await recorder.step('apply', async (move) => {
    const header = await headerOf(plan)
    if (recorder.record.plan === null) {
      await recorder.set({ plan: planRecord(header) })
    }
    if (who !== undefined) {
      const when = instant(session.clock)
      await approvePlan({ plan, folder, pipeline, marketo, tool, who, when })
    }
    const { run_id: run } = recorder.record
    const earlier = await callsOfEarlierRuns(folders, header.hash, run)
    const began = marketo.clock.monotonic()
    const applied = await applyPlan({
      marketo,
      plan,
      folder,
      pipeline,
      schema,
      tool,
      run,
      emit: watcher(log, move, header),
      signal,
      random,
      since: session.since,
      clock: session.clock,
      ...((header.creates ?? 0) > 0 && {
        beforeEnd: (state) => keepApart(session, plan, state),
      }),
      ...(first !== undefined && { first }),
      ...(session.deadline !== null && { deadline: session.deadline }),
    }).catch(async (thrown: unknown) => {
      await recordSoFar(plan, session, { recorder, earlier })
      throw thrown
    })
    // A clock that runs faster than ours says nothing of minutes.
    const isTimed = pipeline.marketo.timeScale === 1
    const minutes = minutesSince(marketo, began)
    const isOne = earlier === 0 || applied.calls === 0
    const result = {
      ...applied,
      ...(isTimed && { minutes }),
      ...(!isOne && { earlier }),
    }
    return { text: applyText(result, header), result }
  })
}

/** A person who reads of a failure wants to know what it left behind. */
async function recordSoFar(
  plan: string,
  { folders, marketo }: Session,
  { recorder, earlier }: { recorder: Recorder; earlier: number },
): Promise<void> {
  const tally = await planTally(plan, folders.root).catch(() => null)
  if (tally === null || !tally.isBegun) return
  const { counts, differences } = tally
  const calls = marketo.calls
  const result = { ...counts, differences, calls }
  await recorder.set({
    apply: applyRecord({ ...result, ...(earlier > 0 && { earlier }) }, tally),
  })
}

/**
 * Counts again, from the plan and the journal: every row has ended in exactly
 * one status, and every merge was read back and compared.
 */
export async function verifyStep(
  session: Session,
  recorder: Recorder,
  { plan, applied }: { plan: string; applied: Applied },
): Promise<void> {
  await recorder.step('verify', async () => {
    const tally = await planTally(plan, session.folders.root)
    if (tally.ended !== tally.rows) {
      throw new PipelineError(
        'rows_lost',
        `The plan has ${tally.rows} rows and ${tally.ended} of them ended. Nothing was published; run the same command again.`,
        { exit: exitCode.unexpected },
      )
    }
    await recorder.set({ apply: applyRecord(applied, tally) })
    session.log.event('verify.ended', {
      rows: tally.rows,
      count: applied.differences,
    })
    const differ = counted(
      applied.differences,
      'field differs',
      'fields differ',
    )
    const merged = applied.differences === 0 ? 'merged as predicted' : 'merged'
    const anew =
      tally.createdLeads === 0
        ? ''
        : `${counted(tally.createdLeads, 'lead')} made anew · `
    return {
      text: `${counted(tally.rows, 'row')} ended · ${anew}${counted(tally.mergedLeads, 'lead')} ${merged}, ${differ}`,
      result: undefined,
    }
  })
}

async function headerOf(path: string): Promise<PlanHeader> {
  const plan = await openPlan(path)
  try {
    return plan.header
  } finally {
    await plan.close()
  }
}

/** What a record says of a plan. */
export function planRecord(header: PlanHeader): PlanRecord {
  const { hash, merges, losers, updates, price } = header
  return {
    hash,
    merges,
    losers,
    updates,
    calls: price.calls,
    minutes: price.minutes,
    crm_records: price.crm,
    needs_approval: false,
    ...(header.creates !== undefined && { creates: header.creates }),
  }
}

function applyRecord(
  result: Omit<Applied, 'readBack'>,
  tally: PlanTally,
): ApplyRecord {
  const { done, no_effect, stale, failed, unresolved, cancelled } = result
  return {
    done,
    no_effect,
    stale,
    failed,
    unresolved,
    cancelled,
    merged_leads: tally.mergedLeads,
    updated_leads: tally.updatedLeads,
    opt_outs_kept: tally.optOutsKept,
    differences: result.differences,
    calls: result.calls,
    ...(result.earlier !== undefined && { earlier_calls: result.earlier }),
    ...(result.minutes !== undefined && { minutes: result.minutes }),
  }
}

/** What a plan took, to be held against its price. */
type Applied = ApplyResult & {
  readonly minutes?: number
  /** Calls of runs before, which a pause or a crash cut off. */
  readonly earlier?: number
}

function minutesSince({ clock }: Marketo, began: number): number {
  return Math.ceil((clock.monotonic() - began) / 6000) / 10
}

function applyText(result: Applied, { price }: PlanHeader): string {
  const parts = [
    counted(result.done, 'row done', 'rows done'),
    result.no_effect > 0 ? `${result.no_effect} without effect` : '',
    result.stale > 0 ? `${result.stale} stale` : '',
    result.failed > 0 ? `${result.failed} failed` : '',
    result.unresolved > 0 ? `${result.unresolved} unresolved` : '',
    result.cancelled > 0 ? `${result.cancelled} cancelled` : '',
    `${formatNumber(result.calls + (result.earlier ?? 0))} calls, ${formatNumber(price.calls)} planned`,
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

/** Turns events into log lines and progress. */
function watcher(
  log: Log,
  move: Move,
  header: PlanHeader,
): (event: ApplyEvent) => void {
  const total = header.merges + header.updates + (header.creates ?? 0)
  let ended = 0
  return (event) => {
    logEvent(log, event)
    if (event.type === 'row') ended += 1
    const why = waitWords(event)
    if (event.type !== 'row' && why === null) return
    const done = `${ended} of ${counted(total, 'row')}`
    move(ended, total, why === null ? done : `${done} · ${why}`)
  }
}

/** Why nothing goes on for a while; a person should not have to guess. */
function waitWords(event: ApplyEvent): string | null {
  if (event.type === 'quarantine') {
    return `waits ${formatDuration(event.seconds)} until nothing that was sent before can take effect`
  }
  if (event.type === 'pace') {
    return `waits ${formatDuration(event.seconds)} for the CRM (load.crm_records_per_hour)`
  }
  return event.type === 'wait'
    ? `waits ${formatDuration(event.seconds)}, Marketo says ${event.code ?? 'nothing'}`
    : null
}

function logEvent(log: Log, event: ApplyEvent): void {
  switch (event.type) {
    case 'batch':
      return
    case 'row': {
      const isBad = event.status === 'failed' || event.status === 'unresolved'
      log.event(isBad ? 'row.failed' : 'row.ended', {
        row_id: event.row,
        status: event.status,
        msg: event.reason,
      })
      return
    }
    case 'attempt':
      log.event(
        event.outcome === 'ambiguous'
          ? 'outcome.ambiguous'
          : 'outcome.recorded',
        {
          attempt_id: event.attempt,
          class: event.outcome,
          mkto_code: event.code,
          rows: event.rows,
          dur_ms: Math.round(event.age),
        },
      )
      return
    case 'difference':
      log.event('verify.differed', { row_id: event.row, field: event.field })
      return
    case 'quarantine':
      log.event('quarantine.started', {
        rows: event.rows,
        wait_ms: event.seconds * 1000,
      })
      return
    case 'import':
      log.event('import.ended', {
        rows: event.rows,
        count: event.failed ?? 0,
        msg: `import ${event.batch}`,
      })
      return
    case 'pace':
      log.event('budget.waited', {
        rows: event.records,
        wait_ms: event.seconds * 1000,
      })
      return
    case 'wait':
      log.event('budget.waited', {
        mkto_code: event.code,
        wait_ms: event.seconds * 1000,
      })
  }
}

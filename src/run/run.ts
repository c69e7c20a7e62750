/** A run from start to end: steps in order, one record, one lock. */
import { join } from 'node:path'
import { type Clock, instant } from '../clock.js'
import { asMachineError, exitCode } from '../error.js'
import { guardrailWords } from '../load/plan-refusal.js'
import { unfinishedPlans } from '../load/unfinished.js'
import type { MadePlan } from '../load/planner.js'
import { type Level, openLog } from '../log.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { LeadSchema } from '../marketo/api.js'
import { lockFolder } from '../warehouse/lock.js'
import { type ApplyGoal, applyStep, verifyStep } from './apply-step.js'
import { buildStep, testStep } from './build-step.js'
import { extractStep, readSchema } from './extract-step.js'
import { type FromFiles, fromFileStep } from './from-file-step.js'
import { foldersOf, makeFolders } from './folder.js'
import { fail } from './failure.js'
import { newRecord } from './new-record.js'
import { runEnd } from './outcome.js'
import { planStep } from './plan-step.js'
import { publishStep } from './publish-step.js'
import { closeInterrupted, type RunRecord } from './record.js'
import { Recorder, type RunWatcher } from './recorder.js'
import { asStop } from './stop.js'
import { watchStop } from './stop-request.js'
import { withDecisionsOfNow } from './restore-apart.js'
import { type RestoreGoal, restoreStep } from './restore-step.js'
import {
  type Approved,
  planAtHome,
  refuseLost,
  refuseOther,
} from './other-plan.js'
import { takeSources } from './own-source.js'
import { checkModels } from './project.js'
import { openSession, type Session } from './session.js'

export interface RunRequest {
  readonly loaded: LoadedPipeline
  readonly projectDir: string
  /** How far to go: an extract only, up to the plan, or all of it. */
  readonly until: 'extract' | 'plan' | 'publish'
  /** Exports of a person to land, instead of exporting. */
  readonly files?: FromFiles | null
  /** A plan to apply instead of making one, and who says so. */
  readonly approved: Approved | null
  /** Merges to give back, instead of a run. */
  readonly restore?: RestoreGoal
  readonly watcher: RunWatcher
  readonly clock: Clock
  /** Random enough for jitter and names; never decides what is planned. */
  readonly random: () => number
  readonly signal: AbortSignal
  /** Exports everything, although changes would do. */
  readonly fullRefresh?: boolean
  /** Machine time in milliseconds by which it has to end; null: none. */
  readonly deadline?: number | null
  readonly stderr: { write(text: string): unknown }
  readonly logLevel: Level | 'silent'
}

/**
 * Runs a pipeline. A step that fails is in the record, with the exit code;
 * thrown is only what happens before there is a record, such as another run
 * that holds the lock.
 */
export async function runPipeline(request: RunRequest): Promise<RunRecord> {
  const { loaded, projectDir } = request
  const folders = foldersOf(projectDir, loaded.pipeline.name)
  makeFolders(folders)
  const lock = await lockFolder(folders.root)
  try {
    const killed = await closeInterrupted(folders.log)
    const resumedFrom = killed?.run_id ?? null
    const paths = { published: folders.published, resumedFrom }
    const record = newRecord(loaded.pipeline, request, paths)
    const log = openLog({
      file: join(folders.log, `${record.run_id}.jsonl`),
      level: request.logLevel,
      secrets: [],
      base: { run_id: record.run_id, pipeline: record.pipeline },
      stderr: request.stderr,
    })
    const { watcher, clock, random } = request
    const asked = watchStop(folders.log, record, {
      clock,
      log,
      signal: request.signal,
    })
    const { signal } = asked
    const recorder = new Recorder(record, {
      folder: folders.log,
      log,
      watcher,
      clock,
      signal,
    })
    try {
      await recorder.start()
      const { deadline = null } = request
      const at = { loaded, projectDir, folders, log, clock, random }
      const session = await openSession({ ...at, signal, deadline })
      try {
        await work(session, recorder, request)
      } finally {
        await countCalls(session, recorder)
        await session.close()
      }
    } catch (thrown) {
      const approved = request.approved && recorder.record
      const error = asMachineError(asStop(thrown, signal, approved), 'The run')
      await fail(recorder, error, { log, at: instant(clock) })
    } finally {
      asked.close()
      log.event('run.ended', {
        status: recorder.record.status,
        exit_code: recorder.record.exit_code ?? exitCode.unexpected,
      })
      log.close()
    }
    return recorder.record
  } finally {
    await lock.release()
  }
}

async function work(
  session: Session,
  recorder: Recorder,
  request: RunRequest,
): Promise<void> {
  const schema = await readSchema(session, (text) => recorder.note(text))
  const { files = null } = request
  if (files !== null) {
    await fromFileStep(session, recorder, { schema, files })
    await finish(session, recorder, { blocked: false })
    return
  }
  const { root } = session.folders
  const [unfinished] = await unfinishedPlans(root)
  if (request.restore !== undefined) {
    if (unfinished !== undefined) refuseOther('', unfinished, recorder)
    const goal = request.restore
    const asked = await restoreStep(session, recorder, { schema, goal })
    if (asked !== null) {
      await applyAndPublish(session, recorder, { ...asked, schema })
      return
    }
    await countCalls(session, recorder)
    await finish(session, recorder, { blocked: false })
    return
  }
  if (request.approved !== null) {
    const { plan: named, ...goal } = request.approved
    const plan = await planAtHome(session, named)
    if (unfinished !== undefined) refuseOther(plan, unfinished, recorder)
    await applyAndPublish(session, recorder, { ...goal, plan, schema })
    return
  }
  if (unfinished !== undefined && request.until === 'publish') {
    refuseLost(unfinished, recorder)
    recorder.note('Continuing the plan that an earlier run left unfinished.')
    await applyAndPublish(session, recorder, { plan: unfinished, schema })
    return
  }
  await afresh(session, recorder, request, schema)
}

/** From Marketo's leads as they are now, as far as the request goes. */
async function afresh(
  session: Session,
  recorder: Recorder,
  request: RunRequest,
  schema: LeadSchema,
): Promise<void> {
  if (request.until !== 'extract') {
    const { loaded, projectDir, clock } = session
    const asOf = instant(clock)
    await checkModels(loaded, schema, { projectDir, asOf })
    await takeSources(session, recorder)
  }
  const extract = await extractStep(session, recorder, {
    schema,
    fullRefresh: request.fullRefresh ?? false,
  })
  if (request.until === 'extract') {
    await finish(session, recorder, { blocked: false })
    return
  }
  const { signal } = session
  signal.throwIfAborted()
  const models = await buildStep(session, recorder)
  signal.throwIfAborted()
  await testStep(session, recorder, models)
  signal.throwIfAborted()
  const plan = await planStep(session, recorder, {
    schema,
    asOf: extract.asOf,
  })
  if (request.until === 'plan') {
    await countCalls(session, recorder)
    await finish(session, recorder, { blocked: false })
    return
  }
  await decide(session, recorder, { plan, schema })
}

/** Applies where the policy and the guardrails allow, publishes always. */
async function decide(
  session: Session,
  recorder: Recorder,
  { plan, schema }: { plan: MadePlan; schema: Schema },
): Promise<void> {
  const { header, path } = plan
  const isEmpty = header.merges + header.updates === 0
  const holds = header.guardrails.every(({ ok }) => ok)
  const isAuto = session.loaded.pipeline.load.apply === 'auto'
  if (!isEmpty && holds && isAuto) {
    await applyAndPublish(session, recorder, { plan: path, schema })
    return
  }
  const waits = !isEmpty
  const planned = recorder.record.plan
  if (planned !== null) {
    await recorder.set({ plan: { ...planned, needs_approval: waits } })
  }
  const why = isEmpty
    ? 'nothing to apply'
    : holds
      ? 'waits for approval (load.apply: review)'
      : `stopped by ${tripped(plan)}`
  await recorder.skip('apply', why)
  await publishRun(session, recorder, { blocked: waits && !holds })
}

type Schema = Awaited<ReturnType<typeof readSchema>>

function tripped({ header }: MadePlan): string {
  return header.guardrails
    .filter(({ ok }) => !ok)
    .map((guardrail) => guardrailWords(guardrail))
    .join(' and ')
}

async function applyAndPublish(
  session: Session,
  recorder: Recorder,
  options: ApplyGoal,
): Promise<void> {
  const { plan } = options
  const applied = await applyStep(session, recorder, options)
  await verifyStep(session, recorder, { plan, applied })
  const isRestore = (recorder.record.plan?.creates ?? 0) > 0
  const decided = isRestore ? await withDecisionsOfNow(session) : session
  await publishRun(decided, recorder, {
    blocked: false,
    applied: { readBack: applied.readBack },
  })
}

/** The end is decided before publishing, so that readers see it. */
async function publishRun(
  session: Session,
  recorder: Recorder,
  end: { blocked: boolean; applied?: { readBack: string } },
): Promise<void> {
  await countCalls(session, recorder)
  await finish(session, recorder, end)
  await publishStep(session, recorder, end.applied ?? null)
  await recorder.set({ ended_at: instant(session.clock) })
}

async function finish(
  { clock }: Session,
  recorder: Recorder,
  { blocked }: { blocked: boolean },
): Promise<void> {
  const { plan, apply } = recorder.record
  await recorder.set({
    ...runEnd(plan, apply, blocked),
    ended_at: instant(clock),
  })
}

async function countCalls(session: Session, recorder: Recorder): Promise<void> {
  const { calls, loaded } = { ...session, calls: session.marketo.calls }
  await recorder.set({
    calls: {
      used: calls,
      budget: loaded.pipeline.marketo.budget.callsPerDay,
    },
  })
}

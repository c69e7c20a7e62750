import { type Clock, systemClock } from '../clock.js'
import { asError, PipelineError } from '../error.js'
import { unfinishedPlans } from '../load/unfinished.js'
import { isLocked } from '../warehouse/lock.js'
import { foldersOf } from './folder.js'
import { type DayUsage, dayUsage } from './usage.js'
import { isOpen, killed, type RunRecord, readRecords } from './record.js'

export interface PipelineStatus {
  readonly pipeline: string
  /** A run that was killed is `interrupted`, whatever its record says. */
  readonly last_run: RunRecord | null
  /** A plan that was begun and not finished; `run` continues it. */
  readonly unfinished_plan: string | null
  /** Why it cannot be told whether one is, in a sentence. */
  readonly problem: string | null
  readonly runs: number
  readonly runs_done: number
  /** Paths of records that cannot be read. */
  readonly damaged: readonly string[]
  /** Of Marketo's day, as far as this pipeline knows. */
  readonly today: DayUsage | null
}

/** What is known of a pipeline without opening its warehouse. */
export async function pipelineStatus(
  projectDir: string,
  pipeline: string,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<PipelineStatus> {
  const folders = foldersOf(projectDir, pipeline)
  const { runs: records, damaged } = readRecords(folders.log)
  return {
    pipeline,
    last_run: await alive(records.at(-1), folders.root),
    ...(await unfinished(folders.root)),
    runs: records.length,
    runs_done: records.filter((run) => run.exit_code === 0 && !isOpen(run))
      .length,
    damaged,
    today: await dayUsage(folders, clock.now()),
  }
}

/** A record that says `running` while nobody holds the lock was killed. */
async function alive(
  record: RunRecord | undefined,
  folder: string,
): Promise<RunRecord | null> {
  if (record === undefined) return null
  if (!isOpen(record)) return record
  if (await isLocked(folder)) return { ...record, status: 'running' }
  return killed(record)
}

/** A damaged journal of one pipeline must not hide the status of others. */
async function unfinished(
  folder: string,
): Promise<Pick<PipelineStatus, 'unfinished_plan' | 'problem'>> {
  try {
    const [plan] = await unfinishedPlans(folder)
    return { unfinished_plan: plan ?? null, problem: null }
  } catch (thrown) {
    const error = asError(thrown)
    if (!(error instanceof PipelineError)) throw error
    return { unfinished_plan: null, problem: error.message }
  }
}

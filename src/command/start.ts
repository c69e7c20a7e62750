import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { systemClock } from '../clock.js'
import { type ExitCode, exitCode } from '../error.js'
import type { Level } from '../log.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { Deadline } from '../run/deadline.js'
import type { RunRecord } from '../run/record.js'
import type { RunRequest } from '../run/run.js'
import type { CommandContext, Settings } from './output.js'
import { watchRun } from './watch.js'

type Goal = Pick<RunRequest, 'until' | 'approved' | 'files' | 'restore'> & {
  readonly logLevel?: Level | 'silent'
  /** Exports everything, although changes would do. */
  readonly fullRefresh?: boolean
  readonly deadline?: Deadline | null
}

/** Runs one pipeline, shown to whoever watches; stops cleanly on signals. */
export async function startRun(
  loaded: LoadedPipeline,
  goal: Goal,
  options: Settings,
  context: CommandContext,
): Promise<RunRecord> {
  const { runPipeline } = await import('../run/run.js')
  const { name, description } = loaded.pipeline
  const title = [name, description].filter((part) => part !== '').join(' · ')
  const watcher = watchRun(context, options, title)
  const abort = new AbortController()
  const { stopped } = await import('../run/stop.js')
  const stop = () => abort.abort(stopped(name))
  const deadline = goal.deadline ?? null
  const timer = deadline === null ? null : await endAt(abort, deadline, loaded)
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  let record: RunRecord
  try {
    record = await runPipeline({
      loaded,
      projectDir: options.projectDir,
      until: goal.until,
      approved: goal.approved,
      files: goal.files ?? null,
      watcher,
      clock: systemClock,
      random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
      signal: abort.signal,
      fullRefresh: goal.fullRefresh ?? false,
      ...(goal.restore !== undefined && { restore: goal.restore }),
      deadline: deadline?.at ?? null,
      stderr: context.stderr,
      logLevel: goal.logLevel ?? 'silent',
    })
  } finally {
    watcher.close()
    if (timer !== null) clearTimeout(timer)
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  const { tellEnd } = await import('./tell.js')
  await tellEnd(record, loaded, options, context)
  return record
}

/** Longest delay that setTimeout takes; nobody means longer limits. */
const longestTimer = 2_147_483_647

async function endAt(
  abort: AbortController,
  deadline: Deadline,
  { pipeline }: LoadedPipeline,
): Promise<NodeJS.Timeout> {
  const { pastDeadline } = await import('../run/stop.js')
  const reason = pastDeadline(pipeline.name, deadline)
  const left = Math.max(0, deadline.at - systemClock.now())
  return setTimeout(() => abort.abort(reason), Math.min(left, longestTimer))
}

/** The exit code that a record asks for. */
export function exitOf(record: RunRecord): ExitCode {
  const known = Object.values(exitCode).find(
    (code) => code === record.exit_code,
  )
  return known ?? exitCode.unexpected
}

/** Who approves: the name that this machine knows the person by. */
export function operator(): string {
  return userInfo().username
}

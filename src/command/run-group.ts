import { systemClock } from '../clock.js'
import { exitCode } from '../error.js'
import { formatDuration } from '../format.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { Deadline } from '../run/deadline.js'
import type { GroupResult } from '../run/group.js'
import type { RunRecord } from '../run/record.js'
import { deadlineFor } from './limit.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  table,
} from './output.js'
import type { RunFlags } from './run.js'
import { loadOne } from './load.js'

interface Several {
  readonly names: readonly string[]
  readonly jobs: number
  readonly flags: RunFlags
}

type RunHere = (
  loaded: LoadedPipeline,
  deadline: Deadline | null,
) => Promise<RunRecord>

/**
 * Runs several pipelines, with one summary and the worst exit code: one after
 * the other in this process, or with `--jobs` in processes of their own.
 */
export async function runSeveral(
  { names, jobs, flags }: Several,
  options: Settings,
  context: CommandContext,
  here: RunHere,
): Promise<void> {
  const group = await import('../run/group.js')
  const { childRun } = await import('../run/group-child.js')
  const abort = new AbortController()
  const stop = () => abort.abort(new Error('The command was stopped.'))
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  // The limits count for the whole command, not for each pipeline anew.
  const { ends, held } = await limits(names, flags, options, context)
  const start = async (name: string): Promise<GroupResult> => {
    const why = held.get(name)
    if (why !== undefined) return group.held(name, why)
    const deadline = ends.get(name) ?? null
    if (deadline !== null && deadline.at <= systemClock.now()) {
      return group.notStarted(name, `its limit, ${deadline.words}, is past`)
    }
    if (jobs === 1) {
      const loaded = await loadOne(name, options, context)
      return group.resultOf(await here(loaded, deadline))
    }
    return await childRun({
      projectDir: options.projectDir,
      pipeline: name,
      options: childOptions(flags, deadline),
      env: context.env,
      cwd: context.cwd,
      signal: abort.signal,
    })
  }
  try {
    const results = await group.runGroup(names, {
      jobs,
      signal: abort.signal,
      start,
      onEnd: (result) => ended(result, jobs > 1, options, context),
    })
    print(results, options, context)
    const exit = group.worstExit(results.map(({ exit_code: code }) => code))
    if (exit !== exitCode.done) context.exit(exit)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** A pipeline file with a mistake has none; its own run says the mistake. */
async function limits(
  names: readonly string[],
  flags: RunFlags,
  options: Settings,
  context: CommandContext,
): Promise<{
  ends: Map<string, Deadline | null>
  held: Map<string, string>
}> {
  const { loadLocal } = await import('./load.js')
  const { heldWords } = await import('../schedule/held.js')
  const ends = new Map<string, Deadline | null>()
  const held = new Map<string, string>()
  const now = new Date(systemClock.now())
  for (const name of names) {
    const loaded = await loadLocal(name, options, context).catch(() => null)
    if (loaded === null) continue
    ends.set(name, await deadlineFor(loaded, flags))
    const why =
      flags.scheduled === true ? heldWords(loaded.pipeline, now) : null
    if (why !== null) held.set(name, why)
  }
  return { ends, held }
}

/** What is left of the limits, in the options of the child. */
function childOptions(flags: RunFlags, deadline: Deadline | null): string[] {
  const left = deadline === null ? 0 : deadline.at - systemClock.now()
  const seconds = Math.max(1, Math.ceil(left / 1000))
  return [
    ...(deadline === null ? [] : ['--max-duration', `${seconds}s`]),
    ...(flags.fullRefresh === true ? ['--full-refresh'] : []),
    ...(flags.scheduled === true ? ['--scheduled'] : []),
  ]
}

/** One line as each ends; what was refused is told at once, in full. */
function ended(
  result: GroupResult,
  isParallel: boolean,
  options: Settings,
  context: CommandContext,
): void {
  const { pipeline, record, why } = result
  if (record === null) context.stderr.write(`${why}\n`)
  else if (isParallel && !options.json && !options.quiet) {
    context.stdout.write(`${pipeline}  ${result.result}: ${why}\n`)
  }
}

function print(
  results: readonly GroupResult[],
  options: Settings,
  context: CommandContext,
): void {
  if (options.json) {
    const runs = results.flatMap(({ record }) => record ?? [])
    const plain = results.map(({ record, ...result }) => ({
      ...result,
      run_id: record?.run_id ?? null,
    }))
    printDocument(context, { runs, results: plain })
    return
  }
  const rows = results.map(({ pipeline, result, record, why, next }) => [
    pipeline,
    result,
    record === null ? '' : took(record),
    short(why),
    next,
  ])
  const lines = table(['pipeline', 'result', 'took', 'why', 'next'], rows)
  context.stdout.write(`\n${lines.join('\n')}\n`)
}

/** The whole of it stands above. */
function short(why: string): string {
  const [line = ''] = why.split('\n')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}

function took({ started_at: from, ended_at: to }: RunRecord): string {
  if (to === null) return ''
  return formatDuration((Date.parse(to) - Date.parse(from)) / 1000)
}

import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { badInput, type ExitCode, exitCode } from '../error.js'
import type { CancelledPlan } from '../run/cancel.js'
import type { RunRecord } from '../run/record.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { operator } from './start.js'

interface StopFlags {
  readonly all?: boolean
  readonly wait: boolean
  readonly cancel?: boolean
  readonly timeout: string
}

interface Stopped {
  readonly pipeline: string
  /** ended, not_running, ending (asked, and not over yet) or busy. */
  readonly result: 'ended' | 'not_running' | 'ending' | 'busy'
  readonly run: RunRecord | null
  /** Plans that were ended for good; null where nobody asked for it. */
  readonly cancelled: readonly CancelledPlan[] | null
}

export function registerStop(program: Command, context: CommandContext): void {
  const command = program
    .command('stop')
    .description('end a run after the row in flight; the next run continues')
    .argument('[name...]', 'pipelines, or group:NAME')
    .option('--all', 'every pipeline')
    .option('--no-wait', 'ask only, and do not wait for the end')
    .option('--cancel', 'then end its plan for good; no run continues it')
    .option('--timeout <minutes>', 'how long to wait for the end', '10')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing runs any more, 4 asked and still ending,\n9 another command than a run holds the lock.',
    )
  command.action(async (names: string[], flags: StopFlags) => {
    await stop(names, flags, settings(command, context), context)
  })
}

async function stop(
  names: readonly string[],
  flags: StopFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const limit = flags.wait ? minutes(flags.timeout) : 0
  const isFinal = flags.cancel === true
  const { selectPipelines } = await import('../pipeline/select.js')
  const selected = await selectPipelines(
    join(options.projectDir, 'pipelines'),
    { names, all: flags.all === true },
  )
  const results = await Promise.all(
    selected.map(async (name) => {
      const result = await stopOne(name, { limit }, options, context)
      const isOver = ['ended', 'not_running'].includes(result.result)
      return isFinal && isOver ? await cancel(result, options) : result
    }),
  )
  if (options.json) printDocument(context, { stopped: results })
  else {
    const lines = results.map((result) => words(result, isFinal))
    context.stdout.write(`${lines.join('\n')}\n`)
  }
  const exit = worst(results)
  if (exit !== exitCode.done) context.exit(exit)
}

async function stopOne(
  pipeline: string,
  { limit }: { limit: number },
  options: Settings,
  context: CommandContext,
): Promise<Stopped> {
  const { awaitEnd, requestStop } = await import('../run/stop-request.js')
  const { projectDir } = options
  const found = await requestStop(projectDir, pipeline, {
    who: operator(),
    clock: systemClock,
  })
  const none = { pipeline, run: null, cancelled: null }
  if (found.kind === 'idle') return { ...none, result: 'not_running' }
  if (found.kind === 'other') return { ...none, result: 'busy' }
  let shown = ''
  const ended = await awaitEnd(projectDir, found.run, {
    clock: systemClock,
    limit,
    onLook: (run) => {
      const step = run.steps.find((s) => s.status === 'running')?.step
      const line = `${pipeline}: run ${run.run_id} ends after what is in flight${step === undefined ? '' : ` (${step})`} …`
      if (line === shown || options.quiet || options.json) return
      shown = line
      context.stderr.write(`${line}\n`)
    },
  })
  return ended === null
    ? { ...none, result: 'ending', run: found.run }
    : { ...none, result: 'ended', run: ended }
}

async function cancel(
  stopped: Stopped,
  { projectDir }: Settings,
): Promise<Stopped> {
  const { cancelBegun } = await import('../run/cancel.js')
  const { foldersOf } = await import('../run/folder.js')
  const folders = foldersOf(projectDir, stopped.pipeline)
  return { ...stopped, cancelled: await cancelBegun(folders, operator()) }
}

function words(stopped: Stopped, isFinal: boolean): string {
  const { cancelled, pipeline, result, run } = stopped
  if (cancelled === null) {
    const later = `Its plan is not cancelled: pipeline stop ${pipeline} --cancel`
    return `${stopWords(stopped)}${isFinal ? ` ${later}` : ''}`
  }
  const id = result === 'ended' ? `Run ${run?.run_id ?? ''} has ended. ` : ''
  const plans =
    cancelled.length === 0
      ? `${pipeline} has no plan that was begun and is not over; nothing was cancelled.`
      : cancelled.map((one) => cancelWords(pipeline, one)).join('\n')
  return `${id}${plans}`
}

function cancelWords(
  pipeline: string,
  { plan, counts }: CancelledPlan,
): string {
  const parts = Object.entries(counts)
    .filter(([, rows]) => rows > 0)
    .map(([status, rows]) => `${rows} ${status}`)
  const look =
    counts.unresolved > 0
      ? ` What was sent for ${counts.unresolved} of them may have happened: pipeline review ${pipeline} --frozen`
      : ''
  return `${pipeline}: plan ${plan} is over and no run continues it: ${parts.join(', ')}.${look}`
}

function stopWords({ pipeline, result, run }: Stopped): string {
  if (result === 'not_running') return `${pipeline} is not running.`
  if (result === 'busy') {
    return `${pipeline} is in use by another command than a run; it ends by itself, or where it was typed.`
  }
  const id = run?.run_id ?? ''
  if (result === 'ending') {
    return `${pipeline}: run ${id} was asked to stop and has not ended yet: pipeline status ${pipeline}`
  }
  const killed = run?.status === 'running' || run?.status === 'interrupted'
  return killed
    ? `${pipeline}: run ${id} was killed before it could end; pipeline run ${pipeline} continues.`
    : `${pipeline}: run ${id} has ended, ${run?.status ?? ''}. ${run?.error?.message ?? ''}`.trimEnd()
}

function worst(results: readonly Stopped[]): ExitCode {
  if (results.some(({ result }) => result === 'busy')) return exitCode.locked
  if (results.some(({ result }) => result === 'ending')) return exitCode.paused
  return exitCode.done
}

function minutes(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 10_000) return value * 60_000
  throw badInput(
    'timeout',
    `--timeout ${text} is not a number of minutes; write 10 or 0.5.`,
  )
}

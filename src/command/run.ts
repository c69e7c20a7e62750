import type { Command } from 'commander'
import {
  asMachineError,
  badInput,
  type ExitCode,
  exitCode,
  PipelineError,
} from '../error.js'
import type { Level } from '../log.js'
import type { RunRecord } from '../run/record.js'
import { addLimits, deadlineFor, type LimitFlags } from './limit.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { summaryLines } from './run-summary.js'
import { exitOf, loadSelected, startRun } from './start.js'

interface RunFlags extends LimitFlags {
  readonly all?: boolean
  readonly fullRefresh?: boolean
  readonly logLevel: string
}

export function registerRun(program: Command, context: CommandContext): void {
  const command = program
    .command('run')
    .description(
      'extract, build, test, plan, apply where the policy allows, publish',
    )
    .argument('[name...]', 'pipelines, or group:NAME')
    .option('--all', 'every pipeline')
    .option('--full-refresh', 'export every lead, although changes would do')
    .option('--scheduled', 'a scheduler starts it, so schedule.until holds')
    .option(
      '--log-level <level>',
      'log lines on stderr: debug, info, warn, error or silent',
      'silent',
    )
  addLimits(command).action(async (names: string[], flags: RunFlags) => {
    await run(names, flags, settings(command, context), context)
  })
}

async function run(
  names: readonly string[],
  flags: RunFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const logLevel = levelOf(flags.logLevel)
  const pipelines = await loadSelected(
    { names, all: flags.all === true },
    options,
    context,
  )
  const { fullRefresh = false } = flags
  const how = { logLevel, fullRefresh }
  const goal = { until: 'publish', approved: null, ...how } as const
  // The limits count for the whole command, not for each pipeline anew.
  const deadlines = await Promise.all(
    pipelines.map((loaded) => deadlineFor(loaded, flags)),
  )
  const records: RunRecord[] = []
  let exit: ExitCode = exitCode.done
  for (const [index, loaded] of pipelines.entries()) {
    const deadline = deadlines[index] ?? null
    try {
      const wanted = { ...goal, deadline }
      const record = await startRun(loaded, wanted, options, context)
      records.push(record)
      report(record, options, context)
      if (exit === exitCode.done) exit = exitOf(record)
      // Who stopped this one means those after it, too.
      if (record.error?.code === 'stopped') break
    } catch (thrown) {
      // A pipeline that is in use must not keep the others from running.
      if (pipelines.length === 1) throw thrown
      const error = asMachineError(thrown, 'The run')
      if (!(error instanceof PipelineError)) throw error
      context.stderr.write(`${error.message}\n`)
      if (exit === exitCode.done) exit = error.exit
    }
  }
  if (options.json) {
    const [only] = records
    printDocument(context, pipelines.length === 1 ? only : { runs: records })
  }
  if (exit !== exitCode.done) context.exit(exit)
}

/** The summary of a run, or in JSON only what went wrong. */
export function report(
  record: RunRecord,
  options: Settings,
  context: CommandContext,
): void {
  if (!options.json) {
    const out = record.error === null ? context.stdout : context.stderr
    out.write(`${summaryLines(record, context.cwd).join('\n')}\n`)
  } else if (record.error !== null) {
    context.stderr.write(`${record.error.message}\n`)
  }
}

const levels: readonly (Level | 'silent')[] = [
  'debug',
  'info',
  'warn',
  'error',
  'silent',
]

function levelOf(text: string): Level | 'silent' {
  const found = levels.find((level) => level === text)
  if (found !== undefined) return found
  throw badInput(
    'log_level',
    `--log-level ${text} is not a level; levels are ${levels.join(', ')}.`,
  )
}

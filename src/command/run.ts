import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { badInput, exitCode } from '../error.js'
import type { Level } from '../log.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { Deadline } from '../run/deadline.js'
import type { RunRecord } from '../run/record.js'
import { addLimits, deadlineFor, type LimitFlags } from './limit.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { summaryLines } from './run-summary.js'
import { loadOne } from './load.js'
import { exitOf, startRun } from './start.js'

export interface RunFlags extends LimitFlags {
  readonly all?: boolean
  readonly jobs: string
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
    .option('--jobs <n>', 'how many of several run at the same time', '1')
    .option('--full-refresh', 'export every lead, although changes would do')
    .option(
      '--scheduled',
      'a scheduler starts it: until, paused and blackout hold',
    )
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
  const { selectPipelines } = await import('../pipeline/select.js')
  levelOf(flags.logLevel)
  const jobs = jobsOf(flags.jobs)
  const selected = await selectPipelines(
    join(options.projectDir, 'pipelines'),
    { names, all: flags.all === true },
  )
  const [only] = selected
  if (only !== undefined && selected.length === 1) {
    await runOne(only, flags, options, context)
    return
  }
  const { runSeveral } = await import('./run-group.js')
  const plan = { names: selected, jobs, flags }
  await runSeveral(plan, options, context, async (loaded, deadline) => {
    const record = await startRun(
      loaded,
      goalOf(flags, deadline),
      options,
      context,
    )
    report(record, options, context)
    return record
  })
}

async function runOne(
  name: string,
  flags: RunFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const loaded = await loadOne(name, options, context)
  const held = flags.scheduled === true ? await heldBy(loaded) : null
  if (held !== null) {
    if (options.json) printDocument(context, { status: 'held', why: held })
    else context.stdout.write(`${held}\n`)
    return
  }
  const deadline = await deadlineFor(loaded, flags)
  const goal = goalOf(flags, deadline)
  const record = await startRun(loaded, goal, options, context)
  report(record, options, context)
  if (options.json) printDocument(context, record)
  const exit = exitOf(record)
  if (exit !== exitCode.done) context.exit(exit)
}

async function heldBy({ pipeline }: LoadedPipeline): Promise<string | null> {
  const { heldWords } = await import('../schedule/held.js')
  return heldWords(pipeline, new Date(systemClock.now()))
}

function goalOf(flags: RunFlags, deadline: Deadline | null) {
  const { fullRefresh = false } = flags
  const logLevel = levelOf(flags.logLevel)
  const how = { logLevel, fullRefresh, deadline }
  return { until: 'publish', approved: null, ...how } as const
}

function jobsOf(text: string): number {
  const jobs = Number(text)
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= 64) return jobs
  throw badInput('jobs', `--jobs ${text} is not a whole number from 1 to 64.`)
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

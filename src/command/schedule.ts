import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { badInput, exitCode } from '../error.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
  table,
} from './output.js'

interface ScheduleFlags {
  readonly next: string
  readonly run?: boolean
  readonly jobs: string
  readonly export?: string
  readonly out?: string
}

export function registerSchedule(
  program: Command,
  context: CommandContext,
): void {
  const command = program
    .command('schedule')
    .description('list the next runs by the schedules, or start them here')
    .argument('[name...]', 'pipelines, or group:NAME; all where none is named')
    .option('--next <n>', 'how many next runs to list of each', '3')
    .option('--run', 'stay in the foreground and start each run in time')
    .option('--export <form>', 'write them as github-actions or cron')
    .option('--out <file>', 'with --export: a file instead of stdout')
    .option('--jobs <n>', 'with --run: how many runs at the same time', '2')
  command.action(async (names: string[], flags: ScheduleFlags) => {
    await schedule(names, flags, settings(command, context), context)
  })
}

async function schedule(
  names: readonly string[],
  flags: ScheduleFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { selectPipelines } = await import('../pipeline/select.js')
  const selected = await selectPipelines(
    join(options.projectDir, 'pipelines'),
    { names, all: names.length === 0 },
  )
  if (flags.run === true) {
    const { runHere } = await import('./schedule-run.js')
    const jobs = wholeNumber('--jobs', flags.jobs, 64)
    await runHere({ names: selected, jobs }, options, context)
    return
  }
  if (flags.export !== undefined) {
    const { exportSchedule } = await import('./schedule-export.js')
    const { out } = flags
    const what = { names: selected, to: flags.export }
    await exportSchedule(
      { ...what, ...(out !== undefined && { out }) },
      options,
      context,
    )
    return
  }
  await list(selected, wholeNumber('--next', flags.next, 1000), {
    options,
    context,
  })
}

interface Listed {
  readonly pipeline: string
  readonly cron: string | null
  readonly timezone: string | null
  readonly paused: boolean
  /** ISO 8601, UTC. */
  readonly next: readonly string[]
}

async function list(
  names: readonly string[],
  n: number,
  { options, context }: { options: Settings; context: CommandContext },
): Promise<void> {
  const { loadAll } = await import('./status-check.js')
  const { nextRuns } = await import('../schedule/next.js')
  const { loaded, problems } = await loadAll(names, options, context)
  for (const problem of problems) context.stderr.write(`${problem}\n`)
  const now = new Date(systemClock.now())
  const listed = loaded.map(({ pipeline }) =>
    of(pipeline, nextRuns(pipeline, now, n)),
  )
  if (problems.length > 0) context.exit(exitCode.badInput)
  if (options.json) {
    printDocument(context, { schedules: listed })
    return
  }
  const { wallTime } = await import('../schedule/next.js')
  const rows = listed.flatMap((one) => lines(one, wallTime))
  const header = ['pipeline', 'cron', 'next run', '', 'UTC']
  context.stdout.write(`${table(header, rows).join('\n')}\n`)
}

function of({ name, schedule: by }: Pipeline, next: readonly Date[]): Listed {
  return {
    pipeline: name,
    cron: by?.cron ?? null,
    timezone: by?.timezone ?? null,
    paused: by?.paused ?? false,
    next: next.map((at) => at.toISOString()),
  }
}

function lines(
  { pipeline, cron, timezone, paused, next }: Listed,
  wallTime: (at: Date, timezone: string) => string,
): string[][] {
  if (cron === null || timezone === null) {
    return [[pipeline, 'no schedule', '', '', '']]
  }
  if (paused) return [[pipeline, cron, 'paused', '', '']]
  if (next.length === 0) return [[pipeline, cron, 'never', '', '']]
  return next.map((at, index) => [
    index === 0 ? pipeline : '',
    index === 0 ? cron : '',
    wallTime(new Date(at), timezone),
    timezone,
    at.slice(0, 16).replace('T', ' '),
  ])
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw badInput(
    'option',
    `${option} ${text} is not a whole number from 1 to ${most}.`,
  )
}

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { badInput, exitCode } from '../error.js'
import type { FromFiles } from '../run/from-file-step.js'
import { addLimits, deadlineFor, type LimitFlags } from './limit.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { report } from './run.js'
import { loadOne } from './load.js'
import { exitOf, startRun } from './start.js'

interface Flags extends LimitFlags {
  readonly fullRefresh?: boolean
  readonly fromFile?: readonly string[]
  readonly asOf?: string
  readonly complete?: boolean
}

export function registerExtract(
  program: Command,
  context: CommandContext,
): void {
  const command = program
    .command('extract')
    .description('export leads from Marketo and land them; nothing else')
    .argument('<name>', 'pipeline')
    .option('--full-refresh', 'export every lead, although changes would do')
    .option(
      '--from-file <file...>',
      'land these CSV exports, which a person downloaded, instead',
    )
    .option(
      '--as-of <time>',
      'when the files were exported, such as 2026-11-21T05:00Z; default: when they were written',
    )
    .option('--complete', 'the files hold every lead of the instance')
  addLimits(command).action(async (name: string, flags: Flags) => {
    await extract(name, flags, settings(command, context), context)
  })
}

async function extract(
  name: string,
  flags: Flags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const files = filesOf(flags, context.cwd)
  const loaded = await loadOne(name, options, context)
  const deadline = await deadlineFor(loaded, flags)
  const { fullRefresh = false } = flags
  const how = { files, deadline, fullRefresh }
  const goal = { until: 'extract', approved: null, ...how } as const
  const record = await startRun(loaded, goal, options, context)
  if (options.json) printDocument(context, record)
  if (record.error !== null) report(record, options, context)
  else if (!options.json) {
    const next =
      files === null ? `, or pipeline plan ${name}` : '; a plan exports anew'
    context.stdout.write(`\nLanded. Next: pipeline build ${name}${next}\n`)
  }
  if (exitOf(record) !== exitCode.done) context.exit(exitOf(record))
}

function filesOf(flags: Flags, cwd: string): FromFiles | null {
  const { fromFile: paths, asOf, complete = false } = flags
  if (paths === undefined) {
    const stray = asOf === undefined ? complete && '--complete' : '--as-of'
    if (stray === false) return null
    throw badInput(
      'from_file',
      `${stray} says something of files, and none are named; name them with --from-file.`,
    )
  }
  return {
    paths: paths.map((path) => resolve(cwd, path)),
    asOf: asOf === undefined ? null : timeOf(asOf),
    isComplete: complete,
  }
}

/** A day, or a time with its zone: without one it could mean any hour. */
const timePattern =
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

function timeOf(text: string): string {
  const time = timePattern.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time).toISOString()
  throw badInput(
    'as_of',
    `--as-of ${text} is not a time with its zone, such as 2026-11-21T05:00Z.`,
  )
}

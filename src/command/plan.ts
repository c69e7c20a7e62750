import type { Command } from 'commander'
import { copyFile } from 'node:fs/promises'
import { badInput, exitCode } from '../error.js'
import type { PlanOverview } from '../load/overview.js'
import type { PlanHeader } from '../load/plan.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { planLines } from './plan-view.js'
import { report } from './run.js'
import { exitOf, loadOne, startRun } from './start.js'

interface PlanFlags {
  readonly last?: boolean
  readonly out?: string
  readonly detailedExitcode?: boolean
  readonly rows: string
}

export function registerPlan(program: Command, context: CommandContext): void {
  program
    .command('plan')
    .description('show what would be sent to Marketo; sends nothing')
    .argument('<name>', 'pipeline')
    .option('--last', 'show the last plan instead of making a new one')
    .option('--out <file>', 'copy the plan, which holds lead values, there')
    .option('--detailed-exitcode', 'exit 10 where the plan has changes')
    .option('--rows <n>', 'how many of the riskiest merges to show', '5')
    .action(async (name: string, flags: PlanFlags, command: Command) => {
      await plan(name, flags, settings(command, context), context)
    })
}

async function plan(
  name: string,
  flags: PlanFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const made = flags.last === true || (await make(name, options, context))
  if (!made) return
  const { latestPlan } = await import('../load/latest.js')
  const { foldersOf } = await import('../run/folder.js')
  const path = await latestPlan(foldersOf(options.projectDir, name).root)
  if (path === null) {
    throw badInput('no_plan', `${name} has no plan yet: pipeline plan ${name}`)
  }
  const { header, overview } = await read(path, Number(flags.rows) || 0)
  if (flags.out !== undefined) await copyFile(path, flags.out)
  show(header, overview, options, context)
  const isEmpty = header.merges + header.updates === 0
  if (flags.detailedExitcode === true && !isEmpty) {
    context.exit(exitCode.changes)
  }
}

async function make(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<boolean> {
  const loaded = await loadOne(name, options, context)
  const goal = { until: 'plan', approved: null } as const
  const record = await startRun(loaded, goal, options, context)
  if (record.error === null) return true
  if (options.json) printDocument(context, record)
  report(record, options, context)
  context.exit(exitOf(record))
  return false
}

async function read(
  path: string,
  rows: number,
): Promise<{ header: PlanHeader; overview: PlanOverview }> {
  const { openPlan } = await import('../load/plan-file.js')
  const { planOverview } = await import('../load/overview.js')
  const opened = await openPlan(path)
  try {
    const overview = await planOverview(opened.rows(), rows)
    return { header: opened.header, overview }
  } finally {
    await opened.close()
  }
}

function show(
  header: PlanHeader,
  overview: PlanOverview,
  options: Settings,
  context: CommandContext,
): void {
  if (options.json) {
    printDocument(context, { plan: header, overview })
    return
  }
  const short = header.hash.slice(0, 12)
  const next =
    header.merges + header.updates === 0
      ? []
      : [
          '',
          `Nothing was sent. Apply with: pipeline apply ${header.pipeline} --plan ${short}`,
        ]
  const lines = ['', ...planLines(header, overview), ...next]
  context.stdout.write(`${lines.join('\n')}\n`)
}

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { badInput, exitCode } from '../error.js'
import { addLimits, deadlineFor, type LimitFlags } from './limit.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { report } from './run.js'
import { loadOne } from './load.js'
import { exitOf, operator, startRun } from './start.js'

interface ApplyFlags extends LimitFlags {
  readonly plan?: string
  readonly who?: string
  readonly first?: string
}

export function registerApply(program: Command, context: CommandContext): void {
  const command = program
    .command('apply')
    .description('approve a plan and send it to Marketo')
    .argument('<name>', 'pipeline')
    .option(
      '--plan <plan>',
      'a plan by its hash, its file, or the run that made it; else the last one',
    )
    .option('--who <name>', 'who approves; default: your name on this machine')
  command.option(
    '--first <n>',
    'pause after this many rows, to look at them; the same command goes on',
  )
  addLimits(command).action(async (name: string, flags: ApplyFlags) => {
    await apply(name, flags, settings(command, context), context)
  })
}

async function apply(
  name: string,
  flags: ApplyFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const loaded = await loadOne(name, options, context)
  const plan = await planPath(name, flags, options, context)
  const first = firstOf(flags)
  const who = flags.who ?? operator()
  const goal = {
    until: 'publish',
    approved: { plan, who, ...(first !== null && { first }) },
    deadline: await deadlineFor(loaded, flags),
  } as const
  const record = await startRun(loaded, goal, options, context)
  if (options.json) printDocument(context, record)
  report(record, options, context)
  if (exitOf(record) !== exitCode.done) context.exit(exitOf(record))
}

function firstOf({ first }: ApplyFlags): number | null {
  if (first === undefined) return null
  if (/^[1-9]\d{0,6}$/.test(first)) return Number(first)
  throw badInput('bad_option', '--first must be a number of rows such as 10.')
}

async function planPath(
  name: string,
  { plan }: ApplyFlags,
  options: Settings,
  context: CommandContext,
): Promise<string> {
  const { foldersOf } = await import('../run/folder.js')
  const folders = foldersOf(options.projectDir, name)
  if (plan === undefined) {
    const { latestPlan } = await import('../load/latest.js')
    const latest = await latestPlan(folders.root)
    if (latest !== null) return latest
    throw badInput('no_plan', `${name} has no plan yet: pipeline plan ${name}`)
  }
  const hash =
    /^[0-9a-f]{12,64}$/.exec(plan)?.[0].slice(0, 12) ??
    (await planOfRun(folders.log, plan))
  const path =
    hash === undefined
      ? resolve(context.cwd, plan)
      : join(folders.plan, `${hash}.jsonl`)
  if (existsSync(path)) return path
  throw badInput(
    'no_plan',
    `There is no plan ${plan} for ${name}; the last one is shown by: pipeline plan ${name} --last`,
  )
}

/** A run by its id; undefined where it is none, or made no plan. */
async function planOfRun(
  log: string,
  run: string,
): Promise<string | undefined> {
  if (!/^\d{8}-\d{6}-[0-9a-f]{4}$/.test(run)) return undefined
  const { readRecord } = await import('../run/record.js')
  return readRecord(log, run)?.plan?.hash.slice(0, 12)
}

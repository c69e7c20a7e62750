import type { Command } from 'commander'
import { copyFile } from 'node:fs/promises'
import { asError, badInput, exitCode } from '../error.js'
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
import { loadOne } from './load.js'
import { exitOf, startRun } from './start.js'

interface PlanFlags {
  readonly last?: boolean
  readonly out?: string
  readonly detailedExitcode?: boolean
  readonly rows: string
  readonly rules?: string
}

export function registerPlan(program: Command, context: CommandContext): void {
  program
    .command('plan')
    .description('show what would be sent to Marketo; sends nothing')
    .argument('<name>', 'pipeline')
    .option('--last', 'show the last plan instead of making a new one')
    .option('--out <file>', 'copy the plan, which holds lead values, there')
    .option('--detailed-exitcode', 'exit 10 where the plan has changes')
    .option(
      '--rules <file>',
      'compare with what another pipeline file would plan on the same data',
    )
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
  const { rules } = flags
  const rows = rowsOf(flags)
  if (rules !== undefined) {
    const { planWithRules } = await import('./plan-rules.js')
    await planWithRules(name, { ...flags, rules }, options, context)
    return
  }
  const made = flags.last === true || (await make(name, options, context))
  if (!made) return
  const { latestPlan } = await import('../load/latest.js')
  const { foldersOf } = await import('../run/folder.js')
  const { root } = foldersOf(options.projectDir, name)
  const path = await latestPlan(root)
  if (path === null) {
    throw badInput('no_plan', `${name} has no plan yet: pipeline plan ${name}`)
  }
  const shown = await read(path, root, rows)
  if (flags.out !== undefined) await copyTo(flags.out, path)
  show(shown, options, context)
  const { header } = shown
  const isEmpty = header.merges + header.updates === 0
  if (flags.detailedExitcode === true && !isEmpty) {
    context.exit(exitCode.changes)
  }
}

async function copyTo(out: string, path: string): Promise<void> {
  await copyFile(path, out).catch((thrown: unknown) => {
    const { message } = asError(thrown)
    const why = /^[A-Z]+(?=:)/.exec(message)?.[0] ?? message
    throw badInput(
      'unwritable',
      `The plan was made, and could not be copied to ${out} (${why}); name a file in a folder that is there, and copy it by: pipeline plan NAME --last --out FILE`,
    )
  })
}

function rowsOf({ rows }: PlanFlags): number {
  if (/^\d{1,6}$/.test(rows)) return Number(rows)
  throw badInput('bad_option', '--rows must be a number such as 20.')
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

interface Shown {
  readonly header: PlanHeader
  readonly overview: PlanOverview
  /** How far the plan was carried out. */
  readonly applied: 'no' | 'begun' | 'yes'
}

async function read(path: string, root: string, rows: number): Promise<Shown> {
  const { openPlan, planName } = await import('../load/plan-file.js')
  const { planOverview } = await import('../load/overview.js')
  const { readJournal } = await import('../load/journal.js')
  const { journalPlace } = await import('../load/place.js')
  const opened = await openPlan(path)
  try {
    const { header } = opened
    const { journal } = journalPlace(root, planName(header.hash))
    const state = await readJournal(journal)
    const ended = state !== null && state.end !== null
    return {
      header,
      overview: await planOverview(opened.rows(), rows),
      applied: ended ? 'yes' : state?.begun === true ? 'begun' : 'no',
    }
  } finally {
    await opened.close()
  }
}

function nextLines({ header, applied }: Shown): string[] {
  if (header.merges + header.updates === 0) return []
  const { pipeline, hash } = header
  const next = {
    no: `Nothing was sent. Apply with: pipeline apply ${pipeline} --plan ${hash.slice(0, 12)}`,
    begun: `This plan was begun and is not finished: pipeline run ${pipeline} continues it.`,
    yes: 'This plan was applied.',
  }
  return ['', next[applied]]
}

function show(shown: Shown, options: Settings, context: CommandContext): void {
  const { header, overview, applied } = shown
  if (options.json) {
    printDocument(context, { plan: header, overview, applied })
    return
  }
  const lines = ['', ...planLines(header, overview), ...nextLines(shown)]
  context.stdout.write(`${lines.join('\n')}\n`)
}

import type { Command } from 'commander'
import { badInput, exitCode } from '../error.js'
import type { RestorePlan } from '../load/restore.js'
import type { RestoreGoal } from '../run/restore-step.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { report } from './run.js'
import { loadOne } from './load.js'
import { exitOf, operator, startRun } from './start.js'

interface RestoreFlags {
  readonly merge?: string
  readonly run?: string
  readonly all?: boolean
  readonly apply?: boolean
  readonly dryRun?: boolean
}

export function registerRestore(
  program: Command,
  context: CommandContext,
): void {
  program
    .command('restore')
    .description('give merges back: old values, and lost leads as new ones')
    .argument('<name>', 'pipeline')
    .option('--merge <id>', 'a plan row (m000003), or a winner or loser')
    .option('--run <run>', 'the run that merged, or the hash of its plan')
    .option('--all', 'every merge of --run')
    .option('--dry-run', 'only show what would be done (the default)')
    .option('--apply', 'do it')
    .action(async (name: string, flags: RestoreFlags, command: Command) => {
      await restore(name, flags, settings(command, context), context)
    })
}

async function restore(
  name: string,
  flags: RestoreFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const wish = wishOf(name, flags)
  const loaded = await loadOne(name, options, context)
  const planned: RestorePlan[] = []
  const goal: RestoreGoal = {
    wish,
    who: flags.apply === true ? operator() : null,
    planned: (plan) => planned.push(plan),
  }
  const record = await startRun(
    loaded,
    { until: 'publish', approved: null, restore: goal },
    options,
    context,
  )
  const [plan] = planned
  if (record.error !== null || plan === undefined) {
    if (options.json) printDocument(context, record)
    report(record, options, context)
  } else {
    await show(plan, { name, flags, options, context })
  }
  if (exitOf(record) !== exitCode.done) context.exit(exitOf(record))
}

function wishOf(name: string, flags: RestoreFlags): RestoreGoal['wish'] {
  const { merge = null, run = null, all = false } = flags
  if (flags.apply === true && flags.dryRun === true) {
    throw badInput('bad_option', 'Say --apply or --dry-run, not both.')
  }
  if (all && (run === null || merge !== null)) {
    throw badInput(
      'bad_option',
      `--all gives back every merge of one run: pipeline restore ${name} --run RUN --all`,
    )
  }
  if (!all && merge === null) {
    throw badInput(
      'bad_option',
      `Say which merge: pipeline restore ${name} --merge ID, a plan row or the id of a lead; merge_history has them all.`,
    )
  }
  return { merge, run }
}

interface Shown {
  readonly name: string
  readonly flags: RestoreFlags
  readonly options: Settings
  readonly context: CommandContext
}

async function show(
  { header, path, restorations }: RestorePlan,
  { name, flags, options, context }: Shown,
): Promise<void> {
  const { foldersOf } = await import('../run/folder.js')
  const { restoredLeads } = await import('../load/restore-source.js')
  const { root } = foldersOf(options.projectDir, name)
  const all = await restoredLeads(root)
  const asked = restorations.flatMap(({ leads }) => leads.map(({ id }) => id))
  const made = new Map(
    asked.flatMap((id) => {
      const as = all.get(id)
      return as === undefined ? [] : [[id, as] as const]
    }),
  )
  if (options.json) {
    const restored = Object.fromEntries(made)
    printDocument(context, { plan: header, path, restorations, restored })
    return
  }
  const { restoreLines, restoredLines } = await import('./restore-view.js')
  const isApplied = flags.apply === true
  const which = [
    ...(flags.merge === undefined ? [] : ['--merge', flags.merge]),
    ...(flags.run === undefined ? [] : ['--run', flags.run]),
    ...(flags.all === true ? ['--all'] : []),
  ].join(' ')
  const end = isApplied
    ? restoredLines(header, made)
    : header.updates + (header.creates ?? 0) === 0
      ? ['Nothing was sent, and nothing is left to give back.']
      : [
          `Nothing was sent. Do it with: pipeline restore ${name} ${which} --apply`,
        ]
  const lines = [...restoreLines(header, restorations), '', ...end]
  context.stdout.write(`${lines.join('\n')}\n`)
}

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { badInput } from '../error.js'
import type { Period } from '../report/fact.js'
import { loadLocal } from './load.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'

interface ReportFlags {
  readonly html?: string
  readonly run?: string
  readonly month?: string
}

export function registerReport(
  program: Command,
  context: CommandContext,
): void {
  const command = program
    .command('report')
    .description('what was done, saved and refused, as one file with charts')
    .argument('<name>', 'a pipeline')
    .option('--html <file>', 'write one self-contained page')
    .option('--run <id>', 'about this run; default: the last')
    .option('--month <month>', 'about all runs of a month, such as 2026-11')
  command.action(async (name: string, flags: ReportFlags) => {
    await report(name, flags, settings(command, context), context)
  })
}

async function report(
  name: string,
  flags: ReportFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const period = periodOf(flags)
  if (flags.html === undefined && !options.json) {
    throw badInput('option', 'Say where to: --html report.html, or --json.')
  }
  const { pipeline } = await loadLocal(name, options, context)
  const { reportFacts } = await import('../report/fact.js')
  const { facts, records } = await reportFacts(
    options.projectDir,
    pipeline,
    period,
  )
  if (flags.html !== undefined) {
    const { reportPage } = await import('../report/page.js')
    const { replaceFile } = await import('../durable.js')
    const file = resolve(context.cwd, flags.html)
    await replaceFile(file, await reportPage(facts, records))
    if (!options.json) {
      context.stdout.write(`The report of ${name}, ${facts.period}: ${file}\n`)
    }
  }
  if (options.json) printDocument(context, facts)
}

function periodOf({ run, month }: ReportFlags): Period {
  if (run !== undefined && month !== undefined) {
    throw badInput('option', 'Give --run or --month, not both.')
  }
  if (month === undefined) return { kind: 'run', id: run ?? null }
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return { kind: 'month', month }
  throw badInput('month', `--month ${month} is not a month such as 2026-11.`)
}

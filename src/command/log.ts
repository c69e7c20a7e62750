import type { Command } from 'commander'
import { badInput } from '../error.js'
import {
  type CommandContext,
  printable,
  printDocument,
  type Settings,
  settings,
} from './output.js'

interface LogFlags {
  readonly run?: string
  readonly level: string
  readonly event?: string
  readonly lines: string
}

const levels = ['debug', 'info', 'warn', 'error']

export function registerLog(program: Command, context: CommandContext): void {
  program
    .command('log')
    .description('show the log of a run')
    .argument('<name>', 'pipeline')
    .option('--run <id>', 'a run; the last one where none is named')
    .option('--level <level>', `least level: ${levels.join(', ')}`, 'info')
    .option('--event <name>', 'only this event, for example row.failed')
    .option('--lines <n>', 'at most the last n lines', '200')
    .action(async (name: string, flags: LogFlags, command: Command) => {
      await showLog(name, flags, settings(command, context), context)
    })
}

type Line = Readonly<Record<string, unknown>>

async function showLog(
  name: string,
  flags: LogFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const least = levels.indexOf(flags.level)
  if (least < 0) {
    throw badInput(
      'log_level',
      `--level ${flags.level} is not a level; levels are ${levels.join(', ')}.`,
    )
  }
  const lines = (await readLog(name, flags, options))
    .filter((line) => levels.indexOf(String(line['level'])) >= least)
    .filter((line) => !flags.event || line['event'] === flags.event)
    .slice(-Math.max(1, Number(flags.lines) || 200))
  if (options.json) printDocument(context, { lines })
  else for (const line of lines) context.stdout.write(`${lineText(line)}\n`)
}

async function readLog(
  name: string,
  flags: LogFlags,
  options: Settings,
): Promise<Line[]> {
  const { join } = await import('node:path')
  const { readFile } = await import('node:fs/promises')
  const { selectPipelines } = await import('../pipeline/select.js')
  const { foldersOf } = await import('../run/folder.js')
  const { readRecords } = await import('../run/record.js')
  await selectPipelines(join(options.projectDir, 'pipelines'), {
    names: [name],
    all: false,
  })
  const folder = foldersOf(options.projectDir, name).log
  const runs = readRecords(folder).map(({ run_id }) => run_id)
  const run = flags.run ?? runs.at(-1)
  if (run === undefined || !runs.includes(run)) {
    throw badInput(
      'no_run',
      run === undefined
        ? `${name} has not run yet: pipeline run ${name}`
        : `${name} has no run ${run}; the last ones are ${runs.slice(-5).join(', ')}.`,
    )
  }
  const text = await readFile(join(folder, `${run}.jsonl`), 'utf8')
  return text.split('\n').flatMap(parsedLine)
}

/** The last line of a killed run may be torn. */
function parsedLine(text: string): Line[] {
  try {
    return [JSON.parse(text) as Line]
  } catch {
    return []
  }
}

const apart = new Set(['ts', 'level', 'event', 'run_id', 'pipeline', 'msg'])

function lineText(line: Line): string {
  const facts = Object.entries(line)
    .filter(([key, value]) => !apart.has(key) && value !== null)
    .map(([key, value]) => `${key}=${String(value)}`)
  const time = String(line['ts']).slice(11, 19)
  const message = line['msg'] === undefined ? [] : [String(line['msg'])]
  return printable(
    [
      time,
      String(line['level']).padEnd(5),
      String(line['event']).padEnd(20),
      ...facts,
      ...message,
    ].join(' '),
  )
}

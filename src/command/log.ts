import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { badInput } from '../error.js'
import { counted } from '../format.js'
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

type Line = ReadonlyMap<string, unknown>

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
  const lines = (await readLog(name, flags, options, context))
    .filter((line) => levels.indexOf(fact(line, 'level')) >= least)
    .filter((line) => !flags.event || line.get('event') === flags.event)
    .slice(-Math.max(1, Number(flags.lines) || 200))
  if (options.json) {
    printDocument(context, {
      lines: lines.map((line) => Object.fromEntries(line)),
    })
  } else for (const line of lines) context.stdout.write(`${lineText(line)}\n`)
}

async function readLog(
  name: string,
  flags: LogFlags,
  options: Settings,
  context: CommandContext,
): Promise<Line[]> {
  const { selectPipelines } = await import('../pipeline/select.js')
  const { foldersOf } = await import('../run/folder.js')
  await selectPipelines(join(options.projectDir, 'pipelines'), {
    names: [name],
    all: false,
  })
  const folder = foldersOf(options.projectDir, name).log
  const file = join(folder, `${await runOf(name, folder, flags.run)}.jsonl`)
  const texts = (await readFile(file, 'utf8')).split('\n').filter(Boolean)
  const lines = texts.flatMap(parsedLine)
  const torn = texts.length - lines.length
  if (torn > 0) {
    context.stderr.write(
      `${counted(torn, 'line')} of ${file} cannot be read and ${torn === 1 ? 'is' : 'are'} left out.\n`,
    )
  }
  return lines
}

/** The run asked for, or the last; logs are there although a record is not. */
async function runOf(
  name: string,
  folder: string,
  wanted: string | undefined,
): Promise<string> {
  const files = await readdir(folder).catch(() => [])
  const runs = files
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => basename(file, '.jsonl'))
    .toSorted()
  const run = wanted ?? runs.at(-1)
  if (run !== undefined && runs.includes(run)) return run
  throw badInput(
    'no_run',
    run === undefined || runs.length === 0
      ? `${name} has not run yet: pipeline run ${name}`
      : `${name} has no run ${run}; the last ones are ${runs.slice(-5).join(', ')}.`,
  )
}

/** The last line of a killed run may be torn. */
function parsedLine(text: string): Line[] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? [new Map<string, unknown>(Object.entries(value))]
      : []
  } catch {
    return []
  }
}

const apart = new Set(['ts', 'level', 'event', 'run_id', 'pipeline', 'msg'])

function fact(line: Line, name: string): string {
  const value = line.get(name) ?? ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function lineText(line: Line): string {
  const facts = [...line.keys()]
    .filter((name) => !apart.has(name) && line.get(name) !== null)
    .map((name) => `${name}=${fact(line, name)}`)
  const message = fact(line, 'msg')
  return printable(
    [
      fact(line, 'ts').slice(11, 19),
      fact(line, 'level').padEnd(5),
      fact(line, 'event').padEnd(20),
      ...facts,
      ...(message === '' ? [] : [message]),
    ].join(' '),
  )
}

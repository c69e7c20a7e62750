import type { Command } from 'commander'
import { exitCode } from '../error.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { report } from './run.js'
import { exitOf, loadOne, startRun } from './start.js'

export function registerExtract(
  program: Command,
  context: CommandContext,
): void {
  program
    .command('extract')
    .description('export leads from Marketo and land them; nothing else')
    .argument('<name>', 'pipeline')
    .action(async (name: string, _: unknown, command: Command) => {
      await extract(name, settings(command, context), context)
    })
}

async function extract(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const loaded = await loadOne(name, options, context)
  const goal = { until: 'extract', approved: null } as const
  const record = await startRun(loaded, goal, options, context)
  if (options.json) printDocument(context, record)
  if (record.error !== null) report(record, options, context)
  else if (!options.json) {
    context.stdout.write(
      `\nLanded. Next: pipeline build ${name}, or pipeline plan ${name}\n`,
    )
  }
  if (exitOf(record) !== exitCode.done) context.exit(exitOf(record))
}

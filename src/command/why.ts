import type { Command } from 'commander'
import { loadLocal } from './load.js'
import {
  type CommandContext,
  printable,
  printDocument,
  settings,
} from './output.js'

interface WhyFlags {
  readonly lead: string
  readonly and?: string
}

export function registerWhy(program: Command, context: CommandContext): void {
  program
    .command('why')
    .description('why a lead is what it is, or why two are one person or not')
    .argument('<name>', 'pipeline')
    .requiredOption('--lead <id>', 'the lead, also one that is gone')
    .option('--and <id>', 'another lead, to be compared with it')
    .action(async (name: string, flags: WhyFlags, command: Command) => {
      const options = settings(command, context)
      const loaded = await loadLocal(name, options, context)
      const { foldersOf } = await import('../run/folder.js')
      const { withWhy } = await import('../run/why-room.js')
      const { explainLead } = await import('../run/why.js')
      const { projectDir } = options
      const folders = foldersOf(projectDir, name)
      const explanation = await withWhy(
        { folders, loaded, projectDir },
        async (room) =>
          await explainLead(room, {
            lead: flags.lead,
            and: flags.and ?? null,
          }),
      )
      if (options.json) return printDocument(context, explanation)
      const { explanationLines } = await import('../run/why-line.js')
      const lines = explanationLines(explanation).map(printable)
      context.stdout.write(`${lines.join('\n')}\n`)
    })
}

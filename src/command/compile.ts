import type { Command } from 'commander'
import { type SelectFlags, selectedNames, withModels } from './model.js'
import { counted } from '../format.js'
import { type CommandContext, printDocument, settings } from './output.js'

export function registerCompile(
  program: Command,
  context: CommandContext,
): void {
  program
    .command('compile')
    .description("show the SQL of models with the pipeline's rules in it")
    .argument('<name>', 'pipeline')
    .option('-s, --select <selection...>', 'models, as dbt selects')
    .option('--exclude <selection...>', 'models to leave out')
    .action(async (name: string, flags: SelectFlags, command: Command) => {
      const options = settings(command, context)
      await withModels(name, options, context, async (work) => {
        const { writeCompiled } = await import('../model/artifact.js')
        const names = await selectedNames(work.compiled, flags)
        writeCompiled(work.target, work.compiled)
        const models = names.flatMap((each) => {
          const found = work.compiled.models.get(each)
          return found === undefined ? [] : [{ name: each, sql: found.sql }]
        })
        if (options.json) printDocument(context, { models })
        else if (flags.select === undefined) {
          context.stdout.write(
            `${counted(models.length, 'model')} compiled to ${work.target}/compiled\n`,
          )
        } else {
          for (const { name: model, sql } of models) {
            context.stdout.write(`-- ${model}\n${sql}\n`)
          }
        }
      })
    })
}

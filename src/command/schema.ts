import type { Command } from 'commander'
import { type CommandContext, printDocument } from './output.js'

/** `pipeline schema`: what `.pipeline.schema.json` is made with. */
export function registerSchema(program: Command, context: CommandContext) {
  program
    .command('schema', { hidden: true })
    .description('print the JSON Schema of pipeline files')
    .action(async () => {
      const { pipelineJsonSchema } = await import('../pipeline/json-schema.js')
      printDocument(context, pipelineJsonSchema())
    })
}

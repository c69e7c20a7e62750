import { z } from 'zod'
import { pipelineSchema } from './schema.js'

/** What an editor completes and checks pipeline files with. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(pipelineSchema, {
    target: 'draft-7',
    io: 'input',
  })
  return {
    ...schema,
    title: 'Pipeline',
    description: 'One Marketo instance and the rules for it.',
  }
}

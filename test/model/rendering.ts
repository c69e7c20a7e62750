import { expect } from 'vitest'
import { exitCode, PipelineError } from '../../src/error.js'
import type { Helpers, Resolver } from '../../src/model/helper.js'
import { renderModel } from '../../src/model/template.js'

export const resolver: Resolver = {
  ref: (name) => ({ schema: 'dedupe', name }),
  source: (schema, name) => ({ schema, name }),
}

export function render(
  text: string,
  context: unknown = {},
  helpers: Helpers = {},
) {
  const template = { file: 'models/x.sql', text }
  return renderModel(template, context, { helpers, resolver })
}

export function sql(
  text: string,
  context: unknown = {},
  helpers: Helpers = {},
) {
  return render(text, context, helpers).sql
}

export function error(run: () => unknown): PipelineError {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof PipelineError) return thrown
    throw thrown
  }
  throw new Error('nothing was refused')
}

export function refusal(
  text: string,
  context: unknown = {},
  helpers: Helpers = {},
) {
  const refused = error(() => sql(text, context, helpers))
  expect(refused.exit).toBe(exitCode.badInput)
  return refused.message
}

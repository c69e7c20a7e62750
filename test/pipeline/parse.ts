import { PipelineError } from '../../src/error.js'
import { type LoadedPipeline, parsePipeline } from '../../src/pipeline/load.js'
import type { Environment } from '../../src/pipeline/reference.js'

export const instance = `marketo:
  endpoint: https://123-ABC-456.mktorest.com
  client_id: \${ID}
  client_secret: \${SECRET}
`

export const env: Environment = {
  ID: 'an-id',
  SECRET: 'a-secret-of-acme',
  EMPTY: ' ',
  HOOK: 'https://hooks.example/T1',
}

export function parse(
  text: string,
  environment: Environment = env,
  secrets: 'required' | 'ignored' = 'required',
): LoadedPipeline {
  const file = 'pipelines/acme.yml'
  return parsePipeline(text, { name: 'acme', file, env: environment, secrets })
}

/** What a person reads about a file, a line for each mistake. */
export function mistakes(
  text: string,
  environment: Environment = env,
  secrets: 'required' | 'ignored' = 'required',
): string[] {
  try {
    parse(text, environment, secrets)
    return []
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error
    return error.message
      .split('\n')
      .map((line) => line.replace('pipelines/acme.yml:', ''))
  }
}

/** A pipeline against the sandbox with one dedupe service. */
export function dedupe(rules: string): string {
  return `marketo: sandbox
services:
  person:
    type: dedupe
${rules.replace(/^/gm, '    ')}
`
}

export const sandbox = 'marketo: sandbox\n'

/** A pipeline against the sandbox with these services, one a line. */
export function services(...lines: readonly string[]): string {
  return `${sandbox}services:\n${lines.map((line) => `  ${line}\n`).join('')}`
}

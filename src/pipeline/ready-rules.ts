/** Ready rule files that come with the program, to begin a pipeline with. */
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { badInput } from '../error.js'

const folder = new URL('../../pipelines/rule/', import.meta.url)

/** Names of the ready rules, sorted. */
export async function readyRules(): Promise<string[]> {
  const entries = await readdir(fileURLToPath(folder))
  return entries
    .filter((entry) => entry.endsWith('.yml'))
    .map((entry) => entry.slice(0, -'.yml'.length))
    .toSorted()
}

/**
 * A file of ready rules, as it is.
 * @throws PipelineError (exit 3) that says which there are
 */
export async function readReadyRules(name: string): Promise<string> {
  const known = await readyRules()
  if (known.includes(name)) {
    return await readFile(new URL(`${name}.yml`, folder), 'utf8')
  }
  const lines = await Promise.all(
    known.map(async (each) => `  ${each}: ${await descriptionOf(each)}`),
  )
  throw badInput(
    'ready_rules',
    `There are no ready rules of that name; there are\n${lines.join('\n')}`,
    { known },
  )
}

async function descriptionOf(name: string): Promise<string> {
  const text = await readFile(new URL(`${name}.yml`, folder), 'utf8')
  return /^description: (.*)$/m.exec(text)?.[1] ?? ''
}

/** The rules of a ready file, with a connection to a Marketo of one's own. */
export function withConnection(text: string, connection: string): string {
  return text
    .replace('$schema=../../', '$schema=../')
    .replace(/^marketo: sandbox$/m, connection)
}

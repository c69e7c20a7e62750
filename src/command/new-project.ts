/** What a folder needs beside pipeline files, put there once. */
import { access, cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The models that come with the program. */
const shipped = fileURLToPath(new URL('../../models', import.meta.url))

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

/**
 * Makes a project of a folder that is none yet: the models, which its owner
 * may change, and the JSON Schema for editors. What is there stays as it is.
 * Models under models/enrich are examples, so they are left out.
 * @returns the names of what was made
 */
export async function completeProject(folder: string): Promise<string[]> {
  const made: string[] = []
  const models = join(folder, 'models')
  if (!(await isThere(models))) {
    const examples = join(shipped, 'enrich')
    await cp(shipped, models, {
      recursive: true,
      filter: (source) => source !== examples,
    })
    made.push('models/')
  }
  const schema = join(folder, '.pipeline.schema.json')
  if (!(await isThere(schema))) {
    const { pipelineJsonSchema } = await import('../pipeline/json-schema.js')
    const text = JSON.stringify(pipelineJsonSchema(), null, 2)
    await writeFile(schema, `${text}\n`)
    made.push('.pipeline.schema.json')
  }
  return made
}

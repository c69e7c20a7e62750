import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { exitCode, PipelineError } from '../../src/error.js'
import { loadProject } from '../../src/model/project.js'

/** The project of the running test. */
export const place = { folder: '' }

beforeEach(async () => {
  place.folder = await mkdtemp(join(tmpdir(), 'project-'))
})

afterEach(async () => {
  await rm(place.folder, { recursive: true, force: true })
})

export const yaml =
  'description: A model. One row per lead.\nmaterialized: table\n'

export const source = `sources:
  - schema: raw
    description: As landed.
    tables:
      - { name: lead, description: Leads. One row per lead. }
`

/** A folder of models with these files; a model's YAML may be left out. */
export async function project(files: Record<string, string>) {
  const all = new Map(Object.entries(files))
  for (const path of Object.keys(files)) {
    const beside = path.replace(/\.sql$/, '.yml')
    if (!all.has(beside)) all.set(beside, yaml)
  }
  for (const [path, text] of all) {
    const file = join(place.folder, 'models', path)
    await mkdir(dirname(file), { recursive: true })
    if (text !== '(none)') await writeFile(file, text)
  }
  return loadProject(join(place.folder, 'models'), place.folder)
}

export async function refusal(files: Record<string, string>): Promise<string> {
  const error: unknown = await project(files).catch((thrown: unknown) => thrown)
  if (!(error instanceof PipelineError)) throw new Error('nothing was refused')
  expect(error.exit).toBe(exitCode.badInput)
  return error.message
}

export const one = { 'mart/lead.sql': 'select 1 as id\n' }

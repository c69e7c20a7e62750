/** Matching by probability as a run does it, on a base that is loaded. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { scaledClock } from '../../src/clock.js'
import { registerFunctions } from '../../src/model/function.js'
import { parsePipeline } from '../../src/pipeline/load.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import { buildMatched } from '../../src/run/match.js'
import { compileModels } from '../../src/run/project.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { places, projectDir } from './lead.js'

const rules = `
marketo: sandbox
services:
  people: { type: dedupe, match: auto }
`

export function pipeline(folder: string): Pipeline {
  const file = join(folder, 'pipelines', 'bench.yml')
  return parsePipeline(rules, {
    name: 'bench',
    file,
    env: {},
    secrets: 'ignored',
  }).pipeline
}

const signal = new AbortController().signal

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Builds everything up to the clusters, and says how long each model took. */
export async function match(
  folder: string,
  threads?: number,
): Promise<{ model: string; seconds: number }[]> {
  const { loaded, build: path, temp } = places(folder)
  copyFileSync(loaded, path)
  const warehouse = await Warehouse.open({
    path,
    temp,
    sealed: true,
    ...(threads !== undefined && { threads }),
  })
  try {
    registerFunctions(warehouse)
    const rulesOf = pipeline(folder)
    const compiled = await compileModels(
      warehouse,
      { pipeline: rulesOf, locate: () => ({ line: 1, column: 1 }) },
      projectDir,
    )
    const names = ['cluster', ...compiled.graph.ancestors('cluster')]
    const results = await buildMatched(
      warehouse,
      compiled,
      {
        names,
        onModel: () => {},
        onTest: () => {},
        signal,
        clock: scaledClock(1),
      },
      {
        pipeline: rulesOf,
        projectDir: folder,
        clock: scaledClock(1),
        note: (text) => say(text),
      },
    )
    const broken = results.find(({ status }) => status !== 'success')
    if (broken !== undefined) throw new Error(broken.message)
    return results.map(({ model, seconds }) => ({ model, seconds }))
  } finally {
    await warehouse.close()
  }
}

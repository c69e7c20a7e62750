import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { instant, systemClock } from '../clock.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { loadLocal } from './load.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'

interface EvaluateFlags {
  readonly truth?: string
  readonly svg?: string
  readonly html?: string
  readonly samples: string
}

export function registerEvaluate(
  program: Command,
  context: CommandContext,
): void {
  program
    .command('evaluate')
    .description('how good the clusters are, by a truth or by your labels')
    .argument('<name>', 'pipeline')
    .option('--truth <file>', 'CSV with columns id and cluster')
    .option('--samples <n>', 'mistakes of each kind to show', '5')
    .option('--svg <file>', 'draw scores, calibration and thresholds there')
    .option('--html <file>', 'the same with the tables as one page')
    .action(async (name: string, flags: EvaluateFlags, command: Command) => {
      const options = settings(command, context)
      const loaded = await loadLocal(name, options, context)
      if (flags.truth === undefined) {
        await byLabels(loaded, flags, options, context)
      } else {
        await byTruth(
          loaded,
          { ...flags, truth: flags.truth },
          options,
          context,
        )
      }
    })
}

async function byTruth(
  { pipeline }: LoadedPipeline,
  flags: EvaluateFlags & { readonly truth: string },
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { evaluate } = await import('../run/evaluate.js')
  const { foldersOf } = await import('../run/folder.js')
  const evaluation = await evaluate({
    folders: foldersOf(options.projectDir, pipeline.name),
    pipeline,
    truth: resolve(context.cwd, flags.truth),
    samples: Math.min(Math.max(Number(flags.samples) || 0, 1), 1000),
  })
  const { evaluationPicture } = await import('./evaluate-chart.js')
  const { evaluationLines } = await import('./evaluate-view.js')
  const { models, modelText } = await learned(pipeline, options)
  const picture = evaluationPicture(evaluation)
  const lines = evaluationLines(evaluation)
  if (flags.svg !== undefined) {
    await writeFile(resolve(context.cwd, flags.svg), picture)
  }
  if (flags.html !== undefined) {
    const { evaluationPage } = await import('./evaluate-page.js')
    const page = evaluationPage(evaluation, picture)
    await writeFile(resolve(context.cwd, flags.html), page)
  }
  if (options.json) printDocument(context, { ...evaluation, models })
  else context.stdout.write(`${[...lines, ...modelText].join('\n')}\n`)
}

/** What services that match by probability have learned. */
async function learned(
  pipeline: LoadedPipeline['pipeline'],
  { projectDir }: Settings,
) {
  const { learnedModels } = await import('../run/evaluate-model.js')
  const { foldersOf } = await import('../run/folder.js')
  const { modelLines } = await import('./model-view.js')
  const folders = foldersOf(projectDir, pipeline.name)
  const models = await learnedModels({ folders, projectDir, pipeline })
  return { models, modelText: modelLines(models) }
}

async function byLabels(
  loaded: LoadedPipeline,
  flags: EvaluateFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { badInput } = await import('../error.js')
  const { name } = loaded.pipeline
  if (flags.svg !== undefined || flags.html !== undefined) {
    throw badInput(
      'no_truth',
      `A picture needs a truth: pipeline evaluate ${name} --truth FILE.csv`,
    )
  }
  const { evaluateLabels } = await import('../run/evaluate-label.js')
  const { foldersOf } = await import('../run/folder.js')
  const folders = foldersOf(options.projectDir, name)
  const found = await evaluateLabels(
    folders,
    loaded,
    instant(systemClock).slice(0, 10),
  )
  const { labelLines } = await import('./evaluate-view.js')
  const { models, modelText } = await learned(loaded.pipeline, options)
  const lines = [...labelLines(found), ...modelText]
  if (options.json) printDocument(context, { ...found, models })
  else context.stdout.write(`${lines.join('\n')}\n`)
}

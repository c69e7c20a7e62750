import { join } from 'node:path'
import { systemClock } from '../clock.js'
import { asError, type ExitCode, exitCode, PipelineError } from '../error.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { loadLocal } from './load.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  table,
} from './output.js'

/**
 * The dead man's switch: exits 1 where a pipeline has had no success in 1.5 ×
 * its schedule's period, and 3 where a pipeline file cannot be read.
 */
export async function checkStatus(
  names: readonly string[],
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { selectPipelines } = await import('../pipeline/select.js')
  const { checkOverdue, overdueWords } = await import('../schedule/check.js')
  const selected = await selectPipelines(
    join(options.projectDir, 'pipelines'),
    { names, all: names.length === 0 },
  )
  const { loaded, problems } = await loadAll(selected, options, context)
  const pipelines = loaded.map(({ pipeline }) => pipeline)
  const now = new Date(systemClock.now())
  const found = checkOverdue(options.projectDir, pipelines, now)
  for (const problem of problems) context.stderr.write(`${problem}\n`)
  if (options.json) {
    const unscheduled = pipelines.filter((one) => one.schedule === null)
    printDocument(context, {
      overdue: found,
      checked: pipelines.map(({ name }) => name),
      without_schedule: unscheduled.map(({ name }) => name),
      problems,
    })
  } else if (found.length > 0) {
    const rows = found.map((one) => [
      one.pipeline,
      overdueWords(one),
      `pipeline status ${one.pipeline}`,
    ])
    const lines = table(['pipeline', 'overdue', 'next'], rows)
    context.stdout.write(`${lines.join('\n')}\n`)
  } else {
    context.stdout.write(
      `No pipeline is overdue (${pipelines.length} checked).\n`,
    )
  }
  for (const one of found) {
    await tellOverdue(one.pipeline, overdueWords(one), options, context)
  }
  const exit = exitOf(found.length, problems.length)
  if (exit !== exitCode.done) context.exit(exit)
}

/** Tells whom the pipeline file names; needs the secrets of its alerts. */
export async function tellOverdue(
  name: string,
  said: string,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { loadOne } = await import('./load.js')
  const { tellLate } = await import('./tell.js')
  try {
    const loaded = await loadOne(name, options, context)
    await tellLate(said, loaded, options, context)
  } catch (thrown) {
    context.stderr.write(`${asError(thrown).message}\n`)
  }
}

function exitOf(overdue: number, problems: number): ExitCode {
  if (overdue > 0) return exitCode.failed
  return problems > 0 ? exitCode.badInput : exitCode.done
}

/** One file with a mistake must not hide that others are overdue. */
export async function loadAll(
  names: readonly string[],
  options: Settings,
  context: CommandContext,
): Promise<{ loaded: LoadedPipeline[]; problems: string[] }> {
  const loaded: LoadedPipeline[] = []
  const problems: string[] = []
  for (const name of names) {
    try {
      loaded.push(await loadLocal(name, options, context))
    } catch (thrown) {
      const error = asError(thrown)
      if (!(error instanceof PipelineError)) throw error
      problems.push(error.message)
    }
  }
  return { loaded, problems }
}

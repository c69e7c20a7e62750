import type { Command } from 'commander'
import type { RunRecord } from '../run/record.js'
import {
  type CommandContext,
  formatDuration,
  formatNumber,
  printDocument,
  type Settings,
  settings,
  table,
} from './output.js'

export function registerStatus(
  program: Command,
  context: CommandContext,
): void {
  program
    .command('status')
    .description('show the last run of each pipeline, or the steps of one')
    .argument('[name...]', 'pipelines, or group:NAME; all where none is named')
    .action(async (names: string[], _: unknown, command: Command) => {
      await status(names, settings(command, context), context)
    })
}

interface PipelineStatus {
  readonly pipeline: string
  readonly last_run: RunRecord | null
  /** A plan that was begun and not finished; `run` continues it. */
  readonly unfinished_plan: string | null
  readonly runs: number
  readonly runs_done: number
}

async function status(
  names: readonly string[],
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { join } = await import('node:path')
  const { selectPipelines } = await import('../pipeline/select.js')
  const { pipelineStatus } = await import('../run/status.js')
  const selected = await selectPipelines(
    join(options.projectDir, 'pipelines'),
    { names, all: names.length === 0 },
  )
  const found: PipelineStatus[] = []
  for (const name of selected) {
    found.push(await pipelineStatus(options.projectDir, name))
  }
  if (options.json) {
    printDocument(context, { pipelines: found })
    return
  }
  const one = selected.length === 1 ? found[0] : undefined
  const lines = one === undefined ? overview(found) : detail(one)
  context.stdout.write(`${lines.join('\n')}\n`)
}

function overview(found: readonly PipelineStatus[]): string[] {
  return table(
    ['pipeline', 'last run', 'status', 'took', 'leads', 'merged', 'runs done'],
    found.map(({ pipeline, last_run, runs, runs_done }) => [
      pipeline,
      last_run === null ? 'never' : moment(last_run.started_at),
      last_run?.status ?? '',
      last_run === null ? '' : took(last_run),
      last_run === null ? '' : formatNumber(last_run.leads),
      formatNumber(last_run?.apply?.merged_leads ?? 0),
      `${runs_done} of ${runs}`,
    ]),
  )
}

function detail(found: PipelineStatus): string[] {
  const run = found.last_run
  if (run === null) {
    return [`${found.pipeline} has not run yet: pipeline run ${found.pipeline}`]
  }
  const steps = table(
    ['step', 'status', 'took', 'what'],
    run.steps.map((step) => [
      step.step,
      step.status,
      formatDuration(step.seconds),
      step.text.split('\n')[0] ?? '',
    ]),
  )
  return [
    `${found.pipeline} · run ${run.run_id} · ${run.status} · ${moment(run.started_at)}`,
    '',
    ...steps.map((line) => `  ${line}`),
    '',
    `  calls ${formatNumber(run.calls.used)} of ${formatNumber(run.calls.budget)} · ${found.runs_done} of ${found.runs} runs done`,
    `  safe to walk away: ${walkAway(found)}`,
  ]
}

function walkAway({ last_run, unfinished_plan, pipeline }: PipelineStatus) {
  if (last_run?.status === 'running') return 'yes, a run is going on'
  if (unfinished_plan !== null) {
    return `no, plan ${unfinished_plan} is not finished: pipeline run ${pipeline} continues it`
  }
  return 'yes'
}

function moment(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}

function took(run: RunRecord): string {
  if (run.ended_at === null) return ''
  const milliseconds = Date.parse(run.ended_at) - Date.parse(run.started_at)
  return formatDuration(milliseconds / 1000)
}

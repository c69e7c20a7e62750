import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { exitCode } from '../error.js'
import type { RunRecord } from '../run/record.js'
import type { PipelineStatus } from '../run/status.js'
import {
  counted,
  formatBytes,
  formatDuration,
  formatNumber,
} from '../format.js'
import type { Budget } from '../pipeline/pipeline.js'
import {
  type CommandContext,
  printable,
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
    .option('--check', 'exit 1 where a pipeline is overdue by its schedule')
    .action(
      async (names: string[], flags: { check?: true }, command: Command) => {
        const options = settings(command, context)
        if (flags.check === undefined) {
          await showStatus(names, options, context)
          return
        }
        const { checkStatus } = await import('./status-check.js')
        await checkStatus(names, options, context)
      },
    )
}

async function showStatus(
  names: readonly string[],
  options: Settings,
  context: CommandContext,
): Promise<void> {
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
  if (found.some(({ problem }) => problem !== null)) {
    context.exit(exitCode.planRefused)
  }
  if (options.json) {
    printDocument(context, { pipelines: found })
    return
  }
  const one = selected.length === 1 ? found[0] : undefined
  const lines =
    one === undefined
      ? overview(found)
      : detail(one, await budgetOf(one.pipeline, options, context))
  context.stdout.write(`${lines.join('\n')}\n`)
}

/** null where the pipeline file cannot be read; the status still can. */
async function budgetOf(
  name: string,
  { projectDir }: Settings,
  { env, cwd }: CommandContext,
): Promise<Budget | null> {
  const { loadPipeline } = await import('../pipeline/load.js')
  const file = join(projectDir, 'pipelines', `${name}.yml`)
  try {
    const options = { secrets: 'ignored', base: cwd } as const
    const { pipeline } = await loadPipeline(file, env, options)
    return pipeline.marketo.budget
  } catch {
    return null
  }
}

/** `interrupted` is the word for machines. */
function word({ status }: RunRecord): string {
  return status === 'interrupted' ? 'killed' : status
}

function overview(found: readonly PipelineStatus[]): string[] {
  const lines = table(
    ['pipeline', 'last run', 'status', 'took', 'leads', 'merged', 'runs done'],
    found.map(({ pipeline, last_run, runs, runs_done }) => [
      pipeline,
      last_run === null ? 'never' : moment(last_run.started_at),
      last_run === null ? '' : word(last_run),
      last_run === null ? '' : took(last_run),
      last_run === null ? '' : formatNumber(last_run.leads),
      formatNumber(last_run?.apply?.merged_leads ?? 0),
      `${runs_done} of ${runs}`,
    ]),
  )
  return [...lines, ...found.flatMap(troubles)]
}

/** What keeps the rest from being known. */
function troubles({ problem, damaged }: PipelineStatus): string[] {
  const records = damaged.map(
    (file) => `The record ${file} is damaged and left out; its log remains.`,
  )
  return [...(problem === null ? [] : [problem]), ...records]
}

/** What today's quotas hold, where the pipeline has ever run. */
function today({ today: used }: PipelineStatus, budget: Budget | null) {
  if (used === null) return []
  const { calls, export_bytes: bytes, resets_at: at } = used
  const of = {
    calls: budget === null ? '' : ` of ${formatNumber(budget.callsPerDay)}`,
    bytes: budget === null ? '' : ` of ${budget.exportMbPerDay} MB`,
  }
  return [
    `  today ${counted(calls, 'call')}${of.calls} · ${formatBytes(bytes)}${of.bytes} exported · resets ${moment(at)}`,
  ]
}

function detail(found: PipelineStatus, budget: Budget | null): string[] {
  const { last_run: run, pipeline, damaged } = found
  if (run === null) {
    return [
      ...troubles(found),
      damaged.length > 0
        ? `No record of a run can be read; pipeline run ${pipeline} makes a new one.`
        : `${pipeline} has not run yet: pipeline run ${pipeline}`,
    ]
  }
  return [
    `${pipeline} · run ${run.run_id} · ${word(run)} · ${moment(run.started_at)}`,
    ...steps(run),
    ...(run.error === null ? [] : ['', ...run.error.message.split('\n')]),
    '',
    `  calls ${formatNumber(run.calls.used)} of ${formatNumber(run.calls.budget)} · ${found.runs_done} of ${found.runs} runs done`,
    ...today(found, budget),
    `  safe to walk away: ${walkAway(found)}`,
    ...troubles(found).filter((text) => text !== run.error?.message),
  ].map(printable)
}

function steps(run: RunRecord): string[] {
  if (run.steps.length === 0) return []
  const lines = table(
    ['step', 'status', 'took', 'what'],
    run.steps.map(({ step, status, seconds, text }) => [
      step,
      run.status === 'interrupted' && status === 'stopped' ? 'killed' : status,
      status === 'running' ? '' : formatDuration(seconds),
      run.error === null ? (text.split('\n')[0] ?? '') : shortened(text, run),
    ]),
  )
  return ['', ...lines.map((line) => `  ${line}`)]
}

/** The message of the step that failed stands below, in full. */
function shortened(text: string, { error }: RunRecord): string {
  return text === error?.message ? '' : (text.split('\n')[0] ?? '')
}

function walkAway(found: PipelineStatus): string {
  const { last_run: run, unfinished_plan: plan, problem, pipeline } = found
  if (run?.status === 'running') return 'yes, a run is going on'
  if (problem !== null) return 'no, the plan that was begun cannot be read'
  const continues = `pipeline run ${pipeline} continues`
  if (plan !== null)
    return `no, plan ${basename(plan, '.jsonl')} is not finished: ${continues} it`
  if (run?.status === 'interrupted')
    return `no, the run was killed: ${continues}`
  if (run?.plan?.needs_approval === true) {
    return `yes; a plan waits for approval: pipeline plan ${pipeline} --last`
  }
  return run?.status === 'paused' ? `yes, and ${continues} it` : 'yes'
}

function moment(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}

function took(run: RunRecord): string {
  if (run.ended_at === null) return ''
  const milliseconds = Date.parse(run.ended_at) - Date.parse(run.started_at)
  return formatDuration(milliseconds / 1000)
}

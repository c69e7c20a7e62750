import { join } from 'node:path'
import { systemClock } from '../clock.js'
import { openLog } from '../log.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import type { RunRecord } from '../run/record.js'
import type { CommandContext, Settings } from './output.js'

/** Tells whom the pipeline file names how a run ended. Never throws. */
export async function tellEnd(
  record: RunRecord,
  loaded: LoadedPipeline,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  if (loaded.pipeline.alert.length === 0) return
  await withTeller(loaded, record.run_id, { options, context }, (alert, to) =>
    alert.tellRun(record, to),
  )
}

/** Tells that a pipeline is overdue; `said` is when it last succeeded. */
export async function tellLate(
  said: string,
  loaded: LoadedPipeline,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  if (loaded.pipeline.alert.length === 0) return
  await withTeller(loaded, null, { options, context }, (alert, to) =>
    alert.tellOverdue(said, to),
  )
}

type AlertModule = typeof import('../alert/alert.js')
type Teller = Parameters<AlertModule['tellRun']>[1]

async function withTeller(
  { pipeline }: LoadedPipeline,
  runId: string | null,
  { options, context }: { options: Settings; context: CommandContext },
  work: (alert: AlertModule, teller: Teller) => Promise<void>,
): Promise<void> {
  try {
    const alert = await import('../alert/alert.js')
    const { foldersOf } = await import('../run/folder.js')
    const { nextRuns } = await import('../schedule/next.js')
    const folders = foldersOf(options.projectDir, pipeline.name)
    const now = new Date(systemClock.now())
    const [next] = nextRuns(pipeline, now, 1)
    const log = openLog({
      file: runId === null ? null : join(folders.log, `${runId}.jsonl`),
      level: 'silent',
      secrets: [],
      base: { run_id: runId ?? '', pipeline: pipeline.name },
    })
    const summary = context.env['GITHUB_STEP_SUMMARY'] ?? ''
    try {
      await work(alert, {
        pipeline,
        folder: folders.root,
        clock: systemClock,
        log,
        github:
          summary === ''
            ? null
            : { summary, write: (text) => context.stderr.write(text) },
        nextRun: next?.toISOString() ?? null,
        link: workflowPage(context.env),
      })
    } finally {
      log.close()
    }
  } catch {
    // The run's result stands, whatever keeps people from hearing of it.
    context.stderr.write(
      `Nobody could be told about ${pipeline.name}; the result itself is as printed.\n`,
    )
  }
}

/** The page of the workflow run that this is part of, or null. */
function workflowPage(env: CommandContext['env']): string | null {
  const server = env['GITHUB_SERVER_URL'] ?? ''
  const page = `${server}/${env['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`
  return /^https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+$/.test(page)
    ? page
    : null
}

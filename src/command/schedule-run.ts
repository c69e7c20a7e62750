import { systemClock } from '../clock.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { printable, type CommandContext, type Settings } from './output.js'
import { loadAll } from './status-check.js'

/** Starts the runs of these pipelines until a signal comes; exits 0 then. */
export async function runHere(
  { names, jobs }: { names: readonly string[]; jobs: number },
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { runSchedules } = await import('../schedule/runner.js')
  const abort = new AbortController()
  const stop = () => abort.abort(new Error('The scheduler was stopped.'))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const tell = (pipeline: string, text: string) => {
    const at = new Date(systemClock.now()).toISOString()
    const line = options.json
      ? JSON.stringify({ ts: at, pipeline, msg: text })
      : printable(
          `${at.slice(0, 16).replace('T', ' ')} UTC  ${pipeline}  ${text}`,
        )
    context.stdout.write(`${line}\n`)
  }
  const { projectDir } = options
  const load = loader(names, { options, context, tell })
  tell(
    'scheduler',
    `works, ${(await load()).length} of ${names.length} pipelines have a schedule`,
  )
  try {
    const goOn = await runSchedules({
      projectDir,
      load,
      launch: launcher({ options, context, tell }),
      clock: systemClock,
      signal: abort.signal,
      jobs,
      tell,
      onLook: watchOverdue({ options, context, tell }),
    })
    const rest = goOn.map((name) => `pipeline stop ${name}`).join(', ')
    tell('scheduler', rest === '' ? 'ends' : `ends; runs go on (${rest})`)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

interface World {
  readonly options: Settings
  readonly context: CommandContext
  readonly tell: (pipeline: string, text: string) => void
}

/** Milliseconds between two looks for pipelines that are overdue. */
const watch = 300_000

/** Alerts of a pipeline say once in an hour that it is overdue. */
function watchOverdue({ options, context, tell }: World) {
  let last = 0
  return async (pipelines: readonly Pipeline[]): Promise<void> => {
    const now = systemClock.now()
    if (now - last < watch) return
    last = now
    const { checkOverdue, overdueWords } = await import('../schedule/check.js')
    const { tellOverdue } = await import('./status-check.js')
    const found = checkOverdue(options.projectDir, pipelines, new Date(now))
    for (const one of found) {
      const said = overdueWords(one)
      tell(one.pipeline, `has ${said}`)
      const { pipeline } = one
      await tellOverdue(pipeline, said, options, context)
    }
  }
}

/** Says a mistake in a file once, and goes on with the others. */
function loader(names: readonly string[], { options, context, tell }: World) {
  const told = new Set<string>()
  return async (): Promise<Pipeline[]> => {
    const { loaded, problems } = await loadAll(names, options, context)
    for (const problem of problems) {
      if (!told.has(problem)) tell('scheduler', problem)
      told.add(problem)
    }
    return loaded
      .map(({ pipeline }) => pipeline)
      .filter(({ schedule }) => schedule !== null)
  }
}

/** Starts runs, tells how they end, and when one that paused goes on. */
function launcher(world: World) {
  const { options, context } = world
  const tries = new Map<string, number>()
  return async (pipeline: string, slot: Date) => {
    const { launchRun } = await import('../run/launch.js')
    const { runId, ended } = await launchRun({
      projectDir: options.projectDir,
      pipeline,
      command: ['run', pipeline, '--scheduled'],
      env: context.env,
      cwd: context.cwd,
    })
    const key = `${pipeline} ${slot.toISOString()}`
    const report = async () => {
      const code = await ended
      const run = { pipeline, runId, code, slot, tries: tries.get(key) ?? 0 }
      const at = await afterRun(run, world)
      if (at === null) tries.delete(key)
      else tries.set(key, run.tries + 1)
      return at
    }
    return { runId, ended: report() }
  }
}

interface Ended {
  readonly pipeline: string
  readonly runId: string
  readonly code: number | null
  readonly slot: Date
  readonly tries: number
}

async function afterRun(
  { pipeline, runId, code, slot, tries }: Ended,
  { options, context, tell }: World,
): Promise<Date | null> {
  const { readRecord } = await import('../run/record.js')
  const { foldersOf } = await import('../run/folder.js')
  const { reasonWords } = await import('../run/advice.js')
  const { dayUsage } = await import('../run/usage.js')
  const { againAt } = await import('../schedule/again.js')
  const folders = foldersOf(options.projectDir, pipeline)
  const record = readRecord(folders.log, runId)
  const how =
    record === null ? 'ended' : `${record.status}: ${reasonWords(record)}`
  tell(pipeline, `run ${runId} ${how} (exit ${code ?? 'killed'})`)
  const { loaded } = await loadAll([pipeline], options, context)
  const schedule = loaded[0]?.pipeline.schedule ?? null
  if (record === null || schedule === null) return null
  const now = systemClock.now()
  const usage = await dayUsage(folders, now)
  const at = againAt(record, {
    now: new Date(now),
    slot,
    tries,
    resetsAt: usage?.resets_at ?? null,
    schedule,
  })
  if (at !== null) {
    tell(
      pipeline,
      `goes on at ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    )
  }
  return at
}

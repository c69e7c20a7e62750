import { join } from 'node:path'
import type { Command } from 'commander'
import { exitCode, PipelineError } from '../error.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import {
  type CommandContext,
  colored,
  printable,
  printDocument,
  settings,
  table,
} from './output.js'

/** One file of the list: a pipeline, or why it is none. */
interface Entry {
  readonly name: string
  readonly file: string
  readonly pipeline: Pipeline | null
  readonly error: PipelineError | null
}

export function registerList(program: Command, context: CommandContext) {
  program
    .command('list')
    .alias('ls')
    .description('show the pipelines of this project')
    .action((_options: unknown, command: Command) => list(command, context))
}

async function list(command: Command, context: CommandContext): Promise<void> {
  const options = settings(command, context)
  const entries = await load(join(options.projectDir, 'pipelines'), context)
  if (options.json) {
    printDocument(context, { pipelines: entries.map(documentOf) })
  } else {
    const text = linesOf(entries, options.color).join('\n')
    context.stdout.write(`${text}\n`)
  }
  const isBroken = entries.some(({ error }) => error !== null)
  if (isBroken) context.exit(exitCode.badInput)
}

/** Loads every file without secrets; a broken one does not hide the rest. */
async function load(folder: string, context: CommandContext): Promise<Entry[]> {
  const { loadPipeline, seenFrom } = await import('../pipeline/load.js')
  const { listPipelines } = await import('../pipeline/select.js')
  const names = await listPipelines(folder)
  return Promise.all(
    names.map(async (name): Promise<Entry> => {
      const path = join(folder, `${name}.yml`)
      const file = seenFrom(context.cwd, path)
      const options = { secrets: 'ignored', base: context.cwd } as const
      try {
        const { pipeline } = await loadPipeline(path, context.env, options)
        return { name, file, pipeline, error: null }
      } catch (error) {
        if (!(error instanceof PipelineError)) throw error
        return { name, file, pipeline: null, error }
      }
    }),
  )
}

function documentOf({ name, file, pipeline, error }: Entry) {
  if (pipeline === null) {
    const { code, message, details } = error ?? {}
    return { name, file, status: 'error', error: { code, message, details } }
  }
  const { description, owner, groups, marketo, load: policy } = pipeline
  return {
    name,
    file,
    status: 'ok',
    description,
    owner,
    groups,
    marketo: marketo.kind,
    services: pipeline.services.map((each) => ({
      name: each.name,
      type: each.type,
      list: each.list?.list ?? null,
    })),
    apply: policy.apply,
    schedule: pipeline.schedule,
  }
}

const header = [
  'name',
  'groups',
  'owner',
  'services',
  'apply',
  'schedule',
  'description',
]

function linesOf(entries: readonly Entry[], color: boolean): string[] {
  if (entries.length === 0) {
    return ['There is no pipeline yet; make one with: pipeline init NAME']
  }
  const good = entries.flatMap(({ pipeline }) => pipeline ?? [])
  const bad = entries.flatMap(({ name, error }) =>
    error === null ? [] : [brokenLine(name, error, color)],
  )
  return [...(good.length > 0 ? table(header, good.map(row)) : []), ...bad]
}

function row(pipeline: Pipeline): string[] {
  const { schedule } = pipeline
  return [
    pipeline.name,
    pipeline.groups.join(' ') || '-',
    pipeline.owner || '-',
    pipeline.services.map(({ name }) => name).join(' ') || '-',
    pipeline.load.apply,
    schedule === null ? '-' : `${schedule.cron} ${schedule.timezone}`,
    pipeline.description,
  ]
}

/** The first mistake; the others come when that one is corrected. */
function brokenLine(name: string, error: PipelineError, color: boolean) {
  const [first = '', ...more] = error.message.split('\n')
  const rest = more.length > 0 ? ` (and ${more.length} more)` : ''
  return `${colored('error', 'failed', color)}  ${name}: ${printable(first)}${rest}`
}

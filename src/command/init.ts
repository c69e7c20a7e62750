import { access, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { asError, badInput, exitCode, PipelineError } from '../error.js'
import { completeProject } from './new-project.js'
import { type CommandContext, printDocument, settings } from './output.js'

export function registerInit(program: Command, context: CommandContext) {
  program
    .command('init')
    .argument('<name>', 'name of the new pipeline')
    .description('write a commented starter file, pipelines/NAME.yml')
    .option(
      '--from <rules>',
      'begin with ready rules, such as those of Salesforce; a wrong name lists them',
    )
    .option('--sandbox', 'against a simulator with made-up leads')
    .action((name: string, flags: InitFlags, command: Command) =>
      init(name, flags, { command, context }),
    )
}

interface InitFlags {
  readonly from?: string
  readonly sandbox?: boolean
}

async function init(
  name: string,
  { from, sandbox: isSandbox = false }: InitFlags,
  { command, context }: { command: Command; context: CommandContext },
): Promise<void> {
  const options = settings(command, context)
  const { pipelineFile } = await import('../pipeline/select.js')
  const { seenFrom } = await import('../pipeline/load.js')
  const folder = join(options.projectDir, 'pipelines')
  const path = pipelineFile(folder, name)
  const file = seenFrom(context.cwd, path)
  const { connectionVariables, starterText } = await import(
    '../pipeline/starter.js'
  )
  const text = await starterText(name, { from: from ?? null, isSandbox })
  await create(path, text, file)
  const made = await completeProject(options.projectDir)
  const variables = connectionVariables(name)
  const needed = isSandbox ? [] : variables
  if (options.json) {
    const written = { name, file, made, variables: needed }
    printDocument(context, { status: 'done', ...written })
    return
  }
  const all = [file, ...made].join(', ')
  context.stdout.write(
    isSandbox ? sandboxSteps(name, all) : nextSteps(name, all, variables),
  )
}

/** Never overwrites: `wx` fails where the file exists, however it got there. */
async function create(path: string, text: string, file: string): Promise<void> {
  const write = async () => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
  }
  await write().catch(async (thrown: unknown) => {
    const error = asError(thrown)
    const isTaken = await access(path).then(
      () => true,
      () => false,
    )
    if (!isTaken) throw unwritable(error, file)
    throw badInput(
      'file_exists',
      `${file} exists already and was left as it is; choose another name or edit it.`,
      { file },
    )
  })
}

function unwritable(error: Error, file: string): PipelineError {
  if (error instanceof PipelineError) return error
  const why = error.message.split(',')[0] ?? ''
  return new PipelineError(
    'machine',
    `${file} cannot be written (${why}); check the folder, or give another with --project-dir.`,
    { exit: exitCode.machine, cause: error },
  )
}

function sandboxSteps(name: string, file: string): string {
  return `Wrote ${file}. Next:
  1. Check:       pipeline debug ${name}
  2. Look first:  pipeline run ${name}    (it stops at the plan)
  3. Decide what is doubtful:  pipeline review ${name}
`
}

function nextSteps(
  name: string,
  file: string,
  variables: readonly string[],
): string {
  const [endpoint, id, secret] = variables
  return `Wrote ${file}. Next:
  1. In Marketo, Admin > LaunchPoint, make a custom service for an API-only
     user whose role may read and write leads and read activities.
  2. Set these variables (Admin > Web Services shows the endpoint):
       ${endpoint}        https://123-ABC-456.mktorest.com
       ${id}
       ${secret}
  3. Check:       pipeline debug ${name}
  4. Look first:  pipeline run ${name}    (it stops at the plan)
`
}

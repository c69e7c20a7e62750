import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock, instant } from '../clock.js'
import { badInput, exitCode, PipelineError } from '../error.js'
import { counted, formatBytes } from '../format.js'
import type { Manifest } from '../schedule/state-file.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'

interface StateFlags {
  readonly save?: string
  readonly restore?: string
}

/** Where the secret is that seals the file. */
const keyVariable = 'PIPELINE_STATE_KEY'

export function registerState(program: Command, context: CommandContext): void {
  const command = program
    .command('state')
    .description("keep a pipeline's folder as one encrypted file, or take it")
    .argument('<name>', 'a pipeline')
    .option('--save <file>', 'write the state, sealed by PIPELINE_STATE_KEY')
    .option('--restore <file>', 'take it, where no state is yet')
  command.action(async (name: string, flags: StateFlags) => {
    await state(name, flags, settings(command, context), context)
  })
}

async function state(
  name: string,
  { save, restore }: StateFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  if ((save === undefined) === (restore === undefined)) {
    throw badInput('option', 'Give --save FILE or --restore FILE.')
  }
  const { selectPipelines } = await import('../pipeline/select.js')
  const folder = join(options.projectDir, 'pipelines')
  await selectPipelines(folder, { names: [name], all: false })
  await refuseBusy(name, options)
  const file = resolve(context.cwd, save ?? restore ?? '')
  const manifest =
    save === undefined
      ? await take(name, file, options, context)
      : await keep(name, file, options, context)
  const bytes = manifest.files.reduce((sum, { size }) => sum + size, 0)
  if (options.json) {
    printDocument(context, { ...manifest, files: manifest.files.length, bytes })
    return
  }
  const size = `${counted(manifest.files.length, 'file')}, ${formatBytes(bytes)}`
  context.stdout.write(
    save === undefined
      ? `${name} goes on from its state of ${manifest.saved_at} (${size}).\n`
      : `The state of ${name} is kept in ${file} (${size}, encrypted).\n`,
  )
}

async function refuseBusy(name: string, options: Settings): Promise<void> {
  const { activity } = await import('../run/stop-request.js')
  if ((await activity(options.projectDir, name)).kind === 'idle') return
  throw new PipelineError(
    'locked',
    `${name} is in use, so its state is not whole; wait for its end (pipeline status ${name}) and try again.`,
    { exit: exitCode.locked, recovery: 'wait' },
  )
}

function secretOf({ env }: CommandContext): string {
  const secret = env[keyVariable] ?? ''
  if (secret !== '') return secret
  throw badInput(
    'state_key',
    `The environment variable ${keyVariable} is not set; it seals the state, which holds leads. Make one with: openssl rand -base64 32`,
  )
}

async function keep(
  name: string,
  file: string,
  { projectDir }: Settings,
  context: CommandContext,
): Promise<Manifest> {
  const { saveState, stateFiles } = await import('../schedule/state-file.js')
  const { toolVersion } = await import('../run/version.js')
  const { root } = await foldersFor(name, projectDir)
  if (!existsSync(root)) {
    throw badInput('no_state', `${name} has not run yet, so it has no state.`)
  }
  const files = (await stateFiles(root)).map((path) => ({
    path,
    from: join(root, path),
  }))
  const match = matchFile(name, projectDir)
  const learned = existsSync(match) ? [{ path: learnedName, from: match }] : []
  return await saveState(file, [...files, ...learned], {
    pipeline: name,
    saved_at: instant(systemClock),
    tool_version: toolVersion(),
    secret: secretOf(context),
  })
}

async function take(
  name: string,
  file: string,
  { projectDir }: Settings,
  context: CommandContext,
): Promise<Manifest> {
  const { restoreState } = await import('../schedule/state-file.js')
  const { root } = await foldersFor(name, projectDir)
  if (existsSync(join(root, 'log'))) {
    throw badInput(
      'state_exists',
      `${name} has a state here (${root}), which is not replaced; move it away first.`,
    )
  }
  const fresh = `${root}.restore-${process.pid}`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true, mode: 0o700 })
  try {
    const secret = secretOf(context)
    const manifest = await restoreState(file, fresh, { pipeline: name, secret })
    await takeLearned(name, fresh, projectDir)
    await rm(root, { recursive: true, force: true })
    await rename(fresh, root)
    return manifest
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** What matching has learned lies beside the pipeline file. */
const learnedName = 'learned.match.json'

function matchFile(name: string, projectDir: string): string {
  return join(projectDir, 'pipelines', `${name}.match.json`)
}

/** One under version control outranks the one that was kept. */
async function takeLearned(
  name: string,
  fresh: string,
  projectDir: string,
): Promise<void> {
  const kept = join(fresh, learnedName)
  if (!existsSync(kept)) return
  const place = matchFile(name, projectDir)
  if (existsSync(place)) await rm(kept)
  else await rename(kept, place)
}

async function foldersFor(name: string, projectDir: string) {
  const { foldersOf } = await import('../run/folder.js')
  return foldersOf(projectDir, name)
}

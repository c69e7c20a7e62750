import { join } from 'node:path'
import type { Command } from 'commander'
import type { LoadedPipeline } from '../pipeline/load.js'
import { counted } from '../format.js'
import {
  type Check,
  failedBy,
  passed,
  skipped,
  worstExit,
} from '../run/check.js'
import {
  envFileCheck,
  folderCheck,
  nodeCheck,
  warehouseCheck,
} from './debug-check.js'
import {
  type CommandContext,
  colored,
  printable,
  printDocument,
  type Settings,
  settings,
} from './output.js'
import { padded } from './width.js'

export function registerDebug(program: Command, context: CommandContext) {
  program
    .command('debug')
    .argument('<name>', 'name of the pipeline')
    .description('check file, credentials, permission, fields and quota')
    .action((name: string, _options: unknown, command: Command) =>
      debug(name, settings(command, context), context),
    )
}

async function debug(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const checks = await everyCheck(name, options, context)
  const exit = worstExit(checks)
  if (options.json) {
    const status = exit === 0 ? 'ok' : 'failed'
    printDocument(context, { pipeline: name, status, exit_code: exit, checks })
  } else {
    const lines = checks.flatMap((check) => checkLines(check, options.color))
    context.stdout.write(`${lines.join('\n')}\n${verdict(checks)}\n`)
  }
  if (exit !== 0) context.exit(exit)
}

async function everyCheck(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<Check[]> {
  const { loaded, checks } = await fileChecks(name, options, context)
  const local = [
    nodeCheck(process.versions.node),
    await folderCheck(options.projectDir),
    ...checks,
    ...(await envFileCheck(options.projectDir)),
    await warehouseCheck(options.projectDir, name),
  ]
  if (loaded === null) return [...local, skipped('endpoint', 'not reached')]
  const { marketoChecks } = await import('../run/marketo-check.js')
  return [...local, ...(await marketoChecks(loaded))]
}

/** The file by itself, then with its environment. */
async function fileChecks(
  name: string,
  options: Settings,
  context: CommandContext,
): Promise<{ loaded: LoadedPipeline | null; checks: Check[] }> {
  const { loadPipeline } = await import('../pipeline/load.js')
  const { pipelineFile, selectPipelines } = await import(
    '../pipeline/select.js'
  )
  const folder = join(options.projectDir, 'pipelines')
  // A misspelt name is no check that failed, but a wrong command.
  await selectPipelines(folder, { names: [name], all: false })
  const file = pipelineFile(folder, name)
  const load = (secrets: 'required' | 'ignored') =>
    loadPipeline(file, context.env, { secrets, base: context.cwd })
  const checks: Check[] = []
  try {
    const { pipeline } = await load('ignored')
    const services = counted(pipeline.services.length, 'service')
    checks.push(passed('file', `${pipeline.file}, ${services}`))
  } catch (thrown) {
    checks.push(failedBy('file', thrown))
    return { loaded: null, checks }
  }
  try {
    const loaded = await load('required')
    checks.push(passed('environment', environmentText(loaded)))
    const { sourceCheck } = await import('../run/source-check.js')
    checks.push(...(await sourceCheck(loaded, options.projectDir)))
    return { loaded, checks }
  } catch (thrown) {
    checks.push(failedBy('environment', thrown))
    return { loaded: null, checks }
  }
}

function environmentText({ pipeline }: LoadedPipeline): string {
  return pipeline.marketo.kind === 'sandbox'
    ? 'a sandbox needs no variables'
    : 'every variable is set'
}

const nameWidth = 13

/** A message of several lines stays under its own column. */
function checkLines(check: Check, color: boolean): string[] {
  const [first = '', ...rest] = check.text.split('\n').map(printable)
  const status = colored(padded(check.status, 8), check.status, color)
  const indent = ' '.repeat(2 + 8 + nameWidth)
  return [
    `  ${status}${padded(check.check, nameWidth)}${first}`,
    ...rest.map((line) => `${indent}${line}`),
  ]
}

function verdict(checks: readonly Check[]): string {
  const bad = checks.filter(({ status }) => status === 'failed').length
  if (bad > 0) return `${counted(bad, 'check')} failed.`
  const warnings = checks.filter(({ status }) => status === 'warn').length
  return warnings > 0
    ? `Ready, with ${counted(warnings, 'warning')}.`
    : 'Everything is ready.'
}

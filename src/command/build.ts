import type { Command } from 'commander'
import { instant, systemClock } from '../clock.js'
import { exitCode } from '../error.js'
import type { ModelResult } from '../model/build.js'
import type { TestResult } from '../model/check.js'
import {
  type ModelWork,
  type SelectFlags,
  selectedNames,
  withModels,
} from './model.js'
import { counted, formatDuration } from '../format.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
  table,
} from './output.js'

export function registerBuild(program: Command, context: CommandContext): void {
  register(program, context, {
    name: 'build',
    description: 'build the models over what was landed, and test them',
    isTestOnly: false,
  })
}

export function registerTest(program: Command, context: CommandContext): void {
  register(program, context, {
    name: 'test',
    description: 'test the models that were built',
    isTestOnly: true,
  })
}

interface Verb {
  readonly name: string
  readonly description: string
  readonly isTestOnly: boolean
}

function register(program: Command, context: CommandContext, verb: Verb): void {
  program
    .command(verb.name)
    .description(verb.description)
    .argument('<name>', 'pipeline')
    .option(
      '-s, --select <selection...>',
      'models, as dbt selects: +model+, tag:, path:',
    )
    .option('--exclude <selection...>', 'models to leave out')
    .action(async (name: string, flags: SelectFlags, command: Command) => {
      const options = settings(command, context)
      await withModels(
        name,
        options,
        context,
        (work) => buildOrTest(work, verb, flags, options, context),
        { rereads: !verb.isTestOnly },
      )
    })
}

async function buildOrTest(
  { loaded, warehouse, compiled, target }: ModelWork,
  verb: Verb,
  flags: SelectFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const { testAll } = await import('../run/model.js')
  const { buildMatched } = await import('../run/match.js')
  const { writeArtifacts } = await import('../model/artifact.js')
  const names = await selectedNames(compiled, flags)
  const shown = options.json || options.quiet
  const say = (text: string) => {
    if (!shown) context.stdout.write(`${text}\n`)
  }
  const request = {
    names,
    signal: new AbortController().signal,
    clock: systemClock,
    onModel: (result: ModelResult, done: number, total: number) =>
      say(modelLine(result, done, total)),
    onTest: (result: TestResult, done: number, total: number) =>
      say(testLine(result, done, total)),
  }
  const models = verb.isTestOnly
    ? []
    : await buildMatched(warehouse, compiled, request, {
        pipeline: loaded.pipeline,
        projectDir: options.projectDir,
        clock: systemClock,
        note: say,
      })
  const tests = await testAll(warehouse, compiled, request, models)
  const at = instant(systemClock)
  await writeArtifacts(target, { compiled, models, tests, at })
  if (options.json) printDocument(context, { models, tests })
  else say(`\n${footer(models, tests)}`)
  if (hasFailed(models, tests)) context.exit(exitCode.failed)
}

function modelLine(result: ModelResult, done: number, total: number): string {
  const word = { success: 'OK', error: 'ERROR', skipped: 'SKIP' }[result.status]
  const what = result.status === 'success' ? '' : `  ${result.message}`
  return `${done} of ${total}  ${result.model}  [${word} ${result.message === 'view' ? 'view ' : ''}in ${formatDuration(result.seconds)}]${what}`
}

function testLine(result: TestResult, done: number, total: number): string {
  const word = result.status.toUpperCase()
  const count = result.failures > 0 ? ` ${result.failures}` : ''
  const what = result.status === 'error' ? `  ${result.message}` : ''
  return `${done} of ${total}  ${result.test}  [${word}${count}]${what}`
}

function hasFailed(
  models: readonly ModelResult[],
  tests: readonly TestResult[],
): boolean {
  return (
    models.some(({ status }) => status !== 'success') ||
    tests.some(({ status }) => status === 'fail' || status === 'error')
  )
}

function footer(
  models: readonly ModelResult[],
  tests: readonly TestResult[],
): string {
  const statuses = [...models, ...tests].map(({ status }) => status)
  const count = (...wanted: string[]) =>
    statuses.filter((status) => wanted.includes(status)).length
  return [
    'Done.',
    `PASS=${count('success', 'pass')}`,
    `WARN=${count('warn')}`,
    `ERROR=${count('error', 'fail')}`,
    `SKIP=${count('skipped')}`,
    `TOTAL=${statuses.length}`,
    `(${counted(models.length, 'model')}, ${counted(tests.length, 'test')})`,
  ].join(' ')
}

/** Rows of a query as an aligned table. */
export function rowTable(rows: readonly Record<string, unknown>[]): string[] {
  const [first] = rows
  if (first === undefined) return ['no rows']
  const columns = Object.keys(first)
  return table(
    columns,
    rows.map((row) => columns.map((column) => cell(row[column]))),
  )
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { registerApply } from './command/apply.js'
import { registerBuild, registerTest } from './command/build.js'
import { registerCompile } from './command/compile.js'
import { registerConsole } from './command/console.js'
import { registerShow } from './command/show.js'
import { registerDebug } from './command/debug.js'
import { registerEvaluate } from './command/evaluate.js'
import { registerExtract } from './command/extract.js'
import { registerInit } from './command/init.js'
import { registerList } from './command/list.js'
import { registerLog } from './command/log.js'
import {
  type CommandContext,
  printDocument,
  settings,
} from './command/output.js'
import { registerPlan } from './command/plan.js'
import { registerReview } from './command/review.js'
import { registerReport } from './command/report.js'
import { registerRestore } from './command/restore.js'
import { registerRun } from './command/run.js'
import { registerSandbox } from './command/sandbox.js'
import { registerSchedule } from './command/schedule.js'
import { registerSchema } from './command/schema.js'
import { registerStop } from './command/stop.js'
import { registerState } from './command/state.js'
import { registerStatus } from './command/status.js'
import { registerWhy } from './command/why.js'
import { asError, asMachineError, exitCode, PipelineError } from './error.js'
import type { ExitCode } from './error.js'
import { withEnvFile } from './pipeline/env-file.js'

/**
 * Every verb. These modules are loaded at each start, so they import nothing
 * heavy at the top: real work is imported inside their actions.
 */
const verbs: readonly ((program: Command, context: CommandContext) => void)[] =
  [
    registerInit,
    registerList,
    registerDebug,
    registerRun,
    registerStop,
    registerExtract,
    registerPlan,
    registerApply,
    registerBuild,
    registerTest,
    registerCompile,
    registerShow,
    registerReview,
    registerEvaluate,
    registerRestore,
    registerWhy,
    registerStatus,
    registerLog,
    registerConsole,
    registerSchedule,
    registerReport,
    registerState,
    registerSandbox,
    registerSchema,
  ]

/** The command tree; nothing runs until it is given arguments. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('pipeline')
    .description(
      'Extract leads from Marketo, find duplicates, plan and apply merges.',
    )
    .version(version())
    .option('--project-dir <folder>', 'where pipelines/ and models/ are', '.')
    .option('--json', 'print one JSON document instead of text')
    .option('-q, --quiet', 'print the result only, no progress')
    .option('--no-color', 'no colours (or set NO_COLOR)')
    .option('-d, --debug', 'show the stack of an unexpected error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, '')),
      getOutHelpWidth: () => context.columns,
      getErrHelpWidth: () => context.columns,
    })
    .showHelpAfterError('(--help shows the options)')
    .exitOverride()
  for (const register of verbs) register(program, context)
  return program
}

/**
 * Runs one command line (without node and script) and returns its exit code.
 * Never throws.
 */
export async function runProgram(
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  let code: ExitCode = exitCode.done
  let hasPrinted = false
  const typed = asTyped(args, context.env)
  let projectDir: string | null = null
  const watched: CommandContext = {
    ...context,
    processEnv: context.env,
    // Asked each time: credentials may be rotated while the console runs.
    get env() {
      return projectDir === null
        ? context.env
        : withEnvFile(context.env, projectDir)
    },
    // Asked each time, because a terminal can be resized during a run.
    get columns() {
      return context.columns
    },
    stdout: {
      write(text) {
        hasPrinted = true
        return context.stdout.write(typed(text))
      },
    },
    stderr: { write: (text) => context.stderr.write(typed(text)) },
    exit(wanted) {
      code = wanted
      context.exit(wanted)
    },
  }
  try {
    const program = createProgram(watched)
    program.hook('preAction', (_, command) => {
      projectDir = settings(command, context).projectDir
    })
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (thrown) {
    const wantsDocument = args.includes('--json') && !hasPrinted
    if (thrown instanceof CommanderError) {
      return commanderExit(thrown, context, wantsDocument)
    }
    const error = asMachineError(thrown, 'The command')
    await report(error, args, watched, wantsDocument)
    const failed =
      error instanceof PipelineError ? error.exit : exitCode.unexpected
    context.exit(failed)
    return failed
  }
}

const verbNames =
  'init|list|debug|run|plan|apply|extract|build|test|compile|show|review|evaluate|restore|why|status|stop|log|schedule|report|state|console|sandbox'

/**
 * Commands in messages as this person has to type them: in a fresh checkout
 * `pipeline` is on nobody's path, and npx finds it.
 */
function asTyped(
  args: readonly string[],
  env: CommandContext['env'],
): (text: string) => string {
  const isNpx = env['npm_lifecycle_event'] === 'npx'
  if (!isNpx || args.includes('--json')) return (text) => text
  const command = new RegExp(
    `(?<![\\w/-])pipeline (?=(?:${verbNames})\\b)`,
    'g',
  )
  return (text) => text.replace(command, 'npx pipeline ')
}

/** Commander has printed its message; help and version are no errors. */
function commanderExit(
  error: CommanderError,
  context: CommandContext,
  wantsDocument: boolean,
): ExitCode {
  const code = error.exitCode === 0 ? exitCode.done : exitCode.badInput
  if (wantsDocument && code !== exitCode.done) {
    const message = error.message.replace(/^error: /, '')
    printDocument(context, failure(code, error.code, message, {}))
  }
  context.exit(code)
  return code
}

/** Says what went wrong: on stderr, and to machines in one document. */
async function report(
  thrown: Error,
  args: readonly string[],
  context: CommandContext,
  wantsDocument: boolean,
): Promise<void> {
  const known = thrown instanceof PipelineError ? thrown : null
  const message = known?.message ?? (await unexpected(thrown, args, context))
  context.stderr.write(`${message}\n`)
  if (!wantsDocument) return
  const code = known?.exit ?? exitCode.unexpected
  const details = known?.details ?? {}
  const word = known?.code ?? 'unexpected'
  printDocument(context, failure(code, word, message, details))
}

/** The document of a command that failed before it had one of its own. */
function failure(
  exit: ExitCode,
  code: string,
  message: string,
  details: PipelineError['details'],
) {
  const error = { code, message, details }
  return { status: 'failed', exit_code: exit, error }
}

/**
 * The text of a foreign error may quote a request, so the values of secret
 * variables are taken out of it.
 */
async function unexpected(
  error: Error,
  args: readonly string[],
  context: CommandContext,
): Promise<string> {
  const wantsStack = args.includes('--debug') || args.includes('-d')
  const { redactor } = await import('./log.js')
  const hide = redactor(secretValues(context.env))
  const sentence = `Unexpected error: ${asError(error).message}`
  return hide(
    wantsStack
      ? `${sentence}\n${error.stack ?? ''}`
      : `${sentence} This is a fault in the pipeline tool; run the command again with --debug to see where it happened.`,
  )
}

function secretValues(env: CommandContext['env']): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && /SECRET|TOKEN|PASSWORD|WEBHOOK|CLIENT_ID/i.test(name)
      ? [value]
      : [],
  )
}

function version(): string {
  const file = new URL('../package.json', import.meta.url)
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof content === 'object' && content && 'version' in content
    ? String(content.version)
    : 'unknown'
}

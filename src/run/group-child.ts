/** A run as a process of this command's own, for several at the same time. */
import { spawn } from 'node:child_process'
import { exitCode, type ExitCode, PipelineError } from '../error.js'
import { type GroupResult, refused, resultOf } from './group.js'
import { programFile } from './program-process.js'
import { foldersOf } from './folder.js'
import { readRecord } from './record.js'

export interface ChildRun {
  readonly projectDir: string
  readonly pipeline: string
  /** Options of `run`, without names. */
  readonly options: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborted when the whole command is asked to stop. */
  readonly signal: AbortSignal
}

/** Runs one pipeline in a process and gives what came of it. */
export async function childRun(run: ChildRun): Promise<GroupResult> {
  const { projectDir, pipeline, signal } = run
  const where = ['--project-dir', projectDir, '--json', '--quiet']
  const child = spawn(
    process.execPath,
    [programFile(), ...where, 'run', pipeline, ...run.options],
    { cwd: run.cwd, env: { ...run.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const stop = () => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    const [code, printed, said] = await Promise.all([
      new Promise<number | null>((done, failed) => {
        child.once('error', failed)
        child.once('close', done)
      }),
      textOf(child.stdout),
      textOf(child.stderr),
    ])
    const record = recordIn(printed, projectDir, pipeline)
    if (record !== null) return resultOf(record)
    return refused(pipeline, failureOf(code, said))
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** What `--json` printed names the run; its record is the file. */
function recordIn(printed: string, projectDir: string, pipeline: string) {
  const id = /^ {2}"run_id": "([\d-]+[0-9a-f]{4})",$/m.exec(printed)?.[1]
  if (id === undefined) return null
  return readRecord(foldersOf(projectDir, pipeline).log, id)
}

function failureOf(code: number | null, said: string): Error {
  const known: ExitCode =
    Object.values(exitCode).find((exit) => exit === code) ?? exitCode.unexpected
  const message =
    said.trim() === '' ? 'The run ended without a word.' : said.trim()
  return new PipelineError('run_refused', message, {
    exit: known === exitCode.done ? exitCode.unexpected : known,
  })
}

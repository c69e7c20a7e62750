/** Starting a run as a process of its own, which outlives its starter. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../clock.js'
import { type ExitCode, exitCode, PipelineError } from '../error.js'
import { foldersOf, makeFolders } from './folder.js'
import { spawnProgram } from './program-process.js'
import { readRecord, recordedRuns } from './record.js'

export interface LaunchRequest {
  /** Absolute path of the folder with pipelines/ and models/. */
  readonly projectDir: string
  readonly pipeline: string
  /** What to do; default `run NAME`. For example `apply NAME --plan HASH`. */
  readonly command?: readonly string[]
  /** The environment with the secrets that the pipeline file refers to. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where paths in the pipeline's messages go from; default: projectDir. */
  readonly cwd?: string
  readonly clock?: Clock
  /** Milliseconds to wait for the run to begin; default 60,000. */
  readonly limit?: number
}

export interface Launched {
  readonly runId: string
  readonly pid: number
  /** Private file with all that the process prints. */
  readonly output: string
  /** The exit code, null where it was killed; only while this process lives. */
  readonly ended: Promise<number | null>
}

/**
 * Starts a run that goes on when this process ends. Returns as soon as the
 * run has a record. Throws with the exit code and the words of a process that
 * ended before that, for example `locked` (9) or `bad input` (3).
 */
export async function launchRun(request: LaunchRequest): Promise<Launched> {
  const { projectDir, pipeline, clock = systemClock } = request
  const folders = foldersOf(projectDir, pipeline)
  makeFolders(folders)
  const stamp = new Date(clock.now()).toISOString().replace(/\D/g, '')
  const name = `launch-${stamp}-${process.pid}.out`
  const output = join(folders.log, name)
  const known = new Set(recordedRuns(folders.log))
  const child = spawnProgram({
    projectDir,
    words: request.command ?? ['run', pipeline],
    env: request.env,
    cwd: request.cwd ?? projectDir,
    output,
  })
  const ended = endOf(child)
  const ends = clock.monotonic() + (request.limit ?? 60_000)
  let code: number | null | undefined
  void ended.then((value) => (code = value))
  for (;;) {
    const isOver = code !== undefined
    const runId = recordOf(folders.log, known, child.pid ?? -1)
    if (runId !== null) {
      child.unref()
      const kept = join(folders.log, `${runId}.out`)
      renameSync(output, kept)
      return { runId, pid: child.pid ?? -1, output: kept, ended }
    }
    if (isOver) throw diedAtOnce(pipeline, code ?? null, output)
    if (clock.monotonic() >= ends) throw tooSlow(child, pipeline, output)
    await clock.sleep(50)
  }
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => {
    child.once('exit', (code) => done(code))
    child.once('error', () => done(exitCode.machine))
  })
}

/** The record that this process began, among those that were not there. */
function recordOf(
  folder: string,
  known: ReadonlySet<string>,
  pid: number,
): string | null {
  const fresh = recordedRuns(folder).filter((id) => !known.has(id))
  return fresh.find((id) => readRecord(folder, id)?.pid === pid) ?? null
}

function diedAtOnce(
  pipeline: string,
  code: number | null,
  output: string,
): PipelineError {
  const said = readFileSync(output, 'utf8').trim().slice(-2000)
  rmSync(output, { force: true })
  const exit = knownExit(code)
  const words = said === '' ? 'It said nothing.' : said
  return new PipelineError(
    exit === exitCode.locked ? 'locked' : 'launch_failed',
    `The run of ${pipeline} did not begin (exit ${code ?? 'by a signal'}). ${words}`,
    { exit, details: { pipeline } },
  )
}

function knownExit(code: number | null): ExitCode {
  const found = Object.values(exitCode).find((known) => known === code)
  return found === undefined || found === exitCode.done
    ? exitCode.unexpected
    : found
}

/** It may still begin, so it is left alone rather than killed half-way. */
function tooSlow(
  child: ChildProcess,
  pipeline: string,
  output: string,
): PipelineError {
  child.unref()
  return new PipelineError(
    'launch_slow',
    `The run of ${pipeline} was started (process ${child.pid ?? '?'}) and has not begun yet; what it prints is in ${output}, and pipeline status ${pipeline} shows it when it has.`,
    { exit: exitCode.machine, recovery: 'wait', details: { pipeline } },
  )
}

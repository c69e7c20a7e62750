/** The shipped binary, the sandbox as a process of its own, and projects. */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type * as Program from '../../src/program.js'
import { capture } from '../command/invoke.js'

const binary = resolve('dist/cli.js')

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
}

type Environment = Readonly<Record<string, string>>

/** Starts `pipeline …` and collects what it prints. */
export function start(args: readonly string[], env: Environment = {}): Started {
  const child = spawn(process.execPath, [binary, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const finished = new Promise<Finished>((done) => {
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }))
  })
  return { process: child, finished }
}

/**
 * `pipeline …` as it is shipped, in this process: starting one costs as much
 * as a run of a small base. What has to be a process is started by `start`.
 */
export async function pipeline(
  args: readonly string[],
  env: Environment = {},
): Promise<Finished> {
  const shipped = resolve('dist/program.js')
  const { runProgram } = (await import(shipped)) as typeof Program
  const { context, written } = capture({
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env },
    columns: 80,
  })
  const code = await runProgram(args, context)
  return { code, signal: null, ...written }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A project with this product's models and the given pipeline files. */
export function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'pipelines'))
  cpSync(resolve('models'), join(folder, 'models'), { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'pipelines', `${name}.yml`), text)
  }
  return folder
}

export interface SandboxProcess {
  readonly endpoint: string
  readonly timeScale: number
  /** What a pipeline file's references need. */
  readonly env: Environment
  stop(): Promise<void>
}

/** `pipeline sandbox …` until the test ends. */
export async function sandbox(
  args: readonly string[],
): Promise<SandboxProcess> {
  const { process: child, finished } = start(['sandbox', ...args])
  const stop = async () => {
    child.kill('SIGTERM')
    await finished
  }
  onTestFinished(stop)
  const line = await new Promise<string>((done, failed) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) done(text)
    })
    finished
      .then(({ stderr }) => failed(new Error(`The sandbox ended: ${stderr}`)))
      .catch(failed)
  })
  const ready = JSON.parse(line) as {
    endpoint: string
    client_id: string
    client_secret: string
    time_scale: number
  }
  return {
    endpoint: ready.endpoint,
    timeScale: ready.time_scale,
    env: {
      TEST_ENDPOINT: ready.endpoint,
      TEST_CLIENT_ID: ready.client_id,
      TEST_CLIENT_SECRET: ready.client_secret,
    },
    stop,
  }
}

/** The connection of a pipeline file to a sandbox process. */
export function connection(timeScale: number): string {
  return `marketo:
  endpoint: \${TEST_ENDPOINT}
  client_id: \${TEST_CLIENT_ID}
  client_secret: \${TEST_CLIENT_SECRET}
  time_scale: ${timeScale}
  budget: { calls_per_day: 50000, calls_per_20s: 90, concurrency: 8, export_mb_per_day: 500 }
`
}

export type StateLead = Readonly<Record<string, unknown>> & {
  readonly id: string
}

export interface State {
  readonly leads: readonly StateLead[]
  readonly merges: readonly {
    readonly survivor: string
    readonly losers: readonly string[]
  }[]
  readonly lists: readonly {
    readonly id: string
    readonly members: readonly string[]
  }[]
}

/** What the sandbox holds; not what our tables say. */
export async function state(endpoint: string): Promise<State> {
  const answer = await fetch(`${endpoint}/sandbox/state`)
  return (await answer.json()) as State
}

export function runFiles(folder: string, name: string): string[] {
  const log = join(folder, 'warehouse', name, 'log')
  try {
    return readdirSync(log).filter((file) => file.endsWith('.jsonl'))
  } catch {
    return []
  }
}

/** Text of the newest log, empty before there is one. */
export function newestLog(folder: string, name: string): string {
  const file = runFiles(folder, name).toSorted().at(-1)
  if (file === undefined) return ''
  return readFileSync(join(folder, 'warehouse', name, 'log', file), 'utf8')
}

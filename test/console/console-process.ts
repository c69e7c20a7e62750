/** The console as it is shipped: a process that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'

export interface ConsoleProcess {
  readonly url: string
  readonly tokens: { readonly viewer: string; readonly operator: string }
  readonly pid: number
  /** What it said on stderr. */
  said(): string
  /** At once, as by `kill -9`. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Starts `pipeline console` from dist; port 0 takes a free one. */
export async function consoleProcess(
  folder: string,
  port = 0,
): Promise<ConsoleProcess> {
  const where = ['--project-dir', folder, '--json', 'console']
  const child = spawn(
    process.execPath,
    [resolve('dist/cli.js'), ...where, '--port', String(port)],
    {
      env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir() },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const line = await new Promise<string>((done, failed) => {
    child.stdout.once('data', (chunk: Buffer) => done(chunk.toString()))
    child.once('exit', (code) =>
      failed(new Error(`The console ended (${String(code)}): ${said}`)),
    )
  })
  const { url, tokens } = JSON.parse(line) as Pick<
    ConsoleProcess,
    'url' | 'tokens'
  >
  return {
    url,
    tokens,
    pid: child.pid ?? -1,
    said: () => said,
    kill: () => ended(child, 'SIGKILL'),
    stop: () => ended(child, 'SIGTERM'),
  }
}

async function ended(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((done) => {
    child.once('exit', () => done())
    child.kill(signal)
  })
}

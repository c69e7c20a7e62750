import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandContext } from '../../src/command/output.js'
import type { ExitCode } from '../../src/error.js'

export interface Invocation {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

export interface World {
  readonly cwd?: string
  readonly env?: CommandContext['env']
  readonly isTerminal?: boolean
  readonly columns?: number
}

/** A context that keeps what is written. */
export function capture(world: World = {}) {
  const written = { stdout: '', stderr: '' }
  const context: CommandContext = {
    env: world.env ?? {},
    stdout: { write: (text) => void (written.stdout += text) },
    stderr: { write: (text) => void (written.stderr += text) },
    cwd: world.cwd ?? process.cwd(),
    isTerminal: world.isTerminal ?? false,
    columns: world.columns ?? 100,
    exit: () => {},
  }
  return { context, written }
}

/** Runs a command line in this process. */
export async function invoke(
  args: readonly string[],
  world: World = {},
): Promise<Invocation> {
  const { context, written } = capture(world)
  // Here, because who needs `capture` alone need not load the program.
  const { runProgram } = await import('../../src/program.js')
  const code = await runProgram(args, context)
  return { code, ...written }
}

/** A project folder with these pipeline files. */
export async function project(
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pipeline-'))
  await mkdir(join(folder, 'pipelines'))
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, 'pipelines', name), text)
  }
  return folder
}

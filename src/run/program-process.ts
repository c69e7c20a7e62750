/** The program as a process that outlives the one that starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface ProgramProcess {
  readonly projectDir: string
  /** A command with its arguments, such as `run NAME`. */
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where paths in its messages go from. */
  readonly cwd: string
  /** Made new and private, for all that it prints. */
  readonly output: string
}

export function spawnProgram({
  projectDir,
  words,
  env,
  cwd,
  output,
}: ProgramProcess): ChildProcess {
  const written = openSync(output, 'ax', 0o600)
  try {
    return spawn(
      process.execPath,
      [programFile(), '--project-dir', projectDir, ...words],
      {
        cwd,
        env: { ...env },
        detached: true,
        stdio: ['ignore', written, written],
      },
    )
  } finally {
    closeSync(written)
  }
}

/** The program of this process, or the built one where sources run. */
export function programFile(): string {
  const own = fileURLToPath(new URL('../cli.js', import.meta.url))
  if (existsSync(own)) return own
  return fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
}

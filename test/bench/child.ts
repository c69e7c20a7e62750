/** Runs phases and programs as processes of their own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured } from './measure.js'

export interface Report<T = unknown> extends Measured<T> {
  readonly peakMegabytes: number
}

/** What the program printed; throws with its messages where it failed. */
async function output(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const end = await new Promise<number | string | null>((done, failed) => {
    child.on('error', failed)
    child.on('close', (code, signal) => done(code ?? signal))
  })
  if (end === 0) return printed
  throw new Error(`${args.join(' ')} ended with ${end}: ${said}`)
}

export interface Phase {
  readonly who: 'ours' | 'bare'
  readonly name: string
}

/** The phase knows the shape of its own detail. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export async function runPhase<T>(
  { who, name }: Phase,
  folder: string,
  leads: number,
): Promise<Report<T>> {
  const script = fileURLToPath(new URL('phase.js', import.meta.url))
  const printed = await output([script, who, name, folder, String(leads)])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return JSON.parse(printed) as Report<T>
}

/** What a script of this folder prints as JSON, in a process of its own. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export async function runScript<T>(
  name: string,
  args: readonly string[],
): Promise<T> {
  const script = fileURLToPath(new URL(name, import.meta.url))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its shape
  return JSON.parse(await output([script, ...args])) as T
}

/** Seconds from start to end of a program. */
export async function wallSeconds(args: readonly string[]): Promise<number> {
  const started = performance.now()
  await output(args)
  return (performance.now() - started) / 1000
}

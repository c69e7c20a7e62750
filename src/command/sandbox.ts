import { InvalidArgumentError, Option, type Command } from 'commander'
import { badInput } from '../error.js'
import type { LeadSource } from '../sandbox/option.js'

interface Options {
  readonly leads?: string
  readonly count?: number
  readonly seed: number
  readonly port: number
  readonly state?: string
  readonly timeScale: number
}

/** `pipeline sandbox`: a Marketo on loopback until it is told to stop. */
export function registerSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('serve a simulated Marketo on this machine')
    .addOption(
      new Option('--leads <file>', 'leads: a CSV shaped like a bulk export'),
    )
    .addOption(
      new Option('--count <n>', 'generate this many leads instead')
        .argParser(whole(1, 5_000_000))
        .conflicts('leads'),
    )
    .option('--seed <n>', 'seed of everything random', whole(0, 2 ** 31), 1)
    .option('--port <n>', 'port; 0 takes a free one', whole(0, 65_535), 0)
    .option('--state <file>', 'keep the world in this file between starts')
    .option(
      '--time-scale <n>',
      'run its clock this many times faster',
      timeScale,
      1,
    )
    .action(run)
}

function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= low && number <= high) return number
    throw new InvalidArgumentError(`Give a whole number, ${low} to ${high}.`)
  }
}

function timeScale(text: string): number {
  const number = Number(text)
  if (number >= 1 && number <= 100_000) return number
  throw new InvalidArgumentError('Give a number, 1 to 100000.')
}

function sourceOf(options: Options): LeadSource {
  if (options.leads !== undefined) return { kind: 'file', path: options.leads }
  if (options.count === undefined) {
    throw badInput(
      'sandbox_leads',
      'The sandbox has no leads: give --leads FILE.csv, or --count N to generate some.',
    )
  }
  return { kind: 'generated', count: options.count, seed: options.seed }
}

async function run(options: Options): Promise<void> {
  const leads = sourceOf(options)
  const { startSandbox } = await import('../sandbox/sandbox.js')
  const sandbox = await startSandbox({
    leads,
    seed: options.seed,
    port: options.port,
    timeScale: options.timeScale,
    ...(options.state === undefined ? {} : { state: options.state }),
  })
  // Listened for before the line that tells others they may signal.
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  const ready = {
    endpoint: sandbox.endpoint,
    client_id: sandbox.clientId,
    client_secret: sandbox.clientSecret,
    time_scale: sandbox.timeScale,
  }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  await stopped
  await sandbox.close()
}
